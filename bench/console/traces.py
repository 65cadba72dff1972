"""How long the table of traces lets its reader wait with a million calls in the project, in a real Chromium.

    .venv/bin/python bench/console/traces.py                      # SQLite, in a folder that is removed; 4 GB of disk
    .venv/bin/python bench/console/traces.py --rows 20000         # to see that it works
    .venv/bin/python bench/console/traces.py --keep /tmp/many     # fill a folder once, and find it again

The calls are those of `bench/traces/calls.py`: 2 KB each, over thirty days, a sixth of them whole traces. An ordinary
`weft serve` answers; times are from the reader's action to the rows being there, the browser's own work included. The
console has to be built (`make console`). Ends with 1 if a step takes longer than it may; those that go through every
call's text have no bound, they are only told.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench" / "traces"), str(ROOT / "tests")]

from playwright.sync_api import Page, expect  # noqa: E402

from billing import WEFT, served  # noqa: E402 - after the paths
from calls import Calls, complete_bodies  # noqa: E402
from console.browser import DESKTOP, running_browser  # noqa: E402
from sender import Place, ask, send_all  # noqa: E402

PROJECT = "my-team/inference"
BATCH = 500
DAYS = 30.0
PATIENCE_MS = 120_000
TABLE = f"/{PROJECT}/weave/traces?all=true"
SETTLED = """() => {
    const grid = document.querySelector('[role=grid]');
    return grid && !grid.closest('[aria-busy=true]') && !grid.querySelector('[aria-busy=true]')
        && grid.querySelector('[data-index]');
}"""
"""The rows in sight are there, and they are those that were asked for."""


async def fill(place: Place, rows: int) -> None:
    """Calls until there are so many."""
    told, _took_s = await ask(
        place, "/traces/calls/query_stats", json.dumps({"project_id": PROJECT}).encode()
    )
    missing = rows - int(json.loads(told)["count"])
    if missing <= 0:
        return
    calls = Calls(PROJECT, total=missing, days=DAYS)
    bodies = complete_bodies(calls, -(-missing // BATCH), BATCH)
    path = f"/traces/v2/{PROJECT}/calls/complete"
    timing = await send_all(place, ((path, body) for body in bodies), 4)
    print(f"{missing} calls written in {timing.wall_s:.0f} s", flush=True)


def steps(page: Page, rows: int) -> Iterator[tuple[str, float | None, Callable[[], object]]]:
    """What a reader does, how long it may take in ms, and how it is done."""
    scroller = page.get_by_role("grid")

    def scroll(to: str) -> Callable[[], object]:
        return lambda: scroller.evaluate(f"element => {{ element.scrollTop = {to} }}")

    def click(name: str) -> Callable[[], object]:
        return lambda: page.get_by_role("button", name=name, exact=True).click()

    def filtered(field: str, op: str, value: str) -> Callable[[], object]:
        asked = json.dumps([{"field": field, "op": op, "value": value}])
        return lambda: page.goto(f"{TABLE}&filters={asked}")

    yield "first rows, from an empty tab", 2_000, lambda: page.goto(TABLE)
    yield "scroll to the middle of the page", 500, scroll("element.scrollHeight / 2")
    yield "scroll to its end", 500, scroll("element.scrollHeight")
    if rows > 10_000:
        yield "the last page", 1_000, click("Last")
        yield "scroll to the end of all", 500, scroll("element.scrollHeight")
    yield "traces only", 1_000, page.get_by_text("Traces", exact=True).last.click
    yield "one op", 1_500, filtered("summary.weave.trace_name", "equals", "op_3")
    yield "the last day", 1_500, filtered("started_at", "after", "24h")
    yield "latency above a bound", 2_000, filtered("summary.weave.latency_ms", ">", "2000")
    yield "first rows again", 1_500, lambda: page.goto(TABLE)
    yield "sort by latency", 3_000, click("Latency")
    yield "then scroll to the end of the page", 3_000, scroll("element.scrollHeight")
    yield "sort by tokens", 3_000, click("Tokens")
    yield "sort by cost", None, click("Cost")
    yield "sort by an input (every text is read)", None, click("inputs.temperature")
    yield "then scroll to the end of the page", None, scroll("element.scrollHeight")
    yield "then a little up", 1_000, scroll("element.scrollHeight / 2")
    yield (
        "a text that is nowhere (every text is read)",
        None,
        filtered("inputs.messages", "contains", "no such words"),
    )


def measure(page: Page, rows: int) -> bool:
    """Print how long each step takes; whether all hold."""
    holds = True
    print(f"\n| step, {rows:,} calls | ms | at most |\n|---|---|---|")
    for name, most_ms, act in steps(page, rows):
        begin = time.perf_counter()
        act()
        if "nowhere" in name:
            expect(page.get_by_text("No call is like that")).to_be_visible(timeout=PATIENCE_MS)
        else:
            # Two looks: what was asked for is on its way only after the browser drew once.
            page.evaluate(
                "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
            )
            page.wait_for_function(SETTLED, timeout=PATIENCE_MS)
        took_ms = (time.perf_counter() - begin) * 1000
        is_late = most_ms is not None and took_ms > most_ms
        holds = holds and not is_late
        bound = "" if most_ms is None else f"{most_ms:,.0f}{' MISSED' if is_late else ''}"
        print(f"| {name} | {took_ms:,.0f} | {bound} |", flush=True)
    return holds


def traces_key(folder: Path) -> str:
    """A key that writes and reads traces."""
    argv = [str(WEFT), "key", "create", "--user", "admin", "--scope", "traces", "--json"]
    argv += ["--data", str(folder), "--name", "bench-traces"]
    made = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    return str(json.loads(made.stdout)["api_key"])


def login_path(folder: Path) -> str:
    """A one-time address that lets the administrator in."""
    argv = [str(WEFT), "user", "login-link", "admin", "--data", str(folder), "--json"]
    made = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    return "/login/" + str(json.loads(made.stdout)["url"]).rpartition("/login/")[2]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--keep", help="a folder to keep the calls in, and to find them again")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="weft-traces-") as temporary:
        folder = Path(args.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        with served(folder) as (url, _key):
            asyncio.run(fill(Place(url, traces_key(folder)), args.rows))
            with running_browser() as browser:
                context = browser.new_context(base_url=url, viewport=DESKTOP)  # pyright: ignore[reportArgumentType]
                context.set_default_timeout(PATIENCE_MS)
                context.request.get(login_path(folder), max_redirects=0)
                holds = measure(context.new_page(), args.rows)
                context.close()
    return int(not holds)


if __name__ == "__main__":
    sys.exit(main())
