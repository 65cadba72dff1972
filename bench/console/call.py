"""A trace of 50,000 calls: how long until its tree can be used?

    .venv/bin/python bench/console/call.py                       # real Chromium against `weft serve`
    .venv/bin/python bench/console/call.py --calls 5000          # to see that it works

The trace is made through the trace API, in batches, as an agent's would be: a root with steps, each with tools and
chats that used tokens; one step has thousands of children, and one chain is hundreds of calls deep. The time is from
the navigation to the tree with all calls counted, and from a click on another call to its details. Ends with 1 if the
tree took longer than `--bound-ms`. Wants a console that is built (`make console`).
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import httpx  # noqa: E402 - after the path
from playwright.sync_api import Page, expect  # noqa: E402

from conformance.server import PROJECT, TEAM, Weft, running_weft  # noqa: E402
from console.browser import Console, running_browser  # noqa: E402

PLACE = f"{TEAM}/{PROJECT}"
BATCH = 1_000
CHATS_EACH = 4
"""One call in so many is a chat that used tokens."""
DEEP = 300
WIDE = 5_000
TIMES = 5


def parents(calls: int) -> list[int]:
    """For each call but the first, which one called it: a chain, a wide one, and steps with some each."""
    deep, wide = min(DEEP, calls // 10), min(WIDE, calls // 4)
    of = [0] * calls
    for number in range(1, calls):
        if number <= deep:
            of[number] = number - 1
        elif number <= deep + wide:
            of[number] = 1
        else:
            place = (number - deep - wide - 1) % 25
            of[number] = 0 if place == 0 else number - place if place < 9 else number - 1
    return of


def made(calls: int) -> Iterator[dict[str, Any]]:
    """The calls of the trace, as the client sends them when they have ended."""
    began = datetime(2026, 11, 20, 10, tzinfo=UTC)
    of = parents(calls)
    for number in range(calls):
        start = began + timedelta(milliseconds=number)
        usage = {
            "prompt_tokens": 900 + number % 90,
            "completion_tokens": 40,
            "total_tokens": 940,
            "requests": 1,
        }
        is_chat = number % CHATS_EACH == 0 and number > 0
        op = ("chat", "plan", "search", "read")[number % CHATS_EACH] if number else "agent"
        yield {
            "project_id": PLACE,
            "id": f"call-{number:06d}",
            "trace_id": "trace-of-bench",
            "parent_id": f"call-{of[number]:06d}" if number else None,
            "op_name": f"weave:///{PLACE}/op/{op}:{'d' * 43}",
            "started_at": start.isoformat(),
            "ended_at": (start + timedelta(milliseconds=20)).isoformat(),
            "attributes": {},
            "inputs": {"question": f"What is number {number}?", "text": "warp and weft " * 20},
            "output": {"answer": "over and under " * 20},
            "summary": {"usage": {"gpt-4o-mini": usage}} if is_chat else {},
        }


def fill(weft: Weft, calls: int) -> None:
    """Send the trace."""
    url = f"{weft.console_url}traces/call/upsert_batch"
    batch: list[dict[str, Any]] = []
    with httpx.Client(headers=weft.headers, timeout=60) as client:

        def send() -> None:
            answer = client.post(url, json={"batch": batch})
            answer.raise_for_status()
            batch.clear()

        for call in made(calls):
            ended = {key: call.pop(key) for key in ("ended_at", "output", "summary")}
            ended |= {"project_id": PLACE, "id": call["id"]}
            batch.append({"mode": "start", "req": {"start": call}})
            batch.append({"mode": "end", "req": {"end": ended}})
            if len(batch) >= BATCH:
                send()
        if batch:
            send()


def answer_alone(weft: Weft) -> tuple[float, float]:
    """How long the server takes for the tree's calls, in milliseconds, and how many megabytes they are."""
    body = {"project_id": PLACE, "call_id": "call-000000"}
    start_s = time.perf_counter()
    with httpx.Client(headers=weft.headers, timeout=60) as client:
        answer = client.post(f"{weft.console_url}traces/trace/outline", json=body)
    answer.raise_for_status()
    return (time.perf_counter() - start_s) * 1000, len(answer.content) / 1e6


def opened(page: Page, calls: int, of: str) -> float:
    """Milliseconds from the navigation to a tree that counts all of its calls."""
    start_s = time.perf_counter()
    page.goto(f"/{PLACE}/r/call/{of}")
    tree = page.get_by_role("tree", name="Calls of the trace")
    expect(tree.get_by_role("treeitem").first).to_be_visible()
    expect(page.get_by_text(f"{calls:,} calls")).to_be_visible()
    return (time.perf_counter() - start_s) * 1000


def chosen(page: Page) -> float:
    """Milliseconds from a click on another call to its details."""
    item = page.get_by_role("tree", name="Calls of the trace").get_by_role("treeitem").nth(3)
    start_s = time.perf_counter()
    item.click()
    expect(page.get_by_text("What is number 3?", exact=False).first).to_be_visible()
    return (time.perf_counter() - start_s) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--calls", type=int, default=50_000)
    parser.add_argument("--bound-ms", type=float, default=3_000)
    parser.add_argument("--server-only", action="store_true")
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="weft-call-") as folder,
        running_weft(Path(folder)) as weft,
    ):
        weft.cli("team", "create", TEAM, "--admin", "admin")
        weft.cli("project", "create", PLACE)
        start_s = time.perf_counter()
        fill(weft, args.calls)
        print(f"filled in {time.perf_counter() - start_s:.1f} s")
        for _ in range(3):
            took_ms, size_mb = answer_alone(weft)
            print(f"the server's answer alone: {took_ms:.0f} ms, {size_mb:.1f} MB")
        if args.server_only:
            return 0
        with running_browser() as browser, Console(weft, browser).page() as page:
            page.goto("/inference")
            taken = [opened(page, args.calls, "call-000000") for _ in range(TIMES)]
            deep = opened(page, args.calls, f"call-{min(DEEP, args.calls // 10):06d}")
            opened(page, args.calls, "call-000000")
            click_ms = chosen(page)
    print(
        f"open: {' '.join(f'{one:.0f}' for one in taken)} ms; the deepest call {deep:.0f} ms; a click {click_ms:.0f} ms"
    )
    return int(max(taken) > args.bound_ms)


if __name__ == "__main__":
    sys.exit(main())
