"""How fast the trace store takes calls in over HTTP, and how fast it answers with a million of them in a project.

    .venv/bin/python bench/traces/run.py                     everything, about 15 minutes and 5 GB of disk
    .venv/bin/python bench/traces/run.py --only ingest       one part: ingest, single, client, queries, memory
    .venv/bin/python bench/traces/run.py --calls 200000      a smaller project for the queries
    .venv/bin/python bench/traces/run.py --only memory --minutes 60

Measures an ordinary `weft serve` with a fresh data folder: keys are checked, every accepted batch is on disk (fsync)
before it is answered. The server has one core and the load the other, where there are two. "Stored" is counted by the
store itself (`calls/query_stats`) after the last answer. Ends with 1 if a requirement does not hold.
"""

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from calls import BENCH, Calls, complete_bodies, start_and_end
from sender import Place, ask, send_all

sys.path.append(str(BENCH / "gateway"))

from processes import end_cleanly_on_sigterm
from targets import PATH
from weft_server import Weft, start_weft

CLIENTS = Path(sys.executable).parents[1] / "clients" / "bin" / "python"
PROJECT = "my-team/inference"
COMPLETE = f"/traces/v2/{PROJECT}/calls/complete"
START, END = f"/traces/v2/{PROJECT}/call/start", f"/traces/v2/{PROJECT}/call/end"
DAYS = 30.0
TRICKLE_PER_S = 500


@dataclass(slots=True)
class Bench:
    """A running server, and what was found about it."""

    weft: Weft
    place: Place
    options: argparse.Namespace
    lines: list[str] = field(default_factory=list[str])
    is_missed: bool = False

    def say(self, what: str, figure: float, bound: float | None, *, least: bool = False) -> None:
        """Print a figure; `bound` is what it must reach (`least`) or stay below."""
        verdict = ""
        if bound is not None:
            holds = figure >= bound if least else figure <= bound
            self.is_missed |= not holds
            verdict = f"  {'holds' if holds else 'MISSED'} ({'>=' if least else '<='} {bound:g})"
        line = f"{what:<58} {figure:>10,.1f}{verdict}"
        self.lines.append(line)
        print(line, flush=True)

    async def json(self, path: str, body: dict[str, Any]) -> tuple[Any, float]:
        """A request's answer and its latency in seconds."""
        raw, took_s = await ask(self.place, f"/traces{path}", json.dumps(body).encode())
        return raw, took_s

    async def count(self) -> int:
        """Calls that are stored."""
        raw, _took_s = await self.json("/calls/query_stats", {"project_id": PROJECT})
        return int(json.loads(raw)["count"])


async def ingest(bench: Bench) -> None:
    """Batches of 100 from eight connections."""
    batches = bench.options.batches
    bodies = list(complete_bodies(Calls(PROJECT, total=batches * 100, days=0.1), batches, 100))
    before = await bench.count()
    timing = await send_all(bench.place, ((COMPLETE, body) for body in bodies), 8)
    stored = await bench.count() - before
    assert stored == batches * 100, f"{stored} of {batches * 100} calls are stored"
    bench.say(
        "calls/s accepted and stored, batches of 100", stored / timing.wall_s, 5000, least=True
    )
    bench.say("  a batch's p50 ms", timing.quantile_ms(0.5), None)
    bench.say("  a batch's p99 ms", timing.quantile_ms(0.99), None)


async def single(bench: Bench) -> None:
    """Starts and ends one by one, each its own request, 32 connections."""
    pairs = [start_and_end(call) for call in Calls(PROJECT, total=5000, days=0.1).batch(5000)]
    before = await bench.count()
    started = await send_all(bench.place, ((START, start) for start, _end in pairs), 32)
    ended = await send_all(bench.place, ((END, end) for _start, end in pairs), 32)
    assert await bench.count() - before == len(pairs)
    wall_s = started.wall_s + ended.wall_s
    bench.say("calls/s as a start and an end each", len(pairs) / wall_s, 1000, least=True)
    bench.say("  p99 ms of a start", started.quantile_ms(0.99), None)


async def client(bench: Bench) -> None:
    """The real client's traced loop, against Weft and against a server that stores nothing."""
    program = Path(__file__).with_name("client_loop.py")
    times: dict[str, list[float]] = {"weft": [], "null": []}
    with _null_server() as null_url:
        for _ in range(3):
            for name, url in (("weft", bench.place.url), ("null", null_url)):
                command = [str(CLIENTS), str(program), url, bench.place.api_key, PROJECT]
                done = await asyncio.to_thread(_run_program, command)
                assert done.returncode == 0, done.stderr[-2000:]
                times[name].append(float(done.stdout.strip().splitlines()[-1]))
    weft_s, null_s = (sorted(times[name])[1] for name in ("weft", "null"))
    bench.say("the client's loop of 2,000 calls, s", weft_s, None)
    bench.say("  the same with a null server, s", null_s, None)
    bench.say("  ratio", weft_s / null_s, 1.2)


@contextlib.contextmanager
def _null_server() -> Iterator[str]:
    program = Path(__file__).with_name("null_server.py")
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True) as one:
        assert one.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(one.stdout.readline())}"
        finally:
            one.terminate()


def _run_program(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


async def fill(bench: Bench, total: int) -> None:
    """A project with `total` calls over thirty days, and one trace of 1,000 calls."""
    calls = Calls(PROJECT, total=total, days=DAYS)
    left = max(total - await bench.count(), 0)
    begin = time.perf_counter()
    while left > 0:
        bodies = list(complete_bodies(calls, min(20, max(left // 500, 1)), 500))
        await send_all(bench.place, ((COMPLETE, body) for body in bodies), 4)
        left -= 500 * len(bodies)
    bench.say("calls in the project", await bench.count(), None)
    bench.say("  filled in, s", time.perf_counter() - begin, None)
    tree = Calls(PROJECT, total=1000, days=0.01).batch(1000)
    for call in tree:
        call["trace_id"] = "bench-tree"
        call["parent_id"] = None if call is tree[0] else tree[0]["id"]
    body = json.dumps({"batch": tree}).encode()
    await send_all(bench.place, [(COMPLETE, body)], 1)


async def queries(bench: Bench) -> None:
    """Each query again and again while 500 calls a second come in."""
    await fill(bench, bench.options.calls)
    trickle = asyncio.create_task(_trickle(bench))
    try:
        for name, bound_ms, path, body in _asked():
            took: list[float] = []
            for _ in range(bench.options.repeats):
                _raw, took_s = await bench.json(path, {"project_id": PROJECT, **body()})
                took.append(1000 * took_s)
                await asyncio.sleep(0.02)
            took.sort()
            bench.say(f"{name}, p95 ms", took[int(0.95 * (len(took) - 1))], bound_ms)
            bench.say("  p50 ms", took[len(took) // 2], None)
    finally:
        trickle.cancel()


def _asked() -> Iterator[tuple[str, float | None, str, Callable[[], dict[str, Any]]]]:
    newest = [{"field": "started_at", "direction": "desc"}]
    columns = ["id", "op_name", "started_at", "ended_at", "summary", "inputs", "output"]

    def since(days: float) -> dict[str, Any]:
        moment = (datetime.now(UTC) - timedelta(days=days)).timestamp()
        return {"$gte": [{"$getField": "started_at"}, {"$literal": moment}]}

    def page(**more: Any) -> Callable[[], dict[str, Any]]:
        return lambda: {"sort_by": newest, "limit": 50, "columns": columns, **more}

    def rare() -> dict[str, Any]:
        above = {"$gt": [_number("output.score"), {"$literal": 0.9999}]}
        return {**page()(), "query": {"$expr": {"$and": [since(7), above]}}}

    def text() -> dict[str, Any]:
        same = {"$eq": [{"$getField": "inputs.model"}, {"$literal": "nobody/nothing"}]}
        return {**page()(), "query": {"$expr": {"$and": [since(7), same]}}}

    def op_and_time() -> dict[str, Any]:
        ops = {"op_names": [f"weave:///{PROJECT}/op/op_3:*"]}
        return {**page(filter=ops)(), "query": {"$expr": since(1)}}

    def stats() -> dict[str, Any]:
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        metrics = [{"metric": "total_tokens", "aggregations": ["sum"]}]
        return {
            "start": (now - timedelta(days=1)).isoformat(),
            "end": now.isoformat(),
            "granularity": 3600,
            "usage_metrics": metrics,
            "call_metrics": [{"metric": "call_count", "aggregations": ["sum"]}],
        }

    stream = "/calls/stream_query"
    yield "newest page of 50", 30, stream, page()
    yield "newest page of 50 roots", 30, stream, page(filter={"trace_roots_only": True})
    yield "op and time, page of 50", 30, stream, op_and_time
    yield "trace tree of 1,000 calls", 50, stream, _tree
    yield "JSON predicate over 7 days, rare", 1000, stream, rare
    yield "JSON string equality over 7 days, absent", 1000, stream, text
    yield "stats per model and hour, one day", 50, "/calls/stats", stats


def _tree() -> dict[str, Any]:
    columns = ["id", "parent_id", "op_name", "display_name", "started_at", "ended_at", "summary"]
    return {"filter": {"trace_ids": ["bench-tree"]}, "columns": columns}


def _number(path: str) -> dict[str, Any]:
    return {"$convert": {"input": {"$getField": path}, "to": "double"}}


async def _trickle(bench: Bench) -> None:
    calls = Calls(PROJECT, total=10_000_000, days=0.0, seed=7)
    while True:
        begin = time.perf_counter()
        body = json.dumps({"batch": calls.batch(TRICKLE_PER_S // 10)}).encode()
        await send_all(bench.place, [(COMPLETE, body)], 1)
        await asyncio.sleep(max(0.1 - (time.perf_counter() - begin), 0))


async def memory(bench: Bench) -> None:
    """A steady load of 500 calls a second, and the slope of the server's own memory after the first sixth."""
    calls = Calls(PROJECT, total=10_000_000, days=0.0, seed=9)
    until = time.monotonic() + 60 * bench.options.minutes
    points: list[tuple[float, float]] = []
    begin = time.monotonic()
    while time.monotonic() < until:
        bodies = list(complete_bodies(calls, 5, 100))
        await send_all(bench.place, ((COMPLETE, body) for body in bodies), 2)
        passed_s = time.monotonic() - begin
        points.append((passed_s, _own_mib(bench.weft.target.process.popen.pid)))
        if len(points) % 60 == 0:
            print(f"{passed_s:7.0f} s {points[-1][1]:8.1f} MiB", flush=True)
        await asyncio.sleep(1)
    steady = points[len(points) // 6 :]
    bench.say("memory of its own at the end, MiB", steady[-1][1], None)
    bench.say("  slope, MB in 10 minutes", 600 * _slope(steady) * 1.048576, 1)


def _own_mib(pid: int) -> float:
    """What a process holds itself: the pages of a mapped file are the system's, and it takes them back at will."""
    status = Path(f"/proc/{pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(line.split()[1]) / 1024


def _slope(points: list[tuple[float, float]]) -> float:
    n = len(points)
    mean_x = sum(x for x, _ in points) / n
    mean_y = sum(y for _, y in points) / n
    spread = sum((x - mean_x) ** 2 for x, _ in points) or 1.0
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


PARTS: dict[str, Callable[[Bench], Coroutine[None, None, None]]] = {
    "ingest": ingest,
    "single": single,
    "client": client,
    "queries": queries,
    "memory": memory,
}


def main() -> int:
    """Answers the exit code."""
    parser = argparse.ArgumentParser(description="The trace store's speed, over HTTP.")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument(
        "--calls", type=int, default=1_000_000, help="in the project of the queries"
    )
    parser.add_argument("--batches", type=int, default=400, help="of 100 calls, for ingest")
    parser.add_argument("--repeats", type=int, default=40, help="of each query")
    parser.add_argument(
        "--minutes", type=float, default=5.0, help="for memory; the requirement is 60"
    )
    options = parser.parse_args()
    end_cleanly_on_sigterm()
    folder = Path(tempfile.mkdtemp(prefix="traces-", dir=_results()))
    core = 0 if (os.cpu_count() or 1) > 1 else None
    weft = start_weft(folder, cards={}, model="weft/tiny-chat", core=core)
    try:
        place = Place(weft.target.url.removesuffix(PATH), weft.target.key)
        bench = Bench(weft, place, options)
        for part in options.only.split(","):
            asyncio.run(PARTS[part](bench))
        return 1 if bench.is_missed else 0
    finally:
        weft.target.process.end()
        shutil.rmtree(folder, ignore_errors=True)


def _results() -> Path:
    folder = BENCH / "results"
    folder.mkdir(exist_ok=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
