import json
from itertools import chain

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.catalog.types import FakeSpec
from weft.engines.kinds.fake.answers import Question, Switches, compose, parse_switches
from weft.engines.kinds.fake.plan import launch
from weft.kit.errors import CannotStart

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        },
    },
}


def ask(text: str, **fields: object) -> Question:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]
    return msgspec.convert({"messages": messages, **fields}, Question)


def answer(text: str, switches: str = "", **fields: object) -> tuple[str, str]:
    made = compose(ask(text, **fields), 0, parse_switches(switches))
    return "".join(made.pieces), made.finish_reason


def test_switches_when_written_with_commas_or_blanks_then_they_are_read() -> None:
    base = parse_switches("delay_ms=5, odd_chunks")
    assert parse_switches("usage=off die_after=3", base) == Switches(
        delay_ms=5, odd_chunks=True, usage=False, die_after=3
    )


@pytest.mark.parametrize("text", ["nonsense", "delay_ms=soon", "delay_ms"])
def test_switches_when_wrong_then_they_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"switch|invalid literal"):
        parse_switches(text)
    with pytest.raises(CannotStart, match="behaviour"):
        launch(FakeSpec(text))


def test_directive_when_in_the_last_user_message_then_it_counts_and_is_no_text() -> None:
    question = ask("Hello [[fake: usage=off]] you")
    assert question.directive.strip() == "usage=off"
    assert question.said == "Hello you"
    assert question.prompt_tokens == 4


def test_answer_when_nothing_else_is_asked_then_it_repeats_the_words() -> None:
    assert answer("Hello big world") == ("Hello big world", "stop")
    assert answer("") == ("nothing", "stop")


def test_answer_when_content_comes_in_parts_then_their_texts_count() -> None:
    parts = [{"type": "text", "text": "two words"}, {"type": "image_url"}]
    question = msgspec.convert({"messages": [{"role": "user", "content": parts}]}, Question)
    assert question.prompt_tokens == 2


def test_answer_when_max_tokens_is_smaller_then_it_is_cut() -> None:
    assert answer("a b c", max_tokens=2) == ("a b ", "length")
    assert answer("a b c", max_completion_tokens=3) == ("a b c", "stop")


def test_answer_when_reasoning_uses_up_max_tokens_then_no_content_is_left() -> None:
    made = compose(ask("a b c", max_tokens=3), 0, parse_switches("reasoning=5"))
    assert (len(made.reasoning), made.pieces, made.finish_reason) == (3, (), "length")


def test_answer_when_it_meets_a_stop_sequence_then_it_ends_before_it() -> None:
    assert answer("one two three", stop=["three", "two"]) == ("one ", "stop")
    assert answer("one two", stop="nowhere") == ("one two", "stop")


def test_answer_when_seeded_or_one_of_several_then_the_words_turn() -> None:
    question = ask("a b c", seed=1)
    texts = ["".join(compose(question, index, Switches()).pieces) for index in range(3)]
    assert texts == ["b c a", "c a b", "a b c"]


def test_answer_when_a_length_is_asked_for_then_the_words_go_round() -> None:
    assert answer("a b", "tokens=5") == ("a b a b a", "stop")


def test_answer_when_a_tool_is_named_then_it_is_called_with_the_values_given() -> None:
    made = compose(ask("get_weather city=Paris days=3", tools=[TOOL]), 0, Switches())
    assert (made.tool, made.finish_reason) == ("get_weather", "tool_calls")
    assert json.loads("".join(made.pieces)) == {"city": "Paris", "days": 3}


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ("auto", ""),
        ("none", ""),
        ("required", "get_weather"),
        ({"type": "function", "function": {"name": "get_weather"}}, "get_weather"),
    ],
)
def test_answer_when_tool_choice_says_so_then_the_tool_is_called(
    choice: object, called: str
) -> None:
    made = compose(ask("Hello", tools=[TOOL], tool_choice=choice), 0, Switches())
    assert made.tool == called


def test_answer_when_tool_choice_is_none_then_a_named_tool_is_not_called() -> None:
    made = compose(ask("get_weather", tools=[TOOL], tool_choice="none"), 0, Switches())
    assert made.tool == ""


def test_answer_when_json_is_asked_for_then_it_is_json() -> None:
    text, _ = answer("Hello", response_format={"type": "json_object"})
    assert json.loads(text) == {"answer": "Hello"}


def test_answer_when_a_schema_is_given_then_it_fits() -> None:
    schema = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "age": {"type": "integer"},
            "ok": {"type": "boolean"},
            "none": {"type": "null"},
            "tags": {"type": "array"},
            "kind": {"enum": ["x", "y"]},
            "fixed": {"const": 7},
            "nested": {"properties": {"weight": {"type": "number"}}},
        },
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    text, _ = answer("name=Ada age=36", response_format=wanted)
    assert json.loads(text) == {
        "name": "Ada",
        "age": 36,
        "ok": True,
        "none": None,
        "tags": [],
        "kind": "x",
        "fixed": 7,
        "nested": {"weight": 1},
    }


@given(st.text(), st.integers(1, 20), st.integers(0, 5))
def test_answer_when_anything_is_said_then_the_tokens_are_bounded(
    text: str, limit: int, reasoning: int
) -> None:
    try:
        switches = parse_switches(ask(text).directive, Switches(reasoning=reasoning))
    except ValueError:
        return
    made = compose(ask(text, max_tokens=limit), 0, switches)
    assert made.tokens <= limit
    assert made == compose(ask(text, max_tokens=limit), 0, switches)
    assert all(piece for piece in chain(made.reasoning, made.pieces))
