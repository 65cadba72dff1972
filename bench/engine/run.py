"""Tokens per second through Weft against the bare llama.cpp engine, at 1, 8 and 32 streams.

    .venv/bin/python bench/engine/run.py                       the tiny model that ships with Weft
    .venv/bin/python bench/engine/run.py --weights FILE.gguf   any other
    .venv/bin/python bench/engine/run.py --quick               one short pair each, to see that it works

Weft is started as users start it, and starts its engine; a second engine with the very same command line is the bare
one. They are measured in turns (bare, Weft, Weft, bare, ...), each pair gives a ratio, and the median ratio is judged.
Nothing is pinned: engine, door and client share the machine, as they do for a user. Ends with 1 if a ratio is below
0.97.
"""

import argparse
import contextlib
import shutil
import statistics
import sys
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from endpoints import BENCH, Endpoint, bare_twin, rate, streams_of, through

sys.path.append(str(BENCH / "gateway"))

from load import LoadFailed, Programs, build_programs
from processes import end_cleanly_on_sigterm
from targets import CannotMeasure
from weft_server import start_weft

RESULTS = BENCH / "results"
TINY = "weft/tiny-chat"
STREAMS = (1, 8, 32)
REQUIRED = 0.97
CARD = """id = "bench/engine"
context_window_tokens = 8192

[engines.llama_cpp]
weights = "{weights}"
context_tokens = 16384
parallel = 8
memory_mib = 1024
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """The two rates of one repetition."""

    streams: int
    bare: float
    weft: float

    @property
    def ratio(self) -> float:
        """What is left of the engine's rate."""
        return self.weft / self.bare


def main() -> int:
    """Answers the exit code."""
    parser = argparse.ArgumentParser(description="Tokens per second through Weft and without it.")
    parser.add_argument("--weights", type=Path, help="a GGUF file instead of the tiny model")
    parser.add_argument("--reps", type=int, default=5, help="pairs for each number of streams (5)")
    parser.add_argument("--quick", action="store_true", help="one short pair each")
    options = parser.parse_args()
    end_cleanly_on_sigterm()
    repetitions, seconds = (1, 1.5) if options.quick else (options.reps, 4.0)
    model = "bench/engine" if options.weights else TINY
    cards = (
        {"engine.toml": CARD.format(weights=options.weights.resolve())} if options.weights else {}
    )
    folder = RESULTS / f"engine-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    folder.mkdir(parents=True)
    programs = build_programs(RESULTS / "bin")
    try:
        with both_engines(folder, cards, model) as (bare, weft):
            pairs = measure(programs, (bare, weft), model, repetitions, seconds)
    except (CannotMeasure, LoadFailed) as error:
        print(f"cannot measure: {error}")
        return 1
    text = render(pairs, model, options.weights)
    folder.with_suffix(".md").write_text(text)
    print(f"\n{text}\nwritten to {folder.with_suffix('.md')}")
    return 0 if all(ratio >= REQUIRED for ratio in ratios(pairs).values()) else 1


@contextlib.contextmanager
def both_engines(
    folder: Path, cards: dict[str, str], model: str
) -> Generator[tuple[Endpoint, Endpoint]]:
    """The bare engine, and Weft in front of one like it."""
    with contextlib.ExitStack() as stack:
        weft = start_weft(folder, cards=cards, model=model)
        stack.callback(shutil.rmtree, weft.data, ignore_errors=True)
        stack.callback(weft.target.process.end)
        yield bare_twin(weft, model, folder, stack), through(weft, model)


def measure(
    programs: Programs,
    endpoints: tuple[Endpoint, Endpoint],
    model: str,
    repetitions: int,
    seconds: float,
) -> list[Pair]:
    """Pair by pair; which one comes first changes each time."""
    pairs: list[Pair] = []
    for repetition in range(repetitions):
        for streams in STREAMS:
            scenario = streams_of(model, streams, seconds=seconds)
            order = endpoints if repetition % 2 == 0 else endpoints[::-1]
            rates = {
                endpoint.name: rate(programs, scenario, endpoint).tokens_per_s for endpoint in order
            }
            pair = Pair(streams, bare=rates["bare"], weft=rates["weft"])
            print(
                f"{streams:3} streams  bare {pair.bare:8,.0f}  Weft {pair.weft:8,.0f} tokens/s"
                f"  ratio {pair.ratio:.3f}",
                flush=True,
            )
            pairs.append(pair)
    return pairs


def ratios(pairs: list[Pair]) -> dict[int, float]:
    """The median for each number of streams."""
    return {
        streams: statistics.median(pair.ratio for pair in pairs if pair.streams == streams)
        for streams in STREAMS
    }


def render(pairs: list[Pair], model: str, weights: Path | None) -> str:
    """The table, as Markdown."""
    lines = [
        f"# Engine: {weights.name if weights else model}, answers of 128 tokens, llama.cpp on the CPU",
        "",
        "| streams | bare tokens/s | through Weft | ratio, median | lowest | highest | pairs | >= 0.97 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for streams, ratio in ratios(pairs).items():
        of_these = [pair for pair in pairs if pair.streams == streams]
        lines.append(
            f"| {streams} | {statistics.median(pair.bare for pair in of_these):,.0f} "
            f"| {statistics.median(pair.weft for pair in of_these):,.0f} | {ratio:.3f} "
            f"| {min(pair.ratio for pair in of_these):.3f} | {max(pair.ratio for pair in of_these):.3f} "
            f"| {len(of_these)} | {'pass' if ratio >= REQUIRED else '**FAIL**'} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
