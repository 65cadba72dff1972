"""Makes the corpus: 200 raw outputs for each format (`python -m tests.engines.formats.corpus.make`).

The odd ones are written by hand; the others are rolled with a fixed seed: plain ones, laid out as a chat template
would, well-formed ones, laid out in any way, ones that were cut off at some place, and ones with a mistake. What the
first kinds mean is stated; of the last two only that nothing is lost.
"""

import dataclasses
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.engines.formats.corpus import odd, odd_more
from tests.engines.formats.corpus.plan import Case, Settled, roll
from tests.engines.formats.corpus.writers import FAMILIES

FOLDER = Path(__file__).parent
COUNT = 200
_PLAIN, _CUT, _WRONG = 55, 40, 25
_ODD = {
    "think": odd_more.THINK,
    "hermes": odd.HERMES,
    "qwen3_coder": odd_more.QWEN3_CODER,
    "harmony": odd_more.HARMONY,
    "deepseek_v3": odd.DEEPSEEK_V3,
    "deepseek_v31": odd.DEEPSEEK_V31,
    "kimi_k2": odd.KIMI_K2,
    "llama3_json": odd_more.LLAMA3_JSON,
    "llama4_pythonic": odd_more.LLAMA4_PYTHONIC,
    "phi4_mini": odd.PHI4_MINI,
}
_MISTAKES = ('"', "{", "}", "]", "<", "\\", "\n", ",", "'", "</")


def make(name: str) -> list[Case]:
    """The cases of a format."""
    chance = Random(name)
    cases = list(_ODD[name])
    seen = {(case.prompt, case.raw) for case in cases}

    def fresh(made: Iterator[Case], count: int) -> Iterator[Case]:
        new = (case for case in made if (case.prompt, case.raw) not in seen)
        for case in itertools.islice(new, count):
            seen.add((case.prompt, case.raw))
            yield case

    first = len(cases)
    cases += fresh(_plain(chance, name), _PLAIN)
    cases += fresh(_well_formed(chance, name), COUNT - len(cases) - _CUT - _WRONG)
    whole = range(first, len(cases))
    cases += fresh(_cut_off(chance, cases, whole), _CUT)
    cases += fresh(_mistaken(chance, cases, whole), _WRONG)
    return cases


def _plain(chance: Random, name: str) -> Iterator[Case]:
    family = FAMILIES[name]
    while True:
        plan = roll(chance, family.markers, strange=False)
        plan = dataclasses.replace(plan, after="", calls=plan.calls[: family.calls_in_a_turn])
        yield dataclasses.replace(family.write(Settled(), plan), kind="plain")


def _well_formed(chance: Random, name: str) -> Iterator[Case]:
    family = FAMILIES[name]
    while True:
        plan = roll(chance, family.markers, strange=family.is_strange)
        yield family.write(chance, plan)


def _cut_off(chance: Random, cases: list[Case], whole: range) -> Iterator[Case]:
    while True:
        at = chance.choice(whole)
        raw = cases[at].raw
        cut = raw[: chance.randrange(len(raw) + 1)]
        yield Case("cut off", cut, cases[at].prompt, whole=at)


def _mistaken(chance: Random, cases: list[Case], whole: range) -> Iterator[Case]:
    while True:
        case = cases[chance.choice(whole)]
        at = chance.randrange(len(case.raw) + 1)
        until = at + chance.choice((0, 0, 1, 5))
        mistake = chance.choice(_MISTAKES)
        yield Case("mistake", case.raw[:at] + mistake + case.raw[until:], case.prompt)


def load(name: str) -> list[Case]:
    """The cases of a format, as they stand in its file."""
    lines = (FOLDER / f"{name}.jsonl").read_text().splitlines()
    return [Case(**json.loads(line)) for line in lines]


def as_lines(cases: list[Case]) -> str:
    """The content of a format's file."""
    shown = ({k: v for k, v in dataclasses.asdict(case).items() if v} for case in cases)
    full = (
        told | {"raw": case.raw} | ({"calls": case.calls} if case.is_stated else {})
        for told, case in zip(shown, cases, strict=True)
    )
    return "".join(json.dumps(told) + "\n" for told in full)


def main() -> None:
    for name in FAMILIES:
        (FOLDER / f"{name}.jsonl").write_text(as_lines(make(name)))


if __name__ == "__main__":
    main()
