"""Three runs over 10,000 rows: how long until their comparison can be read?

    .venv/bin/python bench/console/evals.py                # real Chromium against `weft serve`
    .venv/bin/python bench/console/evals.py --rows 200     # to see that it works

Runs are written through the trace API, as the Weave client does: for each row a call that asked and scored, and the
model's own with its tokens. Times are of the comparison over HTTP, asked for the first time and again (the server keeps
what it read), of rows where models disagree, sorted by their difference, and in the browser from the navigation to the
table of figures and to the rows. Ends with 1 if the first answer took longer than `--bound-s`. Wants a console that is
built (`make console`).
"""

import argparse
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import httpx  # noqa: E402 - after the path
from playwright.sync_api import expect  # noqa: E402

from conformance.server import PROJECT, TEAM, Weft, running_weft  # noqa: E402
from console.browser import Console, running_browser  # noqa: E402

PLACE = f"{TEAM}/{PROJECT}"
RUNS = ("run-a", "run-b", "run-c")
BATCH = 2_000
METRIC = "scores.exact"


def fill(weft: Weft, rows: int) -> None:
    """Write the runs."""
    luck = random.Random(7)
    url = f"{weft.console_url}traces/v2/{PLACE}/calls/complete"
    with httpx.Client(headers=weft.headers, timeout=120) as client:

        def send(calls: list[dict[str, Any]]) -> None:
            for start in range(0, len(calls), BATCH):
                client.post(url, json={"batch": calls[start : start + BATCH]}).raise_for_status()

        for place, run in enumerate(RUNS):
            calls = [call(run, None, run, "Evaluation.evaluate", {"model": f"model-{place}"}, {})]
            for row in range(rows):
                id_ = f"{run}-{row:06d}"
                scores = {"exact": luck.random() < 0.6 + 0.05 * place, "close": luck.random()}
                told = {"output": f"an answer to {row}", "scores": scores, "model_latency": 0.5}
                inputs = {"example": {"question": f"question {row}", "target": str(row)}}
                calls.append(call(id_, run, run, "Evaluation.predict_and_score", inputs, told, row))
                used = {"prompt_tokens": 100 + row % 70, "completion_tokens": 20, "requests": 1}
                own = call(f"{id_}-p", id_, run, "answer.predict", {}, told["output"], row)
                calls.append({**own, "summary": {"usage": {"openai/gpt-oss-120b": used}}})
            send(calls)


def call(
    id_: str, parent: str | None, trace: str, op: str, inputs: Any, output: Any, at: int = 0
) -> dict[str, Any]:
    """One call."""
    start = datetime(2026, 11, 20, 10, tzinfo=UTC) + timedelta(milliseconds=at)
    return {
        "project_id": PLACE,
        "id": id_,
        "trace_id": trace,
        "parent_id": parent,
        "op_name": f"weave:///{PLACE}/op/{op}:{'d' * 43}",
        "started_at": start.isoformat(),
        "ended_at": (start + timedelta(milliseconds=300 + at % 400)).isoformat(),
        "attributes": {},
        "inputs": inputs,
        "output": output,
        "summary": {},
    }


def asked(weft: Weft) -> dict[str, float]:
    """Seconds of each question over HTTP."""
    base = f"{weft.console_url}api/evals/{PLACE}"
    rows = {
        "runs": RUNS,
        "metric": METRIC,
        "show": "disagree",
        "sort": {"metric": METRIC, "by": "difference"},
    }
    took: dict[str, float] = {}
    with httpx.Client(headers=weft.headers, timeout=300) as client:
        for name in ("comparison, first", "comparison, again"):
            start_s = time.perf_counter()
            client.get(f"{base}/comparison", params={"runs": RUNS}).raise_for_status()
            took[name] = time.perf_counter() - start_s
        start_s = time.perf_counter()
        client.post(f"{base}/rows", json=rows).raise_for_status()
        took["rows that differ"] = time.perf_counter() - start_s
    return took


def seen(weft: Weft, rows: int) -> dict[str, float]:
    """Seconds in the browser."""
    took: dict[str, float] = {}
    with running_browser() as browser, Console(weft, browser).page() as page:
        page.set_default_timeout(120_000)
        start_s = time.perf_counter()
        page.goto(f"/{PLACE}/weave/evaluations/compare?runs={','.join(RUNS)}")
        table = page.get_by_role("region", name="Table of properties and metrics")
        expect(table).to_be_visible(timeout=120_000)
        took["table in the browser"] = time.perf_counter() - start_s
        expect(page.get_by_text(f"{rows:,} of {rows:,} rows")).to_be_visible(timeout=120_000)
        took["rows in the browser"] = time.perf_counter() - start_s
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--bound-s", type=float, default=10.0)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_weft(Path(folder)) as weft:
        weft.cli("team", "create", TEAM, "--admin", "admin")
        weft.cli("project", "create", PLACE)
        fill(weft, wanted.rows)
        took = asked(weft) | seen(weft, wanted.rows)
    for name, seconds in took.items():
        print(f"{name:24} {seconds * 1000:9.0f} ms")
    return int(took["comparison, first"] > wanted.bound_s)


if __name__ == "__main__":
    sys.exit(main())
