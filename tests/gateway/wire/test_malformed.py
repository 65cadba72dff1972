"""Bodies that are no JSON, or whose complaint comes from the decoder; single parameters are in `refused.jsonl`."""

import pytest

from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.malformed import describe
from weft.gateway.wire.validate import parse_request
from weft.kit.errors import InvalidRequest, Json

MESSAGES = b'"messages":[{"role":"user","content":"x"}]'
NOT_JSON = "The body is not valid JSON: "


def refusal(body: bytes) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        parse_request(body, Bounds())
    return caught.value


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "it is empty."),
        (b" \n\t", "it is empty."),
        (b"{", "it ends in the middle of a value at byte 1 (line 1, column 2)."),
        (b'{"model":"m', "it ends in the middle of a value at byte 11 (line 1, column 12)."),
        (b"x", "invalid character at byte 0 (line 1, column 1)."),
        (b'{"model":NaN}', "invalid character at byte 9 (line 1, column 10)."),
        (b'{"temperature":-Infinity}', "invalid character at byte 16 (line 1, column 17)."),
        (b'{"a":1,}', "trailing comma in object at byte 7 (line 1, column 8)."),
        (
            b'{"model":"m",\n"user":"\xc3\xa9",\n  x}',
            "object keys must be strings at byte 29 (line 3, column 3).",
        ),
        (b"{%b,%b} {" % (b'"model":"m"', MESSAGES), "trailing characters at byte 58 (line 1, column 59)."),
        (b'{"model":"\xff"}', "it is not UTF-8 at byte 10 (line 1, column 11)."),
        (b'{"\xc3\xa9":"\xc3"}', "it is not UTF-8 at byte 7 (line 1, column 7)."),
        (b'{"model":"\\q"}', "invalid escape character in string at byte 12 (line 1, column 13)."),
        (b"\xef\xbb\xbf{}", "invalid character at byte 0 (line 1, column 1)."),
    ],
)  # fmt: skip
def test_explain_when_the_body_is_no_json_then_says_where(body: bytes, text: str) -> None:
    error = refusal(body)
    assert (error.code, error.param) == ("invalid_json", None)
    assert error.message == NOT_JSON + text


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("member", [b'"tools":', b'"x":', b'"messages":[{"role":"user","y":'])
def test_explain_when_nested_without_end_then_refuses_instead_of_crashing(
    opening: bytes, member: bytes
) -> None:
    error = refusal(b'{"model":"m",' + member + opening * 100_000)
    assert error.code == "invalid_json"
    assert error.message == NOT_JSON + "objects and arrays are nested too deeply."


@pytest.mark.parametrize(
    ("body", "got"),
    [(b"[]", "an array"), (b"5", "5"), (b'"x"', "a string"), (b"null", "null"), (b"true", "true")],
)
def test_explain_when_the_body_is_no_object_then_says_what_it_is(body: bytes, got: str) -> None:
    error = refusal(body)
    assert (error.code, error.param) == ("invalid_type", None)
    assert error.message == f"The body must be a JSON object, but is {got}."


@pytest.mark.parametrize("number", [b"1e400", b"-1e400", b"9" * 5000])
def test_explain_when_a_number_is_beyond_all_range_then_names_the_parameter(number: bytes) -> None:
    error = refusal(b'{"model":"m",%b,"temperature":%b}' % (MESSAGES, number))
    assert (error.code, error.param) == ("invalid_value", "temperature")
    assert error.message == (
        "'temperature' must be a number from 0 to 2, but is a number that is out of range."
    )


def test_explain_when_json_breaks_behind_a_wrong_value_then_tells_of_the_break() -> None:
    error = refusal(b'{"model":"m","temperature":"x",%b,}' % MESSAGES)
    assert error.code == "invalid_json"


def test_explain_when_a_name_occurs_twice_then_complains_of_the_wrong_one() -> None:
    error = refusal(b'{"model":"m","messages":[{"role":"bot"}],"messages":5}')
    assert (error.code, error.param) == ("invalid_value", "messages[0].role")


def test_explain_when_a_prompt_is_of_the_wrong_type_then_does_not_quote_it() -> None:
    error = refusal(b'{"model":"m","messages":"my secret"}')
    assert "secret" not in error.message


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (0, "0"),
        (1.5, "1.5"),
        ("", "an empty string"),
        ("x", "a string"),
        ([], "an array"),
        ({}, "an object"),
        (float("inf"), "a number that is out of range"),
    ],
)
def test_describe_when_given_a_value_then_tells_its_kind(value: Json, words: str) -> None:
    assert describe(value) == words
