"""The two C programs: compiling them, the mock upstream, and one run of the load client."""

import json
import os
import subprocess
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct, field
from msgspec.json import decode
from msgspec.structs import replace

from processes import Pinned, read_announcement, start_pinned
from scenarios import BURST_CHUNKS, INTERVAL_MS, SLOW_CHUNKS, Scenario

HERE = Path(__file__).resolve().parent
SOURCES = {"mock": ("mock.c",), "loadgen": ("loadgen.c", "response.c", "times.c")}
CFLAGS = ("-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror")
START_TIMEOUT_S = 10.0
STEP_TIMEOUT_S = 60.0


class LoadFailed(Exception):
    """The load client could not do its work; the text says why."""


class Times(Struct, frozen=True):
    """Percentiles in microseconds; zeros if `count` is 0."""

    count: int
    p50: float
    p90: float
    p99: float
    max: float


class Tally(Struct, frozen=True):
    """How requests ended; see the head of loadgen.c for what each word means."""

    ok: int
    short: int
    failed: int
    chunks: int
    prompt_tokens: int
    completion_tokens: int


class Load(Struct, frozen=True):
    """What one run of the load client saw: `window` while it recorded, `life` from its first request to its last."""

    seconds: float
    gateway_cpu_s: float
    upstream_cpu_s: float
    client_cpu_s: float
    window: Tally
    life: Tally
    abandoned: int
    dials: int
    stalls: int
    latency_us: Times
    first_chunk_us: Times
    relay_us: Times
    statuses: dict[str, int]
    complaint: str = field(default="")
    """The last answer that was not as it should be."""

    @property
    def lost(self) -> int:
        """Requests that did not end as they should."""
        return self.life.short + self.life.failed + self.abandoned


@dataclass(frozen=True, slots=True)
class Programs:
    """The compiled programs."""

    mock: Path
    loadgen: Path


@dataclass(frozen=True, slots=True)
class UpstreamCount:
    """What the mock has seen."""

    requests: int
    connections: int


@dataclass(frozen=True, slots=True)
class Mock:
    """The running upstream."""

    process: Pinned
    port: int

    def count(self) -> UpstreamCount:
        """How many requests and connections reached it so far."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/stats", timeout=5) as answer:
            seen: dict[str, int] = json.load(answer)
        return UpstreamCount(requests=seen["requests"], connections=seen["connections"])


def build_programs(into: Path) -> Programs:
    """Compile what is older than its sources."""
    into.mkdir(parents=True, exist_ok=True)
    headers = list(HERE.glob("*.h"))
    for name, files in SOURCES.items():
        sources = [HERE / file for file in files]
        newest = max(path.stat().st_mtime for path in [*sources, *headers])
        program = into / name
        if program.exists() and program.stat().st_mtime >= newest:
            continue
        compiler = os.environ.get("CC", "cc")
        subprocess.run(
            [compiler, *CFLAGS, "-o", str(program), *map(str, sources)],
            check=True,
            timeout=STEP_TIMEOUT_S,
        )
    return Programs(mock=into / "mock", loadgen=into / "loadgen")


def start_mock(programs: Programs, *, core: int, log: Path) -> Mock:
    """Start the upstream on a free port."""
    argv = [str(programs.mock), "-n", str(BURST_CHUNKS), "-i", str(INTERVAL_MS)]
    argv += ["-l", str(SLOW_CHUNKS)]
    process = start_pinned(argv, core=core, log=log)
    line = read_announcement(process, log, b"port ", START_TIMEOUT_S)
    if line is None:
        process.end()
        raise LoadFailed(f"the mock upstream did not start, see {log}")
    return Mock(process, int(line.split()[1]))


@dataclass(frozen=True, slots=True)
class LoadRun:
    """Where one load goes, and whose CPU time is read."""

    url: str
    headers: Sequence[tuple[str, str]]
    gateway_pids: Sequence[int]
    upstream_pids: Sequence[int]
    core: int | None
    """None: any."""
    requests: int | None = None
    """Send so many instead of sending for a time."""


def run_load(programs: Programs, scenario: Scenario, run: LoadRun) -> Load:
    """Run the client once.

    Raises:
        LoadFailed: it could not connect, or ended without a report.
    """
    argv = [] if run.core is None else ["taskset", "-c", str(run.core)]
    argv += [str(programs.loadgen), "-u", run.url]
    argv += ["-c", str(scenario.connections), "-m", scenario.model]
    argv += ["-p", str(scenario.prompt_bytes), "-S", str(scenario.spread_s)]
    if run.requests is None:
        argv += ["-d", str(scenario.seconds), "-w", str(scenario.warm_s)]
    else:
        argv += ["-n", str(run.requests), "-d", str(STEP_TIMEOUT_S)]
    if scenario.streamed:
        argv += ["-s", "-e", str(scenario.least_events)]
    if scenario.members:
        argv += ["-x", scenario.members]
    for name, value in run.headers:
        argv += ["-H", f"{name}: {value}"]
    for pid in run.gateway_pids:
        argv += ["-g", str(pid)]
    for pid in run.upstream_pids:
        argv += ["-b", str(pid)]
    limit_s = scenario.seconds + scenario.warm_s + 2 * STEP_TIMEOUT_S
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=limit_s, check=False)
    except subprocess.TimeoutExpired as error:
        raise LoadFailed(f"the load client did not end within {limit_s:.0f} s") from error
    if done.returncode:
        raise LoadFailed(done.stderr.strip() or f"the load client ended with {done.returncode}")
    report = decode(done.stdout, type=Load)
    return replace(report, complaint=done.stderr.strip()[-400:])
