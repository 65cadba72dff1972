"""Measure Weft beside the bare upstream and its peers, in one batch, and judge the outcome.

    .venv/bin/python bench/gateway/run.py             everything; about a quarter of an hour
    .venv/bin/python bench/gateway/run.py --quick     one short repetition, to see that it works
    .venv/bin/python bench/gateway/run.py --only weft,haproxy --scenarios c64,slow256 --reps 5

Writes bench/results/TIME.jsonl (every figure) and TIME.md (the tables), and ends with 1 if a requirement does not hold.
All load stays on 127.0.0.1.
"""

import argparse
import fcntl
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from disk import probe_disk
from load import Load, LoadFailed, LoadRun, Mock, Programs, build_programs, run_load, start_mock
from memory import take_memory_curve
from processes import busy_s, end_cleanly_on_sigterm
from records import DiskRecord, Journal, Machine, Metering, Sample, TargetRecord
from report import render
from requirements import failures, judge
from scenarios import SCENARIOS, Scenario
from targets import PEERS, CannotMeasure, Place, Target, direct, start_peer
from weft_server import Sums, Weft, mock_cards, start_weft

BENCH = Path(__file__).resolve().parents[1]
RESULTS = BENCH / "results"
GATEWAY_CORE, LOAD_CORE = 0, 1
NAMES = ("direct", *(peer.name for peer in PEERS), "weft")
MEMORY_REQUESTS = 100_000
QUIET_WAIT_S = 2.0
QUIET_CORES = 0.2
SETTLE_S = 0.2


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    targets: tuple[str, ...]
    scenarios: tuple[Scenario, ...]
    repetitions: int
    quick: bool


@dataclass(slots=True)
class Batch:
    """Everything that runs during one batch."""

    programs: Programs
    mock: Mock
    journal: Journal
    folder: Path
    targets: list[Target] = field(default_factory=list[Target])
    weft: Weft | None = None
    sent_to_weft: list[Load] = field(default_factory=list[Load])
    usage_before: Sums | None = None


def main() -> int:
    """Answers the exit code."""
    options = _read_options()
    end_cleanly_on_sigterm()
    cores = os.sched_getaffinity(0)
    if not {GATEWAY_CORE, LOAD_CORE} <= cores:
        print(
            f"cores {GATEWAY_CORE} and {LOAD_CORE} are needed; these may be used: {sorted(cores)}"
        )
        return 2
    os.sched_setaffinity(0, {LOAD_CORE})
    started = datetime.now(UTC)
    folder = RESULTS / started.strftime("%Y%m%d-%H%M%S")
    folder.mkdir(parents=True)
    with _only_one():
        journal = Journal(folder.with_suffix(".jsonl"))
        journal.add(_machine(options, started))
        with ExitStack() as stack:
            _measure(options, _start_all(options, journal, folder, stack))
    results = journal.results()
    text = render(results)
    folder.with_suffix(".md").write_text(text)
    print(f"\n{text}\nwritten to {folder.with_suffix('.md')} and {journal.path}")
    weft_is_missing = "weft" in options.targets and not results.samples("weft")
    return 1 if failures(judge(results)) or weft_is_missing else 0


def _read_options() -> Options:
    parser = argparse.ArgumentParser(
        description="Measure Weft beside its peers; see bench/README.md."
    )
    parser.add_argument("--quick", action="store_true", help="one short repetition")
    parser.add_argument("--reps", type=int, default=3, help="repetitions (3)")
    parser.add_argument("--only", default=",".join(NAMES), help="targets, from %(default)s")
    parser.add_argument(
        "--scenarios",
        default=",".join(scenario.name for scenario in SCENARIOS),
        help="from %(default)s",
    )
    given = parser.parse_args()
    targets, names = tuple(given.only.split(",")), tuple(given.scenarios.split(","))
    known = {scenario.name: scenario for scenario in SCENARIOS}
    unknown = [*(set(targets) - set(NAMES)), *(set(names) - set(known))]
    if unknown or given.reps < 1:
        parser.error(f"unknown: {', '.join(unknown)}" if unknown else "--reps is at least 1")
    scenarios = tuple(known[name].quick() if given.quick else known[name] for name in names)
    return Options(targets, scenarios, 1 if given.quick else given.reps, given.quick)


@contextmanager
def _only_one() -> Generator[None]:
    """Two batches at once would measure each other."""
    with (RESULTS / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another run is going on; waiting for it", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _machine(options: Options, started: datetime) -> Machine:
    cpu = next(
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    commit = subprocess.run(
        ["git", "-C", str(BENCH), "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    ).stdout.strip()
    return Machine(
        started_at=started.strftime("%Y-%m-%d %H:%M UTC"),
        cpu=cpu,
        cores=os.cpu_count() or 0,
        memory_gib=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30),
        kernel=platform.release(),
        python=platform.python_version(),
        commit=commit or "unknown",
        gateway_core=GATEWAY_CORE,
        load_core=LOAD_CORE,
        quick=options.quick,
        repetitions=options.repetitions,
    )


def _start_all(options: Options, journal: Journal, folder: Path, stack: ExitStack) -> Batch:
    """Start the upstream and every target; each that answers is frozen until its turn."""
    programs = build_programs(RESULTS / "bin")
    mock = start_mock(programs, core=LOAD_CORE, log=folder / "mock.log")
    stack.callback(mock.process.end)
    stack.callback(shutil.rmtree, folder / "weft-data", ignore_errors=True)
    batch = Batch(programs, mock, journal, folder)
    place = Place(folder, mock.port, GATEWAY_CORE)
    for name in options.targets:
        print(f"starting {name}", flush=True)
        try:
            target = _start(name, batch, place, stack)
        except CannotMeasure as error:
            print(f"skipping {name}: {error}", flush=True)
            journal.add(TargetRecord(name, skipped=str(error)))
            continue
        batch.targets.append(target)
        journal.add(TargetRecord(name, target.version, target.checks_key, target.records))
    return batch


def _start(name: str, batch: Batch, place: Place, stack: ExitStack) -> Target:
    if name == "direct":
        return direct(batch.mock)
    if name == "weft":
        cards = mock_cards(batch.mock.port)
        weft = start_weft(batch.folder, cards=cards, model="mock", core=GATEWAY_CORE)
        target = weft.target
    else:
        weft = None
        target = start_peer(next(peer for peer in PEERS if peer.name == name), place)
    stack.callback(target.process.end)
    if weft:
        batch.usage_before = weft.usage()
        batch.weft = weft
    target.process.freeze()
    return target


def _measure(options: Options, batch: Batch) -> None:
    """Repetition by repetition, scenario by scenario, one target right after the other."""
    for repetition in range(options.repetitions):
        for scenario in options.scenarios:
            _probe_disk(batch, scenario, repetition)
            for target in _rotated(batch.targets, repetition):
                with _awake(batch, target):
                    _sample(batch, target, scenario, repetition)
            _probe_disk(batch, scenario, repetition)
    if batch.weft:
        with _awake(batch, batch.weft.target):
            _memory_curve(options, batch, batch.weft.target)
            _compare_meter(batch, batch.weft)


def _probe_disk(batch: Batch, scenario: Scenario, repetition: int) -> None:
    """Right before and after the scenario whose answers it is subtracted from."""
    if scenario.name == "c1":
        disk = probe_disk(batch.folder)
        batch.journal.add(DiskRecord(repetition, disk.fdatasync_p50_us, disk.fdatasync_p99_us))


def _rotated(targets: Sequence[Target], by: int) -> list[Target]:
    """Another order in each repetition, so that no target always comes after the same one."""
    by %= max(len(targets), 1)
    return [*targets[by:], *targets[:by]]


@contextmanager
def _awake(batch: Batch, target: Target) -> Generator[None]:
    if target.process is batch.mock.process:
        yield
        return
    target.process.thaw()
    try:
        time.sleep(SETTLE_S)
        yield
    finally:
        target.process.freeze()


def _load_run(batch: Batch, target: Target) -> LoadRun:
    return LoadRun(
        url=target.url,
        headers=target.headers,
        gateway_pids=target.process.pids(),
        upstream_pids=batch.mock.process.pids(),
        core=LOAD_CORE,
    )


def _sample(batch: Batch, target: Target, scenario: Scenario, repetition: int) -> None:
    _wait_for_quiet()
    seen, busy, begun = batch.mock.count(), busy_s(), time.monotonic()
    try:
        load = run_load(batch.programs, scenario, _load_run(batch, target))
    except LoadFailed as error:
        print(f"{target.name:14} {scenario.name:10} failed: {error}", flush=True)
        return
    elapsed_s, busy = time.monotonic() - begun, busy_s() - busy
    now_seen, memory = batch.mock.count(), target.memory()
    ours = load.gateway_cpu_s + load.client_cpu_s
    ours += 0.0 if target.process is batch.mock.process else load.upstream_cpu_s
    # Our own processes were timed over the recorded window alone: scale that up to the client's whole run.
    foreign = max(0.0, busy / elapsed_s - ours / load.seconds)
    sample = Sample(
        target=target.name,
        scenario=scenario.name,
        repetition=repetition,
        load=load,
        rss_mib=round(memory.rss_mib, 1),
        pss_mib=round(memory.pss_mib, 1),
        foreign_cores=round(foreign, 2),
        upstream_requests=now_seen.requests - seen.requests,
        upstream_connections=now_seen.connections - seen.connections,
    )
    batch.journal.add(sample)
    if batch.weft and target is batch.weft.target:
        batch.sent_to_weft.append(load)
    print(_line(sample), flush=True)


def _wait_for_quiet() -> None:
    """Give other work on the machine a moment to pass; go on in any case."""
    until = time.monotonic() + QUIET_WAIT_S
    while time.monotonic() < until:
        before = busy_s()
        time.sleep(SETTLE_S)
        if (busy_s() - before) / SETTLE_S < QUIET_CORES:
            return


def _line(sample: Sample) -> str:
    load = sample.load
    text = f"{sample.target:14} {sample.scenario:10} {sample.requests_per_s:9,.0f} requests/s"
    if load.window.ok:
        text += f" {sample.cpu_us_per_request:8.1f} us CPU  p50 {load.latency_us.p50:9,.0f} us"
    if load.window.chunks:
        text += f"  {sample.chunks_per_s:8,.0f} chunks/s {sample.cpu_us_per_chunk:6.1f} us CPU"
        text += f"  first {load.first_chunk_us.p50:,.0f} us, relay {load.relay_us.p50:,.0f}/{load.relay_us.p99:,.0f} us"
    text += f"  {sample.rss_mib:.0f} MiB  other work {sample.foreign_cores:.1f} cores"
    if load.lost:
        text += f"  NOT OK: {load.lost} ({load.complaint})"
    return text


def _memory_curve(options: Options, batch: Batch, target: Target) -> None:
    requests = MEMORY_REQUESTS // 10 if options.quick else MEMORY_REQUESTS
    run = _load_run(batch, target)
    try:
        curve, loads = take_memory_curve(batch.programs, target, run, requests=requests)
    except LoadFailed as error:
        print(f"{target.name:14} memory     failed: {error}", flush=True)
        return
    batch.journal.add(curve)
    batch.sent_to_weft += loads
    print(f"{target.name:14} memory     {curve.rss_mib} MiB over {requests:,} requests", flush=True)


def _compare_meter(batch: Batch, weft: Weft) -> None:
    before, after = batch.usage_before, weft.usage()
    assert before is not None
    tallies = [load.life for load in batch.sent_to_weft]
    batch.journal.add(
        Metering(
            requests_seen=sum(tally.ok + tally.short for tally in tallies),
            requests_metered=after.requests - before.requests,
            input_tokens_seen=sum(tally.prompt_tokens for tally in tallies),
            input_tokens_metered=after.input_tokens - before.input_tokens,
            output_tokens_seen=sum(tally.completion_tokens for tally in tallies),
            output_tokens_metered=after.output_tokens - before.output_tokens,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
