"""What Weft has to reach, each judged from one run's records: the figure, the bound, and whether it holds."""

import statistics
from dataclasses import dataclass

from records import Results, Sample

WEFT = "weft"
SGLANG = "sglang-router"
VLLM = "vllm-router"
LITELLM = "litellm"

ANSWER_ALLOWANCE_US = 500.0
FLAT_MIB = 2.0
"""Growth over 50,000 requests that is still called flat: 42 bytes for each."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one requirement came out."""

    text: str
    figure: float | None
    """None: it could not be measured, because a target is missing."""
    must: float
    aim: float | None
    at_least: bool
    """Whether more is better."""
    unit: str
    basis: str
    """The figures behind it."""

    @property
    def passed(self) -> bool | None:
        """None if not measured."""
        return self._reaches(self.must)

    @property
    def reaches_aim(self) -> bool | None:
        """None if not measured or without an aim."""
        return None if self.aim is None else self._reaches(self.aim)

    def _reaches(self, bound: float) -> bool | None:
        if self.figure is None:
            return None
        return self.figure >= bound if self.at_least else self.figure <= bound


def judge(results: Results) -> list[Verdict]:
    """Every requirement, in the order of the report."""
    return [
        _capacity(results, SGLANG, must=1.2, aim=2.0),
        _capacity(results, LITELLM, must=100.0, aim=None),
        _chunk_cost(results),
        _first_chunk(results),
        _relay(results, "slow64"),
        _relay(results, "slow256"),
        _stalls(results),
        _answer(results),
        _memory(results),
        _flatness(results),
        _lost(results),
        _unmetered(results),
    ]


def _ratio(above: float | None, below: float | None) -> float | None:
    return above / below if above is not None and below else None


def _show(value: float | None, digits: int = 0) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def _capacity(results: Results, peer: str, *, must: float, aim: float | None) -> Verdict:
    ours = results.median(WEFT, "c64", lambda sample: sample.capacity)
    theirs = results.median(peer, "c64", lambda sample: sample.capacity)
    return Verdict(
        text=f"capacity of a core at 64 connections, against {peer}",
        figure=_ratio(ours, theirs),
        must=must,
        aim=aim,
        at_least=True,
        unit="x",
        basis=f"{_show(ours)} / {_show(theirs)} requests/s/core",
    )


def _chunk_cost(results: Results) -> Verdict:
    ours = results.median(WEFT, "slow256", lambda sample: sample.cpu_us_per_chunk)
    theirs = results.median(SGLANG, "slow256", lambda sample: sample.cpu_us_per_chunk)
    return Verdict(
        text=f"CPU per relayed chunk at 256 slow streams, against {SGLANG}",
        figure=_ratio(ours, theirs),
        must=1.4,
        aim=0.9,
        at_least=False,
        unit="x",
        basis=f"{_show(ours, 1)} / {_show(theirs, 1)} us",
    )


def _first_chunk(results: Results) -> Verdict:
    def over_direct(target: str) -> float | None:
        p50 = results.median(target, "slow64", lambda sample: sample.load.first_chunk_us.p50)
        bare = results.median("direct", "slow64", lambda sample: sample.load.first_chunk_us.p50)
        return p50 - bare if p50 is not None and bare is not None else None

    ours, theirs = over_direct(WEFT), over_direct(VLLM)
    return Verdict(
        text=f"first chunk p50 over the bare upstream at 64 slow streams, against {VLLM}",
        figure=_ratio(ours, theirs),
        must=1.2,
        aim=0.6,
        at_least=False,
        unit="x",
        basis=f"{_show(ours)} / {_show(theirs)} us",
    )


def _relay(results: Results, scenario: str) -> Verdict:
    p99 = results.median(WEFT, scenario, lambda sample: sample.load.relay_us.p99)
    return Verdict(
        text=f"relay of a chunk, p99, at {scenario.removeprefix('slow')} slow streams",
        figure=None if p99 is None else p99 / 1000,
        must=2.0,
        aim=1.0,
        at_least=False,
        unit="ms",
        basis=f"p50 {_show(results.median(WEFT, scenario, lambda s: s.load.relay_us.p50))} us",
    )


def _stalls(results: Results) -> Verdict:
    def stalls(sample: Sample) -> float:
        return float(sample.load.stalls)

    counts = [results.median(WEFT, scenario, stalls) for scenario in ("slow64", "slow256")]
    known = [count for count in counts if count is not None]
    bare = [results.median("direct", scenario, stalls) or 0 for scenario in ("slow64", "slow256")]
    return Verdict(
        text="stalls of 30 ms or more in the median repetition of slow streams",
        figure=sum(known) if known else None,
        must=0,
        aim=None,
        at_least=False,
        unit="",
        basis=f"{_show(sum(bare))} at the bare upstream",
    )


def _answer(results: Results) -> Verdict:
    pairs = [
        (sample.load.latency_us.p50, disk.fdatasync_p50_us)
        for sample in results.samples(WEFT, "c1")
        if sample.load.window.ok and (disk := results.find_disk(sample.repetition))
    ]
    return Verdict(
        text="a whole short answer, p50 at one connection, less one fdatasync of this disk",
        figure=statistics.median((whole - sync) / 1000 for whole, sync in pairs) if pairs else None,
        must=ANSWER_ALLOWANCE_US / 1000,
        aim=None,
        at_least=False,
        unit="ms",
        basis=", ".join(f"{whole:.0f} - {sync:.0f} us" for whole, sync in pairs),
    )


def _memory(results: Results) -> Verdict:
    ours, theirs = results.peak_rss_mib(WEFT), results.peak_rss_mib(SGLANG)
    return Verdict(
        text=f"resident memory after load, against {SGLANG}",
        figure=_ratio(ours, theirs),
        must=1.0,
        aim=None,
        at_least=False,
        unit="x",
        basis=f"{_show(ours)} / {_show(theirs)} MiB",
    )


def _flatness(results: Results) -> Verdict:
    curve = results.memory_curve(WEFT)
    return Verdict(
        text="growth of memory over the second half of many requests",
        figure=None if curve is None else curve.growth_mib,
        must=FLAT_MIB,
        aim=None,
        at_least=False,
        unit="MiB",
        basis=""
        if curve is None
        else f"{curve.rss_mib[0]:.1f} to {curve.rss_mib[-1]:.1f} MiB, {curve.requests[-1]:,} requests",
    )


def _lost(results: Results) -> Verdict:
    samples = results.samples(WEFT)
    curve = results.memory_curve(WEFT)
    lost = sum(sample.load.lost for sample in samples) + (curve.lost if curve else 0)
    seen = sum(sample.load.life.ok for sample in samples)
    return _none_of(
        "failed, short or abandoned requests", lost if samples else None, f"{seen:,} ok"
    )


def _unmetered(results: Results) -> Verdict:
    metering = results.metering()
    if metering is None:
        return _none_of("requests and tokens on which meter and client differ", None, "")
    pairs: list[tuple[int, int]] = [
        (metering.requests_seen, metering.requests_metered),
        (metering.input_tokens_seen, metering.input_tokens_metered),
        (metering.output_tokens_seen, metering.output_tokens_metered),
    ]
    apart = sum(abs(seen - metered) for seen, metered in pairs)
    basis = f"{metering.requests_metered:,} requests, {metering.output_tokens_metered:,} output tokens metered"
    return _none_of("requests and tokens on which meter and client differ", apart, basis)


def _none_of(text: str, count: int | None, basis: str) -> Verdict:
    figure = None if count is None else float(count)
    return Verdict(text, figure, must=0, aim=None, at_least=False, unit="", basis=basis)


def failures(verdicts: list[Verdict]) -> list[Verdict]:
    """Those that were measured and do not hold."""
    return [verdict for verdict in verdicts if verdict.passed is False]
