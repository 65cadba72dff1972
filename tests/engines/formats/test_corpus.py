"""200 raw outputs for each format, cut in every odd way: what comes out is the same, right, and all there."""

import json
import re
from random import Random
from typing import Any

import pytest
from tests.engines.formats.corpus.make import COUNT, FOLDER, as_lines, load, make
from tests.engines.formats.corpus.plan import TOOLS, Case
from tests.engines.formats.corpus.writers import FAMILIES
from tests.engines.formats.reading import (
    Call,
    Reading,
    as_chunk,
    assembled,
    deltas_of,
    read,
)

from weft.engines.formats.types import Format

CASES = {name: load(name) for name in FAMILIES}
OPEN_END = re.compile(r"\s*(?:(?:\\n)*<[^\s<>]*|`+|\\\\[xuU]?[0-9a-f]*)?$")
"""What may stand at the end of arguments that were cut off: the beginning of a marker or of an escape."""
SENTINEL = "\ue123"
by_format = pytest.mark.parametrize("name", FAMILIES)


def reading_of(name: str, case: Case, *pieces: str) -> Reading:
    return read(FAMILIES[name].format, pieces or [case.raw], tools=TOOLS, prompt=case.prompt)


def pieces_of(raw: str, chance: Random) -> list[str]:
    """The text in pieces of odd lengths."""
    pieces: list[str] = []
    while raw:
        count = chance.choice((1, 1, 2, 3, 7, 20))
        pieces.append(raw[:count])
        raw = raw[count:]
    return pieces


@by_format
def test_file_when_made_anew_then_it_is_the_same(name: str) -> None:
    cases = CASES[name]
    assert as_lines(make(name)) == (FOLDER / f"{name}.jsonl").read_text()
    assert len({(case.prompt, case.raw) for case in cases}) == len(cases) == COUNT


def stated(case: Case) -> list[Call]:
    return [
        Call(call_id, name, arguments if isinstance(arguments, str) else "")
        for name, call_id, arguments in case.calls or []
    ]


@by_format
def test_output_when_its_meaning_is_stated_then_it_is_read_so(name: str) -> None:
    for case in CASES[name]:
        if not case.is_stated:
            continue
        reading = reading_of(name, case)
        for call, (_, _, arguments) in zip(reading.calls, case.calls or [], strict=True):
            if not isinstance(arguments, str):  # the format has no JSON of its own
                assert json.loads(call.arguments) == arguments, case
                call.arguments = ""
        expected = Reading(case.reasoning or "", case.content or "", stated(case))
        assert reading == expected, case


@by_format
def test_output_when_cut_anywhere_then_it_is_read_the_same(name: str) -> None:
    chance = Random(0)
    for number, case in enumerate(CASES[name]):
        whole = reading_of(name, case)
        assert reading_of(name, case, *case.raw) == whole, case
        for _ in range(3):
            pieces = pieces_of(case.raw, chance)
            assert reading_of(name, case, *pieces) == whole, (case, pieces)
        if number % 10 == 0:
            for at in range(len(case.raw)):
                two = case.raw[:at], case.raw[at:]
                assert reading_of(name, case, *two) == whole, two


@by_format
def test_output_when_cut_off_then_it_is_the_beginning_of_the_whole(name: str) -> None:
    for case in CASES[name]:
        if case.whole is None:
            continue
        part, whole = reading_of(name, case), reading_of(name, CASES[name][case.whole])
        assert len(part.calls) <= len(whole.calls), case
        for one, other in zip(part.calls, whole.calls, strict=False):
            assert (one.id, one.name) == (other.id, other.name), case
            assert other.arguments.startswith(OPEN_END.sub("", one.arguments)), case
            is_last = one is part.calls[-1]
            assert is_last or one.arguments == other.arguments, case


@by_format
def test_output_when_no_call_is_found_then_it_is_content_to_the_letter(name: str) -> None:
    found = 0
    for case in CASES[name]:
        is_plain = not case.prompt and not case.raw.lstrip().startswith("<think>")
        reading = reading_of(name, case)
        if is_plain and not reading.calls and FAMILIES[name].format is not Format.HARMONY:
            assert reading == Reading(content=case.raw)
            found += 1
    assert found or name == "harmony"


@by_format
def test_letter_when_it_stands_anywhere_then_it_comes_out(name: str) -> None:
    chance = Random(0)
    for case in CASES[name]:
        for _ in range(6):
            at = chance.randrange(len(case.raw) + 1)
            raw = case.raw[:at] + SENTINEL + case.raw[at:]
            reading = read(FAMILIES[name].format, [raw], tools=TOOLS, prompt=case.prompt)
            places: list[Any] = [reading.reasoning, reading.content]
            places += [call.arguments for call in reading.calls]
            places += [call.id or call.name for call in reading.calls]
            assert sum(place.count(SENTINEL) for place in places) == 1, raw


@by_format
def test_deltas_when_the_gateway_puts_them_together_then_nothing_changes(name: str) -> None:
    form = FAMILIES[name].format
    for case in CASES[name][::2]:
        whole = reading_of(name, case)
        for number, call in enumerate(whole.calls):
            call.id = call.id or f"made_{number}"
        deltas = deltas_of(form, case.raw, tools=TOOLS, prompt=case.prompt)
        if deltas:
            assert assembled(map(as_chunk, deltas)) == whole, case
