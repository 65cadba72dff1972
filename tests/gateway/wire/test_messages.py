"""Fields of messages and of their parts that have no type here: which of them are reported, and what stays."""

from typing import Any

import pytest
from msgspec import Raw, json

from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.messages import IGNORABLE, set_aside
from weft.gateway.wire.validate import parse_request
from weft.kit.errors import InvalidRequest

USER = {"role": "user", "content": "hello"}


def unknown(*messages: object, **members: object) -> tuple[str, ...]:
    raw = json.encode({"model": "m", "messages": messages, **members})
    return parse_request(raw, Bounds()).unknown


def user(**part: object) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "text", "text": "x"}, {"type": "text"} | part]}


@pytest.mark.parametrize("name", sorted(IGNORABLE))
def test_parse_when_clients_send_annotations_back_then_they_are_no_wish(name: str) -> None:
    assert unknown(USER | {name: [{"x": 1}]}, user(text="y", **{name: {"type": "ephemeral"}})) == ()


def test_parse_when_a_foreign_field_is_null_then_it_is_no_wish() -> None:
    answer = {"role": "assistant", "content": "x", "audio": None, "function_call": None}
    assert unknown(USER, answer | {"refusal": None, "images": None, "reasoning": "hm"}) == ()


def test_parse_when_messages_have_foreign_fields_then_says_where_they_stand() -> None:
    places = ("messages[1].bogus", "messages[2].content[1].weight", "messages[2].prefix")
    messages = (USER, USER | {"bogus": 1}, user(text="y", weight=2) | {"prefix": True})
    assert unknown(*messages) == places
    assert unknown(*messages, top_k=40) == ("top_k", *places)


def test_parse_when_a_part_is_of_a_kind_that_no_model_takes_then_its_member_is_known() -> None:
    assert unknown(user(type="input_audio", input_audio={"data": "x"})) == ()
    assert unknown(user(text="y", input_audio={})) == ("messages[0].content[1].input_audio",)


def test_parse_when_foreign_fields_are_many_or_long_then_reports_a_few_beginnings() -> None:
    assert unknown(USER | {"x" * 1000: 1}) == ("messages[0]." + "x" * 64,)
    assert len(unknown(USER | {f"x{index}": 1 for index in range(1000)})) == 16


@pytest.mark.parametrize(
    ("message", "param"),
    [
        (5, "messages[1]"),
        ({"content": "x"}, "messages[1].role"),
        ({"role": "user", "content": 5}, "messages[1].content"),
        ({"role": "user", "content": [5]}, "messages[1].content[0]"),
        ({"role": "user", "content": [{"text": "x"}]}, "messages[1].content[0].type"),
    ],
)
def test_parse_when_a_message_is_wrong_beside_a_foreign_field_then_names_what_is_wrong(
    message: object, param: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        unknown(USER | {"bogus": 1}, message)
    assert caught.value.param == param


@pytest.mark.parametrize("messages", [b"5", b"[]", b'{"role":"user"}', b"null"])
def test_set_aside_when_there_are_no_messages_then_changes_nothing(messages: bytes) -> None:
    kept, found = set_aside(Raw(messages))
    assert (bytes(kept), found) == (messages, ())


def test_set_aside_when_fields_are_set_aside_then_the_others_keep_their_bytes() -> None:
    raw = b'[{"role": "user", "x": 1, "content": [ {"type":"text", "text":"\\u00e9", "y":2} ]}]'
    kept, found = set_aside(Raw(raw))
    assert bytes(kept) == b'[{"role":"user","content":[{"type":"text","text":"\\u00e9"}]}]'
    assert found == ("messages[0].content[0].y", "messages[0].x")
