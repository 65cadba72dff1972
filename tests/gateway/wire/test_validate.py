"""Every parameter: what is just allowed, what is just not, and the wrong type. Texts are what a caller reads."""

import re
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct, json

from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.types import FIELDS, ChatRequest
from weft.gateway.wire.validate import parse_request
from weft.kit.errors import InvalidRequest, PayloadTooLarge
from weft.kit.settings import Settings

BOUNDS = Bounds(
    max_body_bytes=100_000,
    max_messages=4,
    max_content_parts=3,
    max_choices=8,
    max_stop_sequences=2,
    max_stop_bytes=8,
    max_tools=2,
    max_schema_depth=4,
    max_logit_bias=2,
    max_images=1,
    max_template_kwargs=2,
    max_schema_bytes=200,
    max_schema_properties=4,
    max_schema_entries=8,
    max_grammar_bytes=10,
)
USER = {"role": "user", "content": "hello"}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
OTHER_TOOL = {"type": "function", "function": {"name": "g"}}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
PNG = "data:image/png;base64,iVBORw0KGgoAAAAN"
DEEP: dict[str, Any] = {"a": {"b": {"c": {}}}}


def body(**members: object) -> bytes:
    return json.encode({"model": "m", "messages": [USER], **members})


def parse(raw: bytes) -> ChatRequest:
    return parse_request(raw, BOUNDS)


def refusal(raw: bytes) -> tuple[str | None, str | None, str]:
    with pytest.raises(InvalidRequest) as caught:
        parse(raw)
    assert caught.value.metadata["remedy"]
    return caught.value.param, caught.value.code, caught.value.message


def schema_format(schema: object) -> dict[str, object]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


def image() -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": PNG}}


ALLOWED: list[dict[str, Any]] = [
    {},
    {"temperature": 0},
    {"temperature": 2},
    {"temperature": 0.7},
    {"temperature": None},
    {"top_p": 0},
    {"top_p": 1},
    {"frequency_penalty": -2},
    {"frequency_penalty": 2},
    {"presence_penalty": -2.0},
    {"presence_penalty": 2},
    {"n": 1},
    {"n": 8},
    {"max_tokens": 1},
    {"max_tokens": 2**63 - 1},
    {"max_completion_tokens": 1},
    {"max_tokens": 9, "max_completion_tokens": 9},
    {"seed": -(2**63)},
    {"seed": 2**63 - 1},
    {"seed": 0},
    {"stop": "x"},
    {"stop": []},
    {"stop": ["12345678", "\n"]},
    {"logit_bias": {}},
    {"logit_bias": {"0": -100, "999999999": 100.0}},
    {"logprobs": False},
    {"logprobs": True, "top_logprobs": 0},
    {"logprobs": True, "top_logprobs": 20},
    {"stream": True, "stream_options": {}},
    {"stream": True, "stream_options": {"include_usage": True, "include_obfuscation": False}},
    {"stream": False, "stream_options": None},
    {"response_format": {"type": "text"}},
    {"response_format": {"type": "json_object"}},
    {"response_format": schema_format({})},
    {"response_format": schema_format(DEEP)},
    {"tools": []},
    {"tools": [TOOL, OTHER_TOOL], "parallel_tool_calls": False},
    {"tools": [TOOL], "tool_choice": "none"},
    {"tools": [TOOL], "tool_choice": "auto"},
    {"tools": [TOOL], "tool_choice": "required"},
    {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "f"}}},
    {
        "tools": [TOOL],
        "tool_choice": {
            "type": "allowed_tools",
            "allowed_tools": {
                "mode": "auto",
                "tools": [{"type": "function", "function": {"name": "f"}}],
            },
        },
    },
    {"tools": [{"type": "function", "function": {"name": "a" * 64, "parameters": None}}]},
    {"tools": [{"type": "function", "function": {"name": "f", "parameters": DEEP}}]},
    {"tool_choice": "auto"},
    {"functions": [{"name": "f", "parameters": {}}], "function_call": {"name": "f"}},
    {"functions": [{"name": "f"}], "function_call": "none"},
    {"functions": []},
    {"reasoning_effort": "none"},
    {"reasoning_effort": "xhigh"},
    {"chat_template_kwargs": {"enable_thinking": True, "x": DEEP}},
    {"cache_salt": "s"},
    {"modalities": ["text"]},
    {"user": "u" * 512},
    {"user": ""},
    {"safety_identifier": "x"},
    {"prompt_cache_key": "x"},
    {"metadata": {str(i).rjust(64, "k"): "v" * 512 for i in range(16)}},
    {"store": False},
    {"service_tier": "auto"},
    {"service_tier": "priority"},
    {"messages": [USER] * 4},
    {"messages": [{"role": "system", "content": ""}]},
    {"messages": [{"role": "developer", "content": [{"type": "text", "text": "x"}]}]},
    {"messages": [USER, {"role": "assistant", "content": None, "tool_calls": [CALL]}]},
    {"messages": [{"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}}]},
    {
        "messages": [
            {
                "role": "assistant",
                "tool_calls": [CALL | {"function": {"name": "f", "arguments": ' {"a": 1e9} '}}],
            }
        ]
    },
    {"grammar": "root ::= x"},
    {"response_format": schema_format({"enum": ["x", ", : [" * 9]})},
    {"messages": [{"role": "assistant", "refusal": "no"}]},
    {"messages": [{"role": "assistant", "reasoning_content": "hm"}]},
    {"messages": [{"role": "assistant", "reasoning": "hm"}]},
    {"messages": [{"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}]},
    {"messages": [{"role": "assistant", "content": "x", "tool_calls": None, "annotations": []}]},
    {"messages": [{"role": "tool", "content": "3", "tool_call_id": "c1"}]},
    {"messages": [{"role": "tool", "content": [image()], "tool_call_id": "c1"}]},
    {"messages": [{"role": "function", "content": None, "name": "f"}]},
    {"messages": [{"role": "user", "content": [image()]}]},
    {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}]},
]


class Case(Struct):
    """One line of `refused.jsonl`: what is sent besides model and messages, and what the caller reads."""

    param: str
    code: str
    text: str
    members: dict[str, Any]


REFUSED = [
    json.decode(line, type=Case)
    for line in Path(__file__).with_name("refused.jsonl").read_bytes().splitlines()
]


@pytest.mark.parametrize("members", ALLOWED, ids=str)
def test_parse_when_a_parameter_is_within_its_range_then_takes_it(members: dict[str, Any]) -> None:
    request = parse(body(**members))
    assert request.unknown == ()
    for name, value in members.items():
        kept = getattr(request, name)
        assert (kept is None) == (value is None)
        if isinstance(value, str | int | float):
            assert kept == value


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.param)
def test_parse_when_a_parameter_is_wrong_then_names_it_and_what_it_must_be(case: Case) -> None:
    expected = (case.param, case.code, f"'{case.param}' {case.text}")
    assert refusal(body(**case.members)) == expected


def test_refused_cases_when_gathered_then_cover_every_parameter() -> None:
    named = {re.split(r"[.\[]", case.param)[0] for case in REFUSED}
    assert FIELDS - named == {"safety_identifier", "prompt_cache_key"}  # judged as `user` is


@pytest.mark.parametrize("name", ["model", "messages"])
def test_parse_when_a_required_parameter_is_missing_then_says_so(name: str) -> None:
    members = {"model": "m", "messages": [USER]}
    del members[name]
    assert refusal(json.encode(members)) == (
        name,
        "missing_required_parameter",
        f"'{name}' is required.",
    )


@pytest.mark.parametrize("key", ["x", "-1", "1.5", "", " 1", "\u0661", "1234567890"])
def test_parse_when_a_logit_bias_key_is_no_token_id_then_refuses(key: str) -> None:
    assert refusal(body(logit_bias={key: 1})) == (
        "logit_bias",
        "invalid_value",
        "The keys of 'logit_bias' must be token ids, written as integers.",
    )


def test_parse_when_a_metadata_key_is_long_then_refuses() -> None:
    assert refusal(body(metadata={"k" * 65: ""})) == (
        "metadata",
        "invalid_value",
        "The keys of 'metadata' must have at most 64 characters.",
    )


def test_parse_when_images_are_too_many_over_all_messages_then_refuses() -> None:
    messages = [{"role": "user", "content": [image()]}] * 2
    assert refusal(body(messages=messages)) == (
        "messages",
        "invalid_value",
        "The request holds 2 images; at most 1 are allowed.",
    )


def test_parse_when_the_body_is_too_large_then_says_by_how_much() -> None:
    raw = body(user="u" * BOUNDS.max_body_bytes)
    with pytest.raises(
        PayloadTooLarge, match=f"The body has {len(raw)} bytes; at most 100000 are allowed"
    ) as caught:
        parse(raw)
    assert caught.value.metadata["remedy"] == "Send fewer or shorter messages, or smaller images."


def test_parse_when_fields_are_unknown_then_collects_their_names_in_order() -> None:
    request = parse(body(top_k=40, temperature=1, min_p=0.1))
    assert request.unknown == ("top_k", "min_p")
    assert request.temperature == 1


def test_parse_when_a_field_is_unknown_then_still_judges_the_others() -> None:
    assert refusal(body(top_k=40, temperature=3))[0] == "temperature"


@pytest.mark.parametrize("name", ["(unknown)", "unknown"])
def test_parse_when_a_client_names_our_own_list_then_it_is_unknown_too(name: str) -> None:
    assert parse(body(**{name: ["temperature"]})).unknown == (name,)


def test_parse_when_a_key_occurs_twice_then_the_last_one_counts() -> None:
    raw = b'{"model":"a","n":2,"messages":[{"role":"user","content":"x"}],"model":"b","n":3}'
    request = parse(raw)
    assert (request.model, request.n) == ("b", 3)


def test_parse_when_a_member_that_is_passed_on_is_not_utf8_then_refuses() -> None:
    raw = body(tools=[TOOL]).replace(b'"object"', b'"\xff"')
    assert refusal(raw)[1] == "invalid_json"


def test_parse_when_brackets_stand_in_a_schemas_texts_then_they_are_no_depth() -> None:
    schema = {"type": "object", "description": "[[[[[[[[{{{{{{{{"}
    tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
    assert parse(body(tools=[tool])).tools is not None


def test_bounds_when_made_of_settings_then_every_shared_name_is_taken() -> None:
    shared = set(Settings.model_fields) & set(Bounds.__dataclass_fields__)
    values = {name: Settings.model_fields[name].default - 1 for name in shared}
    bounds = Bounds.of(Settings.model_validate(values))
    assert {name: getattr(bounds, name) for name in shared} == values
    assert len(shared) == 9


def test_parse_when_a_deep_schema_holds_a_number_beyond_all_range_then_names_it() -> None:
    raw = body(tools=[TOOL]).replace(b'"object"', b"[[[[[1e400]]]]]")
    assert refusal(raw) == (
        "tools[0].function.parameters",
        "invalid_value",
        "'tools[0].function.parameters' holds a number that is out of range.",
    )
