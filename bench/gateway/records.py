"""What a run leaves behind: one JSON object per line, from which every table can be made again."""

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct
from msgspec.json import Decoder, encode

from load import Load


class Machine(Struct, frozen=True, tag="machine"):
    """Where and of what the run was made."""

    started_at: str
    cpu: str
    cores: int
    memory_gib: float
    kernel: str
    python: str
    commit: str
    gateway_core: int
    load_core: int
    quick: bool
    repetitions: int


class TargetRecord(Struct, frozen=True, tag="target"):
    """One target of the run; `skipped` says why it was left out."""

    name: str
    version: str = ""
    checks_key: bool = False
    records: str = ""
    skipped: str = ""


class Sample(Struct, frozen=True, tag="sample"):
    """One scenario at one target, once."""

    target: str
    scenario: str
    repetition: int
    load: Load
    rss_mib: float
    pss_mib: float
    foreign_cores: float
    """How many cores were busy with something else meanwhile."""
    upstream_requests: int
    upstream_connections: int

    @property
    def requests_per_s(self) -> float:
        """Whole answers per second."""
        return self.load.window.ok / self.load.seconds

    @property
    def chunks_per_s(self) -> float:
        """Events of streams per second."""
        return self.load.window.chunks / self.load.seconds

    @property
    def cpu_us_per_request(self) -> float:
        """The gateway's CPU time for one whole answer."""
        return 1e6 * self.load.gateway_cpu_s / self.load.window.ok

    @property
    def cpu_us_per_chunk(self) -> float:
        """The gateway's CPU time for one event, its stream's share of everything included."""
        return 1e6 * self.load.gateway_cpu_s / self.load.window.chunks

    @property
    def capacity(self) -> float:
        """Whole answers that one core's time is enough for, per second."""
        return 1e6 / self.cpu_us_per_request


class DiskRecord(Struct, frozen=True, tag="disk"):
    """What one durable write costs here; see disk.py."""

    repetition: int
    fdatasync_p50_us: float
    fdatasync_p99_us: float


class MemoryCurve(Struct, frozen=True, tag="memory"):
    """Resident memory after each step of many requests; see memory.py."""

    target: str
    requests: tuple[int, ...]
    rss_mib: tuple[float, ...]
    lost: int

    @property
    def growth_mib(self) -> float:
        """Over the second half of the requests, when caches and pools have their size."""
        half = len(self.rss_mib) // 2
        return self.rss_mib[-1] - self.rss_mib[half]


class Metering(Struct, frozen=True, tag="metering"):
    """What the meter says against what the load client saw, over everything that was sent to Weft."""

    requests_seen: int
    requests_metered: int
    input_tokens_seen: int
    input_tokens_metered: int
    output_tokens_seen: int
    output_tokens_metered: int

    @property
    def agrees(self) -> bool:
        """Whether not one request or token is missing or counted twice."""
        return (
            self.requests_seen == self.requests_metered
            and self.input_tokens_seen == self.input_tokens_metered
            and self.output_tokens_seen == self.output_tokens_metered
        )


Record = Machine | TargetRecord | Sample | DiskRecord | MemoryCurve | Metering

Figure = Callable[[Sample], float]


@dataclass(frozen=True, slots=True)
class Results:
    """All records of one run."""

    records: tuple[Record, ...]

    @property
    def machine(self) -> Machine:
        """The first line."""
        return next(record for record in self.records if isinstance(record, Machine))

    @property
    def targets(self) -> list[TargetRecord]:
        """In the order in which they were started."""
        return [record for record in self.records if isinstance(record, TargetRecord)]

    def samples(self, target: str | None = None, scenario: str | None = None) -> list[Sample]:
        """Those of a target, of a scenario, of both or all."""
        return [
            record
            for record in self.records
            if isinstance(record, Sample)
            and target in (None, record.target)
            and scenario in (None, record.scenario)
        ]

    def values(self, target: str, scenario: str, figure: Figure) -> list[float]:
        """One figure of each repetition in which anything came through."""
        return [
            figure(sample)
            for sample in self.samples(target, scenario)
            if (sample.load.window.chunks if sample.load.life.chunks else sample.load.window.ok)
        ]

    def median(self, target: str, scenario: str, figure: Figure) -> float | None:
        """The median over the repetitions."""
        values = self.values(target, scenario, figure)
        return statistics.median(values) if values else None

    def peak_rss_mib(self, target: str) -> float | None:
        """The most memory seen after any scenario."""
        return max((sample.rss_mib for sample in self.samples(target)), default=None)

    def find_disk(self, repetition: int) -> DiskRecord | None:
        """The quicker one of a repetition's probes: the disk is shared, and only ever slower than it is."""
        probes = [
            r for r in self.records if isinstance(r, DiskRecord) and r.repetition == repetition
        ]
        return min(probes, key=lambda probe: probe.fdatasync_p50_us, default=None)

    def memory_curve(self, target: str) -> MemoryCurve | None:
        """If it was taken."""
        curves = [r for r in self.records if isinstance(r, MemoryCurve) and r.target == target]
        return curves[-1] if curves else None

    def metering(self) -> Metering | None:
        """If it was compared."""
        return next((r for r in self.records if isinstance(r, Metering)), None)


class Journal:
    """Appends records to a file as they come, and keeps them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._records: list[Record] = []

    def add(self, record: Record) -> None:
        """Write it down."""
        self._records.append(record)
        with self.path.open("ab") as file:
            file.write(encode(record) + b"\n")

    def results(self) -> Results:
        """Everything so far."""
        return Results(tuple(self._records))


def read_results(path: Path) -> Results:
    """What an earlier run wrote."""
    decoder = Decoder(Record)
    lines: Iterable[bytes] = path.read_bytes().splitlines()
    return Results(tuple(decoder.decode(line) for line in lines))
