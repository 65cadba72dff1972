"""Eight models that stream at once into eight columns: how long is the longest frame?

Real Chromium against `weft serve`, with the fake engine behind every column. Reports the gaps between frames
(requestAnimationFrame) and the browser's long tasks while all eight stream, and ends with 1 if a frame took longer than
`--bound-ms`. Wants a machine with nothing else to do, and a console that is built (`make console`). The CPU time of the
longest task, and what it did, hold on a busy machine, too.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from playwright.sync_api import Page, expect  # noqa: E402 - after the path

from conformance.server import PROJECT, TEAM, running_engine, running_weft  # noqa: E402
from console.browser import Console, running_browser  # noqa: E402

WORDS = "**warp** and `weft` go _over_ and under, [thread](https://example.com) by thread, "
DONE = "count => document.querySelectorAll('a[href^=\"/requests/\"]').length >= count"
WATCH = """() => {
  const seen = { gaps: [], tasks: [] };
  window.__frames = seen;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) seen.tasks.push(entry.duration);
  }).observe({ type: "longtask" });
  let last = performance.now();
  const step = now => {
    seen.gaps.push(now - last);
    last = now;
    if (!seen.done) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}"""


TRACED = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]


def task_costs(trace: bytes) -> list[dict[str, Any]]:
    """The tasks of the page's main thread by their CPU time, the longest first, with the parts that took long."""
    events: list[dict[str, Any]] = json.loads(trace)["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event.get("name") == "thread_name" and event["args"].get("name") == "CrRendererMain"
    }
    timed = [
        event
        for event in events
        if event.get("ph") == "X" and (event["pid"], event["tid"]) in mains and "tdur" in event
    ]
    # The same task stands there under two names.
    tasks = [event for event in timed if event["name"] == "ThreadControllerImpl::RunTask"]
    tasks.sort(key=lambda event: -event["tdur"])
    found: list[dict[str, Any]] = []
    for task in tasks[:5]:
        parts = {
            event["name"]: round(event["tdur"] / 1000, 1)
            for event in timed
            if task["ts"] <= event["ts"] < task["ts"] + task["dur"]
            and event["tdur"] > 2_000
            and not event["name"].endswith("RunTask")
        }
        found.append({"cpu_ms": round(task["tdur"] / 1000, 1), "parts_ms": parts})
    return found


def measure(page: Page, *, chats: int, tokens: int, delay_ms: int) -> dict[str, Any]:
    """Stream into `chats` columns at once, and watch the frames from the first token to the last."""
    page.goto("/playground?" + "&".join(["models=test/echo"] * chats))
    expect(page.get_by_role("button", name=f"Model of chat {chats}: Echo")).to_be_visible()
    composer = page.get_by_role("textbox", name="Message", exact=True)
    # Once unwatched: what is loaded and compiled at first use is no part of streaming.
    send(page, f"[[fake: tokens=20 delay_ms=5]] {WORDS}", answers=chats)
    page.wait_for_timeout(1_000)
    composer.fill(f"[[fake: tokens={tokens} delay_ms={delay_ms}]] {WORDS}")
    browser = page.context.browser
    assert browser is not None
    browser.start_tracing(page=page, categories=TRACED)
    page.evaluate(WATCH)
    page.keyboard.press("Enter")
    # A query by role walks the whole page, which would be most of what is measured.
    page.wait_for_function(DONE, arg=2 * chats, polling=1_000, timeout=600_000)
    frames = page.evaluate("() => { window.__frames.done = true; return window.__frames; }")
    longest = task_costs(browser.stop_tracing())
    gaps = sorted(frames["gaps"][1:])
    return {
        "chats": chats,
        "tokens": tokens,
        "frames": len(gaps),
        "gap_ms_p50": round(gaps[len(gaps) // 2], 1),
        "gap_ms_p99": round(gaps[len(gaps) * 99 // 100], 1),
        "gap_ms_max": round(gaps[-1], 1),
        "gaps_over_50_ms": sum(gap > 50 for gap in gaps),
        "long_tasks": len(frames["tasks"]),
        "long_task_ms_max": round(max(frames["tasks"], default=0), 1),
        "longest_tasks": longest,
    }


def send(page: Page, text: str, *, answers: int) -> None:
    """Ask, and wait until every answer's usage is there."""
    page.get_by_role("textbox", name="Message", exact=True).fill(text)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Usage and charge")).to_have_count(answers, timeout=60_000)


def main() -> int:
    """Measure and print; the exit code says whether the bound held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chats", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=600, help="of each answer")
    parser.add_argument("--delay-ms", type=int, default=10, help="between two tokens of an answer")
    parser.add_argument("--bound-ms", type=float, default=50, help="the longest frame that passes")
    options = parser.parse_args()
    expect.set_options(timeout=60_000)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_engine() as engine,
        running_weft(Path(folder), flags=("--stand-in",), remote=engine.url) as weft,
        running_browser() as browser,
    ):
        weft.cli("team", "create", TEAM, "--admin", "admin")
        weft.cli("project", "create", f"{TEAM}/{PROJECT}")
        with Console(weft, browser).page() as page:
            found = measure(
                page, chats=options.chats, tokens=options.tokens, delay_ms=options.delay_ms
            )
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0 if found["gap_ms_max"] <= options.bound_ms else 1


if __name__ == "__main__":
    sys.exit(main())
