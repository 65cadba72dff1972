"""llama.cpp's own parsers, held to the corpus: a model that says each raw output word for word, streamed and whole.

The engine gets templates that write calls as each family's does (`templates.py`), and derives its parsers from them.
It takes only what a template would write; what it does with anything else is pinned here, so that a new version of the
engine that does better, or worse, shows.
"""

import json
from pathlib import Path

import pytest
from tests.engines.formats.corpus.make import load
from tests.engines.formats.corpus.plan import TOOLS, Case
from tests.engines.formats.corpus.writers import FAMILIES, THINK_PROMPT
from tests.engines.formats.reading import Reading, assembled, read
from tests.engines.formats.speaking import speaker
from tests.engines.formats.templates import FORMS

LOOKS_LIKE_A_CALL = 'Use {"name": "x"} and [1, 2] here.'
by_form = pytest.mark.parametrize("form", FORMS)


def corpus_of(form: str) -> str:
    return form.partition(",")[0]


def cases_of(form: str, *, plain: bool) -> list[Case]:
    """The outputs that a model with this template could give."""
    thinks = FORMS[form].thinks
    return [
        case
        for case in load(corpus_of(form))
        if case.is_plain is plain
        and case.raw
        and case.prompt == (THINK_PROMPT if thinks else "")
        and not "<think>".startswith(case.raw[:7])
        and not case.raw.startswith("functools")
        and "\nfunctools" not in case.raw
    ]


def read_by_us(form: str, case: Case) -> Reading:
    return read(FAMILIES[corpus_of(form)].format, [case.raw], tools=TOOLS, prompt=case.prompt)


def meaning(reading: Reading) -> tuple[str, str, list[tuple[str, object]]]:
    """Without ids, which are made up, and without the blanks that each reader trims in its own way."""
    calls = [(call.name, json.loads(call.arguments)) for call in reading.calls]
    return reading.reasoning.strip(), reading.content.strip(), calls


@by_form
async def test_plain_output_when_llama_cpp_reads_it_then_it_says_what_we_say(
    form: str, tmp_path: Path
) -> None:
    cases = cases_of(form, plain=True)
    async with speaker(tmp_path, [case.raw for case in cases], FORMS[form].template()) as engine:
        for case in cases:
            streamed = await engine.say(case.raw, stream=True)
            whole = await engine.say(case.raw, stream=False)
            if corpus_of(form) == "llama3_json" and case.raw == LOOKS_LIKE_A_CALL:
                assert "does not match" in whole.error
                assert "does not match" in streamed.error
                continue
            assert whole.reading is not None, case
            assert streamed.reading is not None, case
            assert meaning(streamed.reading) == meaning(read_by_us(form, case)), case
            for one, other in zip(streamed.reading.calls, whole.reading.calls, strict=True):
                assert (one.name, one.arguments) == (other.name, other.arguments)
            assert streamed.reading.content == whole.reading.content
            assert streamed.reading.reasoning == whole.reading.reasoning
            assert assembled(streamed.chunks) == streamed.reading
    assert len(cases) >= 20


@by_form
async def test_answer_when_cut_off_then_llama_cpp_streams_the_beginning_of_the_whole(
    form: str, tmp_path: Path
) -> None:
    """Not all of it: what its stream still held back at the end is lost, and a whole answer has it."""
    cases = cases_of(form, plain=True)[::3]
    async with speaker(tmp_path, [case.raw for case in cases], FORMS[form].template()) as engine:
        for case in cases:
            tokens = max(1, len(engine.puppet.chains[case.raw]) // 2)
            streamed = await engine.say(case.raw, stream=True, max_tokens=tokens)
            whole = await engine.say(case.raw, stream=False, max_tokens=tokens)
            assert whole.reading is not None, case
            assert streamed.reading is not None, case
            assert whole.reading.content.startswith(streamed.reading.content), case
            assert whole.reading.reasoning.startswith(streamed.reading.reasoning), case
            pairs = zip(streamed.reading.calls, whole.reading.calls, strict=False)
            for one, other in pairs:
                assert one.name == other.name, case
                assert other.arguments.startswith(one.arguments), case


@by_form
async def test_odd_output_when_llama_cpp_reads_it_then_it_answers_or_refuses_and_lives(
    form: str, tmp_path: Path
) -> None:
    """With tools at hand, a grammar bends most of these into calls; of the rest some are refused."""
    cases = cases_of(form, plain=False)[::5]
    async with speaker(tmp_path, [case.raw for case in cases], FORMS[form].template()) as engine:
        for case in cases:
            if case.raw not in engine.puppet.chains:
                continue
            streamed = await engine.say(case.raw, stream=True)
            whole = await engine.say(case.raw, stream=False)
            assert bool(streamed.error) == bool(whole.error), case
            assert bool(streamed.error) == (streamed.reading is None)
        again = await engine.say(next(iter(engine.puppet.chains)), stream=True)
        assert again.chunks


async def test_text_when_it_holds_a_brace_and_calls_have_no_marker_then_llama_cpp_refuses_it(
    tmp_path: Path,
) -> None:
    """With tools at hand, under a template such as Llama 3's: the answer is lost from the brace on."""
    texts = ['{"answer": 42}', "C has { and }", "f({})"]
    async with speaker(tmp_path, texts, FORMS["llama3_json"].template()) as engine:
        for text in texts:
            answer = await engine.say(text, stream=True)
            assert "does not match" in answer.error
            ours = read(FAMILIES["llama3_json"].format, text, tools=TOOLS)
            assert ours == Reading(content=text)


@by_form
async def test_raw_text_when_llama_cpp_is_asked_not_to_parse_then_we_lose_nothing_of_it(
    form: str, tmp_path: Path
) -> None:
    """`tool_choice: none` leaves the tools in the prompt, and calls in the text, where our parsers read them."""
    if FORMS[form].thinks or form == "harmony":  # reasoning is parsed all the same
        return
    name = FAMILIES[corpus_of(form)].format
    cases = cases_of(form, plain=False)[::4]
    async with speaker(tmp_path, [case.raw for case in cases], FORMS[form].template()) as engine:
        for case in cases:
            if case.raw not in engine.puppet.chains:
                continue
            answer = await engine.say(case.raw, stream=True, tool_choice="none")
            deltas = [json.loads(chunk)["choices"][0]["delta"] for chunk in answer.chunks]
            pieces = [delta["content"] for delta in deltas if delta.get("content")]
            assert "".join(pieces) == case.raw
            assert read(name, pieces, tools=TOOLS) == read_by_us(form, case)


async def test_python_calls_when_llama_cpp_reads_them_then_they_are_content(tmp_path: Path) -> None:
    """Its parsers know no calls in Python: under Llama 4's template, which writes JSON, they stay as they are."""
    raws = [case.raw for case in load("llama4_pythonic") if case.is_plain and "{" not in case.raw]
    async with speaker(tmp_path, raws, FORMS["llama3_json"].template()) as engine:
        for raw in raws:
            answer = await engine.say(raw, stream=True)
            assert answer.reading == Reading(content=raw)
    assert len(raws) >= 20
