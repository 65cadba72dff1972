# pyright: reportPrivateUsage=false
"""Any text at all, cut anywhere: nothing is raised, nothing is lost, and the cuts make no difference."""

import functools
import itertools
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.formats.corpus.plan import TOOLS
from tests.engines.formats.reading import Reading, deltas_of, put_together, read

from weft.engines.formats.output import ScriptParser
from weft.engines.formats.registry import make_parser
from weft.engines.formats.types import CallStart, Content, Format

CALLING = [name for name in Format if name not in (Format.TEXT, Format.THINK)]
MARKERS = (
    *("<think>", "</think>", "<tool_call>", "</tool_call>", "<function=", "</function>"),
    *("<parameter=", "</parameter>", "<|channel|>", "<|message|>", "<|start|>", "<|end|>"),
    *("<|call|>", "<|constrain|>", "<|return|>", "assistant", "analysis", "commentary", "final"),
    *("<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>"),
    *("<｜tool▁calls▁end｜>", "function", "```json", "```", "<|tool_calls_section_begin|>"),
    *("<|tool_call_begin|>", "<|tool_call_argument_begin|>", "<|tool_call_end|>"),
    *("<|tool_calls_section_end|>", "functions.now:0", "<|python_tag|>", "<|python_start|>"),
    *("<|python_end|>", "<|tool_call|>", "<|/tool_call|>", "functools", "to=functions.now"),
)
BITS = (
    *('{"name": "now", "arguments": ', '"parameters": ', '{"name": "now"', "{}", "{", "}", "["),
    *("]", '"', "\\", ":", ",", ";", ">", "<", "\n", " ", "now", "(", ")", "=", "'", "None", "1"),
    *('"a"', "get_weather", "city", "days", "json", "\\u00", "[now(a=", "<function=now>\n"),
    *("<parameter=city>\n", "\n</parameter>", "to="),
)
pieces = st.lists(
    st.sampled_from(MARKERS) | st.sampled_from(BITS) | st.text(max_size=3), max_size=25
)
by_format = pytest.mark.parametrize("name", Format)
many = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
ANY_MARKER = re.compile("|".join(map(re.escape, sorted(MARKERS, key=len, reverse=True))))


@by_format
@many
@given(
    parts=pieces,
    cuts=st.lists(st.integers(0, 400), max_size=8),
    prompt=st.sampled_from(("", "<think>\n")),
)
def test_text_when_cut_anywhere_then_it_is_read_the_same(
    name: Format, parts: list[str], cuts: list[int], prompt: str
) -> None:
    text = "".join(parts)
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    cut = [text[a:b] for a, b in itertools.pairwise(places)]
    whole = read(name, [text], tools=TOOLS, prompt=prompt)
    assert read(name, cut, tools=TOOLS, prompt=prompt) == whole
    assert read(name, text, tools=TOOLS, prompt=prompt) == whole


@by_format
@many
@given(parts=pieces)
def test_text_when_it_is_no_call_then_it_is_content_to_the_letter(
    name: Format, parts: list[str]
) -> None:
    text = "".join(parts)
    reading = read(name, [text], tools=TOOLS)
    if not reading.calls and not reading.reasoning and "<think>" not in text and name != "harmony":
        assert reading == Reading(content=text)


@by_format
@many
@given(parts=pieces, seat=st.integers(0, 25))
def test_letter_when_it_stands_anywhere_then_it_comes_out(
    name: Format, parts: list[str], seat: int
) -> None:
    letter = "\ue123"
    reading = read(name, ["".join([*parts[:seat], letter, *parts[seat:]])], tools=TOOLS)
    texts = [reading.reasoning, reading.content]
    texts += [text for call in reading.calls for text in (call.arguments, call.id or call.name)]
    assert "".join(texts).count(letter) == 1


@by_format
@given(text=st.text())
def test_text_when_it_holds_no_marker_then_it_is_content(name: Format, text: str) -> None:
    if not ANY_MARKER.search(text) and "[" not in text and "{" not in text:
        assert read(name, text, tools=TOOLS) == Reading(content=text)


@by_format
def test_text_when_long_then_little_is_held_back(name: Format) -> None:
    """A quadratic reader, or one that holds text back, takes minutes here and fails."""
    count = 15_000
    for unit in ("a ", "<", " ", "\n", "<tool_call>{", '{"a": [', "<|channel|>", "\\", "`"):
        parser = make_parser(name, tools=TOOLS)
        assert isinstance(parser, ScriptParser)
        source = parser._source
        for letter in itertools.islice(itertools.cycle(unit), count):
            parser.feed(letter)
            assert len(source._text) <= 64
        parser.finish()


HEADS = {
    Format.HERMES: '<tool_call>{"name": "now", "arguments": {"a": "',
    Format.QWEN3_CODER: "<tool_call><function=get_weather><parameter=city>",
    Format.HARMONY: '<|channel|>commentary to=functions.now<|message|>{"a": "',
    Format.DEEPSEEK: '<｜tool▁call▁begin｜>now<｜tool▁sep｜>{"a": "',
    Format.KIMI_K2: '<|tool_call_begin|>now:0<|tool_call_argument_begin|>{"a": "',
    Format.LLAMA3_JSON: '{"name": "now", "parameters": {"a": "',
    Format.LLAMA4_PYTHONIC: '[now(a="',
    Format.PHI4_MINI: '<|tool_call|>[{"name": "now", "arguments": {"a": "',
}


@pytest.mark.parametrize("name", CALLING)
def test_arguments_when_they_grow_then_each_piece_leaves_at_once(name: Format) -> None:
    parser = make_parser(name, tools=TOOLS)
    assert isinstance(parser.feed(HEADS[name] + "x")[0], CallStart)
    for word in ("Pa", "ris", " é"):
        (delta,) = parser.feed(word)
        assert not isinstance(delta, CallStart)
        assert delta.text == word


@pytest.mark.parametrize("name", CALLING)
def test_arguments_when_nested_deeply_then_nothing_is_raised(name: Format) -> None:
    head = HEADS[name].removesuffix('"')
    for unit in ("[", '{"k":', "((", "'"):
        deltas = deltas_of(name, [head, unit * 50_000], tools=TOOLS)
        assert isinstance(deltas[0], CallStart)


def test_values_when_nested_deeply_then_they_are_strings() -> None:
    head = "<tool_call><function=search_web><parameter=filters>"
    text = f"{head}{'[' * 100_000}</parameter></function></tool_call>"
    (call,) = read(Format.QWEN3_CODER, [text], tools=TOOLS).calls
    assert call.arguments == '{"filters": "' + "[" * 100_000 + '"}'


def test_pieces_when_they_say_the_same_thing_then_they_are_one() -> None:
    feed = functools.partial(make_parser(Format.TEXT, tools={}).feed)
    assert feed("a") == [Content("a")]
    assert put_together(feed("")) == Reading()
