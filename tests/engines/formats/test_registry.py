"""The first look at parsers: the format that a template shows, reasoning, and what leaves when."""

from pathlib import Path

import pytest
from tests.engines.formats.corpus.writers import FAMILIES
from tests.engines.formats.reading import Call, Reading, read
from tests.engines.formats.templates import FORMS

from weft.engines.formats.registry import detect, make_parser
from weft.engines.formats.types import (
    CallArguments,
    CallStart,
    Content,
    Format,
    Reasoning,
    Tools,
)

TOOLS: Tools = {"f": {}}
PAGE = Path(__file__).parents[3] / "docs" / "formats.md"
CALL = '<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>'


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{{ messages }}", Format.TEXT),
        ("...'<think>\n'...", Format.THINK),
        ("<tool_call> and <think>", Format.HERMES),
        ("<tool_call>\n<function=", Format.QWEN3_CODER),
        ("<|start|>assistant<|channel|>", Format.HARMONY),
        ("<think> <｜tool▁calls▁begin｜>", Format.DEEPSEEK),
        ("<|tool_calls_section_begin|><|tool_call_begin|>", Format.KIMI_K2),
        ("<|start_header_id|>assistant", Format.LLAMA3_JSON),
        ("<|header_start|>assistant", Format.LLAMA4_PYTHONIC),
        ("<|tool|>{{ tools }}<|/tool|>", Format.PHI4_MINI),
    ],
)
def test_template_when_searched_then_it_shows_the_format(template: str, name: Format) -> None:
    assert detect(template) is name


@pytest.mark.parametrize("form", FORMS)
def test_template_when_it_writes_calls_then_the_format_is_found(form: str) -> None:
    assert detect(FORMS[form].template()) is FAMILIES[form.partition(",")[0]].format


def test_page_when_read_then_it_names_each_format() -> None:
    page = PAGE.read_text()
    for name in Format:
        assert name in (Format.TEXT, Format.THINK) or f"| {name} |" in page


@pytest.mark.parametrize("name", [Format.THINK, Format.HERMES])
@pytest.mark.parametrize(
    ("text", "prompt", "reading"),
    [
        ("Hi", "", Reading(content="Hi")),
        ("<think>\nhm\n</think>\n\nHi", "", Reading("hm", "Hi")),
        ("\n<think>hm</think>Hi", "", Reading("hm", "Hi")),
        ("<think>hm\n", "", Reading("hm\n")),
        ("hm</think>Hi", "...<think>\n", Reading("hm", "Hi")),
        ("hm", "...<think>\n", Reading("hm")),
        ("<think>hm</think>Hi", "...<think>\n", Reading("hm", "Hi")),
        ("hm</think>Hi", "...<think></think>", Reading(content="hm</think>Hi")),
        ("Hi <think>hm</think>", "", Reading(content="Hi <think>hm</think>")),
        ("<think></think>", "", Reading()),
        ("<think><think>a</think></think>", "", Reading("<think>a", "</think>")),
        (f"<think>{CALL}</think> Hi", "", Reading(CALL, " Hi")),
        ("<thinking>", "", Reading(content="<thinking>")),
    ],
)
def test_thought_when_tagged_then_it_is_reasoning(
    name: Format, text: str, prompt: str, reading: Reading
) -> None:
    assert read(name, [text], tools=TOOLS, prompt=prompt) == reading
    assert read(name, text, tools=TOOLS, prompt=prompt) == reading


def test_calls_when_no_tools_are_offered_then_they_are_text() -> None:
    assert read(Format.HERMES, [f"<think>hm</think>{CALL}"], tools={}) == Reading("hm", CALL)


def test_text_when_the_format_is_unknown_then_nothing_is_looked_for() -> None:
    text = f" <think>hm</think>\n{CALL} "
    assert read(Format.TEXT, text, tools=TOOLS) == Reading(content=text)


def test_text_when_it_comes_then_it_leaves_at_once() -> None:
    parser = make_parser(Format.HERMES, tools=TOOLS)
    assert parser.feed("<thi") == []
    assert parser.feed("nk>a") == [Reasoning("a")]
    assert parser.feed("b\n</th") == [Reasoning("b")]
    assert parser.feed("x") == [Reasoning("\n</thx")]
    assert parser.feed("</think>Hi <tool") == [Content("Hi")]
    assert parser.feed("s") == [Content(" <tools")]
    assert parser.feed('<tool_call>{"name": "f", "arguments":') == []
    assert parser.feed(' {"a') == [CallStart(0, "", "f"), CallArguments(0, '{"a')]
    assert parser.feed('": [') == [CallArguments(0, '": [')]
    assert parser.feed("]}") == [CallArguments(0, "]}")]
    assert parser.feed("}\n</tool_call>\n") == []
    assert parser.feed("<tool_call>") == []
    assert parser.finish() == [Content("<tool_call>")]


def test_call_when_cut_anywhere_then_it_is_the_same() -> None:
    text = f"Hi\n{CALL}\n{CALL} bye "
    whole = Reading(content="Hi\nbye ", calls=[Call("", "f", '{"a": 1}')] * 2)
    for at in range(len(text)):
        assert read(Format.HERMES, [text[:at], text[at:]], tools=TOOLS) == whole
