"""What one request waits for its first token while another project sends 500 at once, through a real engine.

    .venv/bin/python bench/engine/neighbour.py

Weft is started as users start it, with the tiny model that ships on llama.cpp. A project of one request at a time is
measured alone, then while another keeps `--flood` requests open. Door, engine and both clients share the machine. The
median and the 95th percentile of both are told, and their ratios.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from endpoints import BENCH

sys.path.append(str(BENCH / "gateway"))

from processes import end_cleanly_on_sigterm
from targets import CannotMeasure
from weft_server import WEFT, Weft, start_weft

RESULTS = BENCH / "results"
TINY = "weft/tiny-chat"
TOKENS = 32
TIMEOUT_S = 120.0


def main() -> int:
    """Answers the exit code."""
    parser = argparse.ArgumentParser(description="The first token beside a noisy neighbour.")
    parser.add_argument("--flood", type=int, default=500, help="requests that the other keeps open")
    parser.add_argument("--count", type=int, default=60, help="requests that are measured (60)")
    options = parser.parse_args()
    end_cleanly_on_sigterm()
    folder = RESULTS / f"neighbour-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    folder.mkdir(parents=True)
    try:
        weft = start_weft(
            folder,
            cards={},
            model=TINY,
            env={"WEFT_QUEUE_LIMIT": "2000", "WEFT_QUEUE_TIMEOUT_S": "600"},
        )
    except CannotMeasure as error:
        print(f"cannot measure: {error}")
        return 1
    try:
        for project in ("noisy", "quiet"):
            command = [
                str(WEFT),
                "project",
                "create",
                f"my-team/{project}",
                "--data",
                str(weft.data),
            ]
            subprocess.run(command, check=True, capture_output=True, timeout=60)
        asyncio.run(measure(weft, options.flood, options.count))
    finally:
        weft.target.process.end()
        shutil.rmtree(weft.data, ignore_errors=True)
    return 0


async def measure(weft: Weft, flood: int, count: int) -> None:
    """Alone, then beside the flood."""
    alone = [await first_token_s(weft, "quiet") for _ in range(count)]
    tell("alone", alone)
    over = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for _ in range(flood):
            group.create_task(keep_asking(weft, over))
        await asyncio.sleep(3.0)  # until the queue is full of them
        beside = [await first_token_s(weft, "quiet") for _ in range(count)]
        over.set()
    tell(f"beside {flood}", beside)
    print(
        f"ratio: p50 {statistics.median(beside) / statistics.median(alone):.2f},"
        f" p95 {p95(beside) / p95(alone):.2f}"
    )


async def keep_asking(weft: Weft, over: asyncio.Event) -> None:
    """One of the neighbour's requests after the other."""
    while not over.is_set():
        await first_token_s(weft, "noisy", to_its_end=True)


async def first_token_s(weft: Weft, project: str, *, to_its_end: bool = False) -> float:
    """From the request to the first event that holds text."""
    url = urlsplit(weft.target.url)
    assert url.hostname is not None
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    body = json.dumps(
        {
            "model": TINY,
            "stream": True,
            "max_tokens": TOKENS,
            "ignore_eos": True,
            "messages": [{"role": "user", "content": "Tell me a joke"}],
        }
    ).encode()
    head = (
        f"POST {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: Bearer {weft.target.key}\r\n"
        f"OpenAI-Project: my-team/{project}\r\nContent-Type: application/json\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    began_s = time.perf_counter()
    writer.write(head.encode() + body)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            while b'"content":"' not in (line := await reader.readline()):
                if not line:
                    raise RuntimeError("the answer ended before its first token")
            passed_s = time.perf_counter() - began_s
            while to_its_end and await reader.read(65_536):
                pass
    finally:
        writer.close()
    return passed_s


def tell(what: str, seconds: Sequence[float]) -> None:
    """The middle and the slow end."""
    print(
        f"{what:>12}: p50 {statistics.median(seconds) * 1e3:7.1f} ms, p95 {p95(seconds) * 1e3:7.1f} ms"
    )


def p95(seconds: Sequence[float]) -> float:
    """What nineteen of twenty stay under."""
    return statistics.quantiles(seconds, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
