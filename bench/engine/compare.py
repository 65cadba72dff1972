"""Engines in the same run: tokens per second of each, through Weft and bare.

    .venv/bin/python bench/engine/compare.py                        OpenVINO and llama.cpp, a llama of random weights
    .venv/bin/python bench/engine/compare.py --weights FILE.gguf    other weights
    .venv/bin/python bench/engine/compare.py --streams 1,8 --reps 5
    .venv/bin/python bench/engine/compare.py --kinds vllm --weights src/weft/demo --python ENV/bin/python

Weft is started as users start it, with a card for each engine; beside each engine stands a second one with the same
command line. All are measured in turns, and only ratios within a turn are judged: each engine through Weft must make at
least 0.97 of the tokens that it makes bare, and OpenVINO, where it stands beside llama.cpp, at least twice as many as
that at 8 streams. Ends with 1 if not. vLLM takes what `VLLM_...` variables say, such as VLLM_CPU_KVCACHE_SPACE=1.
"""

import argparse
import contextlib
import os
import shutil
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from endpoints import BENCH, START_TIMEOUT_S, Endpoint, Rate, bare_twin, rate, streams_of, through
from weights import make_weights

sys.path.append(str(BENCH / "gateway"))

from load import LoadFailed, Programs, build_programs
from processes import end_cleanly_on_sigterm
from targets import CannotMeasure, wait_until_ready
from weft_server import start_weft

RESULTS = BENCH / "results"
PAIR = ("llama_cpp", "openvino")
REQUIRED_OF_BARE = 0.97
REQUIRED_OF_EACH_OTHER = 2.0
JUDGED_STREAMS = 8
CARD = """id = "bench/{kind}"
context_window_tokens = 8192

[engines.{kind}]
weights = "{weights}"
context_tokens = 8192
parallel = 8
memory_mib = 1024
"""
VLLM_CARD = """id = "bench/vllm"
context_window_tokens = 1024

[engines.vllm]
weights = "{weights}"
python = "{python}"
device = "cpu"
context_tokens = 1024
extra_args = ["--enforce-eager", "--max-num-seqs", "64"]
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured."""

    kinds: Sequence[str]
    weights: Path
    python: Path
    streams: Sequence[int]
    repetitions: int
    seconds: float

    def card(self, kind: str) -> str:
        """The catalog file of an engine."""
        weights = self.weights.resolve()
        if kind == "vllm":
            return VLLM_CARD.format(weights=weights, python=self.python.absolute())
        return CARD.format(kind=kind, weights=weights)


@dataclass(frozen=True, slots=True)
class Turn:
    """All rates of one repetition."""

    streams: int
    rates: dict[str, Rate]
    load: float
    """The machine's load average of a minute, ours included."""

    def of_bare(self, kind: str) -> float:
        """What is left of an engine's rate through Weft."""
        return self._speed(f"weft {kind}") / self._speed(f"bare {kind}")

    @property
    def of_each_other(self) -> float | None:
        """OpenVINO's rate in llama.cpp's, both through Weft; None where one of them is not measured."""
        if not all(f"weft {kind}" in self.rates for kind in PAIR):
            return None
        return self._speed("weft openvino") / self._speed("weft llama_cpp")

    def _speed(self, name: str) -> float:
        return self.rates[name].tokens_per_s


def main() -> int:
    """Answers the exit code."""
    parser = argparse.ArgumentParser(description="Engines through Weft and bare.")
    parser.add_argument("--kinds", default=",".join(PAIR), help="engines (llama_cpp,openvino)")
    parser.add_argument("--weights", type=Path, help="a GGUF or a folder, not random weights")
    parser.add_argument("--python", type=Path, default=Path("python"), help="what has vLLM")
    parser.add_argument("--streams", default="1,8", help="numbers of streams (1,8)")
    parser.add_argument("--reps", type=int, default=3, help="turns for each of them (3)")
    parser.add_argument("--seconds", type=float, default=15.0, help="recorded of each (15)")
    options = parser.parse_args()
    end_cleanly_on_sigterm()
    folder = RESULTS / f"compare-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    folder.mkdir(parents=True)
    weights = options.weights or RESULTS / "random-llama-q8_0.gguf"
    if not weights.exists():
        print(f"making {weights}: {make_weights(weights) / 1e6:,.0f} M parameters", flush=True)
    programs = build_programs(RESULTS / "bin")
    plan = Plan(
        kinds=options.kinds.split(","),
        weights=weights,
        python=options.python,
        streams=[int(number) for number in options.streams.split(",")],
        repetitions=options.reps,
        seconds=options.seconds,
    )
    try:
        turns = measure(programs, folder, plan)
    except (CannotMeasure, LoadFailed) as error:
        print(f"cannot measure: {error}")
        return 1
    text = render(turns, weights)
    folder.with_suffix(".md").write_text(text)
    print(f"\n{text}\nwritten to {folder.with_suffix('.md')}")
    judged = [verdicts([turn for turn in turns if turn.streams == n]) for n in plan.streams]
    return 0 if all(ok for found in judged for _, _, ok in found) else 1


def measure(programs: Programs, folder: Path, plan: Plan) -> list[Turn]:
    """Turn by turn; who comes first changes each time."""
    turns: list[Turn] = []
    cards = {f"{kind}.toml": plan.card(kind) for kind in plan.kinds}
    with contextlib.ExitStack() as stack:
        weft = start_weft(
            folder, cards=cards, model=f"bench/{plan.kinds[0]}", ready_s=START_TIMEOUT_S
        )
        stack.callback(shutil.rmtree, weft.data, ignore_errors=True)
        stack.callback(weft.target.process.end)
        ways: list[tuple[str, Endpoint]] = []
        for kind in plan.kinds:
            model = f"bench/{kind}"
            wait_until_ready(
                weft.target, folder / "weft.log", model=model, timeout_s=START_TIMEOUT_S
            )
            bare = bare_twin(weft, model, folder, stack, name=f"bare {kind}")
            ways += [(model, through(weft, model, f"weft {kind}")), (model, bare)]
        for repetition in range(plan.repetitions):
            for number in plan.streams:
                order = ways if repetition % 2 == 0 else ways[::-1]
                rates = {
                    way.name: rate(
                        programs, streams_of(model, number, seconds=plan.seconds, warm_s=3.0), way
                    )
                    for model, way in order
                }
                turns.append(Turn(number, rates, os.getloadavg()[0]))
                told = "  ".join(
                    f"{name} {told.tokens_per_s:,.1f}" for name, told in sorted(rates.items())
                )
                print(f"{number:3} streams  {told} tokens/s  load {turns[-1].load:.1f}", flush=True)
    return turns


def verdicts(turns: Sequence[Turn]) -> list[tuple[str, float, bool]]:
    """What is judged, its median, and whether it is enough."""
    if not turns:
        return []
    found: list[tuple[str, float, bool]] = []
    for kind in sorted({name.removeprefix("weft ") for name in turns[0].rates if "weft" in name}):
        ratio = statistics.median(turn.of_bare(kind) for turn in turns)
        found.append((f"{kind} through Weft / bare", ratio, ratio >= REQUIRED_OF_BARE))
    ratios = [turn.of_each_other for turn in turns if turn.of_each_other is not None]
    if ratios:
        ratio = statistics.median(ratios)
        is_enough = ratio >= REQUIRED_OF_EACH_OTHER or turns[0].streams != JUDGED_STREAMS
        found.append(("openvino / llama_cpp, through Weft", ratio, is_enough))
    return found


def render(turns: Sequence[Turn], weights: Path) -> str:
    """The tables, as Markdown."""
    loads = [turn.load for turn in turns]
    machine = f"{len(os.sched_getaffinity(0))} cores, load {min(loads):.1f} to {max(loads):.1f}"
    lines = [
        f"# {weights.name}, answers of 128 tokens, {datetime.now(UTC):%Y-%m-%d %H:%M}, {machine}",
        "",
        "| streams | " + " | ".join(sorted(turns[0].rates)) + " | turns |",
        "|---" * (len(turns[0].rates) + 2) + "|",
    ]
    numbers = sorted({turn.streams for turn in turns})
    for number in numbers:
        of_these = [turn for turn in turns if turn.streams == number]
        medians = [
            f"{statistics.median(turn.rates[name].tokens_per_s for turn in of_these):,.1f}"
            for name in sorted(turns[0].rates)
        ]
        lines.append(f"| {number} | {' | '.join(medians)} | {len(of_these)} |")
    lines += ["", "| streams | ratio, median of turns | | |", "|---|---|---|---|"]
    for number in numbers:
        for what, ratio, ok in verdicts([turn for turn in turns if turn.streams == number]):
            lines.append(f"| {number} | {what} | {ratio:.3f} | {'pass' if ok else '**FAIL**'} |")
    return "\n".join([*lines, "", *costs(turns), ""])


def costs(turns: Sequence[Turn]) -> list[str]:
    """What a token costs in CPU time, which other work on the machine hardly changes."""
    lines = ["| streams | CPU of a token | engine, ms | Weft, ms |", "|---|---|---|---|"]
    for number in sorted({turn.streams for turn in turns}):
        of_these = [turn for turn in turns if turn.streams == number]
        for name in sorted(turns[0].rates):
            engine = statistics.median(turn.rates[name].engine_ms for turn in of_these)
            door = statistics.median(turn.rates[name].door_ms for turn in of_these)
            lines.append(f"| {number} | {name} | {engine:.3f} | {door:.3f} |")
    return lines


if __name__ == "__main__":
    sys.exit(main())
