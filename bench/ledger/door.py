"""What admission costs at the door: one gateway with every limit there is, one with none, and another version of it.

Each runs on a core of its own, before the same mock upstream, with the load client of `bench/gateway`. Requests per
core-second are requests over the processor time of the gateway's process, so that other work on the machine disturbs
them little. Run: `python bench/ledger/door.py [--before PATH]`, where PATH is a checkout of another version.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "gateway"))

from load import LoadRun, Mock, Programs, build_programs, run_load, start_mock
from scenarios import SCENARIOS
from weft_server import WEFT, Weft, mock_cards, start_weft

GATEWAY_CORE, LOAD_CORE = 0, 1
MODEL = "mock"
HIGH_USD, MANY = 1_000_000, 1_000_000_000


@dataclass(frozen=True, slots=True)
class Case:
    """A gateway to measure."""

    name: str
    weft: Weft


def limit_everything(weft: Weft) -> None:
    """Set every limit there is, as an admin would, far above what is sent."""
    request = urllib.request.Request(
        weft.target.url.replace("/v1/chat/completions", "/api/me"),
        headers=dict(weft.target.headers),
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        me = json.load(answer)
    keys = _weft(weft, "key", "ls")
    key, user = keys[0]["id"], me["username"]
    rates = ["--requests", str(MANY), "--tokens", str(MANY)]
    spend = [
        "--spend",
        f"{HIGH_USD}/day",
        "--spend",
        f"{HIGH_USD}/month",
        "--spend",
        f"{HIGH_USD}/year",
    ]
    flow = ["--concurrency", str(MANY)]
    for scope, name, flags in (
        ("key", key, [*rates, *spend]),
        ("user", user, [*flow, *rates, *spend]),
        ("project", "my-team/inference", [*flow, *rates, *spend]),
        ("project", "my-team/inference", [*flow, "--model", MODEL]),
        ("team", "my-team", spend),
    ):
        _weft(weft, "limit", "set", scope, name, *flags, "--reason", "a benchmark")


def _weft(weft: Weft, *words: str) -> list[dict[str, str]]:
    command = [str(WEFT), *words, "--data", str(weft.data), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise SystemExit(f"{words}: {done.stderr}")
    return json.loads(done.stdout)


@contextlib.contextmanager
def running(folder: Path, name: str, mock: Mock, before: str) -> Generator[Case]:
    """One gateway."""
    place = folder / name
    place.mkdir()
    cards = mock_cards(mock.port)
    if name == "before":
        program = (sys.executable, "-m", "weft")
        env = {"PYTHONPATH": str(Path(before, "src"))}
        weft = start_weft(
            place, cards=cards, model=MODEL, core=GATEWAY_CORE, program=program, env=env
        )
    else:
        weft = start_weft(place, cards=cards, model=MODEL, core=GATEWAY_CORE)
    try:
        if name == "limits":
            limit_everything(weft)
        yield Case(name, weft)
    finally:
        weft.target.process.end()


def measure(programs: Programs, mock: Mock, case: Case, scenario_name: str) -> dict[str, float]:
    """One load."""
    scenario = next(each for each in SCENARIOS if each.name == scenario_name)
    target = case.weft.target
    run = LoadRun(
        url=target.url,
        headers=target.headers,
        gateway_pids=target.process.pids(),
        upstream_pids=mock.process.pids(),
        core=LOAD_CORE,
    )
    load = run_load(programs, scenario, run)
    if load.lost:
        raise SystemExit(f"{case.name} lost {load.lost} requests: {load.complaint}")
    return {
        "requests_per_core_s": load.window.ok / load.gateway_cpu_s,
        "first_chunk_p50_ms": load.first_chunk_us.p50 / 1000,
        "latency_p50_ms": load.latency_us.p50 / 1000,
    }


def main() -> None:
    """Measure each case in turn, several times, and print the medians and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", default="", help="a checkout of another version")
    parser.add_argument("--reps", type=int, default=3)
    args = parser.parse_args()
    names = (["before"] if args.before else []) + ["open", "limits"]
    results: dict[tuple[str, str], list[dict[str, float]]] = {}
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="weft-bench-")))
        os.environ.pop("WEFT_DATA_DIR", None)
        programs = build_programs(Path(__file__).resolve().parents[1] / "results" / "bin")
        mock = start_mock(programs, core=LOAD_CORE, log=folder / "mock.log")
        stack.callback(mock.process.end)
        cases = [stack.enter_context(running(folder, name, mock, args.before)) for name in names]
        for repetition in range(args.reps):
            for scenario in ("c64", "slow64"):
                for case in cases[repetition % len(cases) :] + cases[: repetition % len(cases)]:
                    figures = measure(programs, mock, case, scenario)
                    results.setdefault((scenario, case.name), []).append(figures)
                    shown = {key: round(value, 3) for key, value in figures.items()}
                    print(scenario, case.name, json.dumps(shown), flush=True)
    for (scenario, name), runs in results.items():
        medians = {key: round(statistics.median(run[key] for run in runs), 3) for key in runs[0]}
        print("median", scenario, name, json.dumps(medians))


if __name__ == "__main__":
    main()
