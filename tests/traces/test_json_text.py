"""JSON is kept as it came, except for what JSON, a database or a search cannot live with."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.traces.json_text import BadJson, BadShape, clean, decode, dump

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class Shape(msgspec.Struct):
    id: str
    val: msgspec.Raw = msgspec.Raw(b"null")


@given(VALUES, st.booleans())
def test_text_when_cleaned_then_says_the_same(value: Any, escaped: bool) -> None:
    body = json.dumps(value, ensure_ascii=escaped).encode("utf-8", "replace")
    assert json.loads(clean(body)) == json.loads(body.decode())


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_text_when_it_came_escaped_then_a_search_finds_the_words(text: str) -> None:
    if '"' in text or "\\" in text or not text.isprintable():
        return
    assert text in clean(json.dumps({"a": text}).encode()).decode()


def test_text_when_nothing_has_to_change_then_the_bytes_are_the_same() -> None:
    body = b'{ "b" : 1.00, "a":123456789012345678901234567890, "c": "NaN, or Infinity" }'
    assert clean(body) is body


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[NaN]", ["NaN"]),
        (b'{"a": -Infinity}', {"a": "-Infinity"}),
        (b'["\\ud83e\\uddf5"]', ["\U0001f9f5"]),
        (b'["\\ud83e"]', ["\ufffd"]),
        (b'["a\\u0000b"]', ["a\x00b"]),
        (b'{"NaN": "NaN"}', {"NaN": "NaN"}),
        (b'[1e400, "\\u00e9"]', ["Infinity", "\u00e9"]),
    ],
)
def test_value_when_json_cannot_say_it_then_is_said_in_words(body: bytes, said: Any) -> None:
    assert json.loads(clean(body)) == said


def test_nul_when_kept_then_stays_an_escape() -> None:
    assert clean(b'["\\u0000\\u00e9"]') == '["\\u0000\u00e9"]'.encode()


@pytest.mark.parametrize("body", [b"", b"{", b'{"a": tru}', b"\xff", b'["\\u12"]', b"nul"])
def test_body_when_it_is_no_json_then_is_refused(body: bytes) -> None:
    with pytest.raises((BadJson, BadShape)):
        decode(body, dict)


def test_body_when_it_is_nested_without_end_then_is_refused() -> None:
    with pytest.raises(BadJson):
        decode(b"[" * 100_000, list)
    with pytest.raises(BadJson):
        decode(b'["\\u00e9",' + b"[" * 100_000, list)


def test_body_when_a_field_has_another_type_then_the_place_is_named() -> None:
    with pytest.raises(BadShape, match=r"\$\.id"):
        decode(b'{"id": 3}', Shape)


def test_body_when_it_has_fields_that_nobody_knows_then_they_are_left_out() -> None:
    told = decode(b'{"id": "a", "is_new": {"x": 1}, "val": [1,  2]}', Shape)
    assert (told.id, bytes(told.val)) == ("a", b"[1,  2]")


def test_dump_when_given_our_own_value_then_is_compact() -> None:
    assert dump({"a": [1, None]}) == '{"a":[1,null]}'
