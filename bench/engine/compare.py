"""Two engines with the same weights in the same run: tokens per second of each, through Weft and bare.

    .venv/bin/python bench/engine/compare.py                        OpenVINO and llama.cpp, a llama of random weights
    .venv/bin/python bench/engine/compare.py --weights FILE.gguf    other weights
    .venv/bin/python bench/engine/compare.py --streams 1,8 --reps 5

Weft is started as users start it, with a card for each engine; beside each engine stands a second one with the same
command line. All four are measured in turns, and only ratios within a turn are judged: OpenVINO through Weft must make
at least twice the tokens of llama.cpp through Weft at 8 streams, and each at least 0.97 of what it makes bare. Ends
with 1 if not.
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

from endpoints import BENCH, Endpoint, bare_twin, rate, streams_of, through
from weights import make_weights

sys.path.append(str(BENCH / "gateway"))

from load import LoadFailed, Programs, build_programs
from processes import end_cleanly_on_sigterm
from targets import CannotMeasure, wait_until_ready
from weft_server import start_weft

RESULTS = BENCH / "results"
KINDS = ("llama_cpp", "openvino")
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


@dataclass(frozen=True, slots=True)
class Turn:
    """All rates of one repetition."""

    streams: int
    rates: dict[str, float]
    load: float
    """The machine's load average of a minute, ours included."""

    def of_bare(self, kind: str) -> float:
        """What is left of an engine's rate through Weft."""
        return self.rates[f"weft {kind}"] / self.rates[f"bare {kind}"]

    @property
    def of_each_other(self) -> float:
        """OpenVINO's rate in llama.cpp's, both through Weft."""
        return self.rates["weft openvino"] / self.rates["weft llama_cpp"]


def main() -> int:
    """Answers the exit code."""
    parser = argparse.ArgumentParser(description="Two engines with the same weights.")
    parser.add_argument("--weights", type=Path, help="a GGUF file instead of random weights")
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
    streams = [int(number) for number in options.streams.split(",")]
    try:
        turns = measure(programs, folder, weights, streams, options.reps, options.seconds)
    except (CannotMeasure, LoadFailed) as error:
        print(f"cannot measure: {error}")
        return 1
    text = render(turns, weights)
    folder.with_suffix(".md").write_text(text)
    print(f"\n{text}\nwritten to {folder.with_suffix('.md')}")
    judged = [turn for turn in turns if turn.streams == JUDGED_STREAMS]
    return 0 if all(ok for _, _, ok in verdicts(judged)) else 1


def measure(
    programs: Programs,
    folder: Path,
    weights: Path,
    streams: Sequence[int],
    repetitions: int,
    seconds: float,
) -> list[Turn]:
    """Turn by turn; who comes first changes each time."""
    turns: list[Turn] = []
    cards = {f"{kind}.toml": CARD.format(kind=kind, weights=weights.resolve()) for kind in KINDS}
    with contextlib.ExitStack() as stack:
        weft = start_weft(folder, cards=cards, model=f"bench/{KINDS[0]}")
        stack.callback(shutil.rmtree, weft.data, ignore_errors=True)
        stack.callback(weft.target.process.end)
        ways: list[tuple[str, Endpoint]] = []
        for kind in KINDS:
            model = f"bench/{kind}"
            wait_until_ready(weft.target, folder / "weft.log", model=model)
            bare = bare_twin(weft, model, folder, stack, name=f"bare {kind}")
            ways += [(model, through(weft, f"weft {kind}")), (model, bare)]
        for repetition in range(repetitions):
            for number in streams:
                order = ways if repetition % 2 == 0 else ways[::-1]
                rates = {
                    way.name: rate(
                        programs, streams_of(model, number, seconds=seconds, warm_s=3.0), way
                    )
                    for model, way in order
                }
                turns.append(Turn(number, rates, os.getloadavg()[0]))
                told = "  ".join(f"{name} {value:,.1f}" for name, value in sorted(rates.items()))
                print(f"{number:3} streams  {told} tokens/s  load {turns[-1].load:.1f}", flush=True)
    return turns


def verdicts(turns: Sequence[Turn]) -> list[tuple[str, float, bool]]:
    """What is judged, its median, and whether it is enough."""
    if not turns:
        return []
    found: list[tuple[str, float, bool]] = []
    for kind in KINDS:
        ratio = statistics.median(turn.of_bare(kind) for turn in turns)
        found.append((f"{kind} through Weft / bare", ratio, ratio >= REQUIRED_OF_BARE))
    ratio = statistics.median(turn.of_each_other for turn in turns)
    found.append(("openvino / llama_cpp, through Weft", ratio, ratio >= REQUIRED_OF_EACH_OTHER))
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
            f"{statistics.median(turn.rates[name] for turn in of_these):,.1f}"
            for name in sorted(turns[0].rates)
        ]
        lines.append(f"| {number} | {' | '.join(medians)} | {len(of_these)} |")
    lines += ["", "| streams | ratio, median of turns | | |", "|---|---|---|---|"]
    for number in numbers:
        for what, ratio, ok in verdicts([turn for turn in turns if turn.streams == number]):
            judged = ("pass" if ok else "**FAIL**") if number == JUDGED_STREAMS else ""
            lines.append(f"| {number} | {what} | {ratio:.3f} | {judged} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
