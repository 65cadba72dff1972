"""Whatever is sent, the door refuses it by name or hands an engine something well-formed; it never crashes."""

from dataclasses import replace
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json

from weft.catalog.load import load_catalog
from weft.catalog.types import Capabilities, ReasoningPolicy
from weft.engines.types import Quirks
from weft.gateway.wire.assemble import CompletionAssembler, finish_completion
from weft.gateway.wire.body import engine_bodies
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.capabilities import check_capabilities
from weft.gateway.wire.rewrite import ChunkRewriter, Imprint
from weft.gateway.wire.types import FIELDS
from weft.gateway.wire.validate import parse_request
from weft.kit.errors import (
    EngineFailed,
    InvalidRequest,
    PayloadTooLarge,
    Unprocessable,
)

BOUNDS = Bounds(max_body_bytes=4096, max_messages=3, max_schema_depth=3)
CARD = replace(
    load_catalog().resolve("meta-llama/Llama-3.1-8B-Instruct"),
    capabilities=Capabilities(tools=True, reasoning=ReasoningPolicy.ENABLED_BY_DEFAULT),
)
LOCAL = Quirks(
    always_stream=True,
    fans_out=True,
    named_tool_choice=False,
    developer_role=False,
    max_seed=2**32 - 2,
    extra_body=b'"timings_per_token":true',
    parameters=FIELDS - {"functions", "function_call", "n", "user", "max_completion_tokens"},
)
CALL = {"name": "f", "arguments": "{}"}
VALID: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "developer", "content": [{"type": "text", "text": "x"}]},
        {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": CALL}]},
        {"role": "tool", "content": "3", "tool_call_id": "c"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}},
    "stop": ["x"],
    "logit_bias": {"1": 1},
    "chat_template_kwargs": {"enable_thinking": True},
    "stream": True,
    "stream_options": {"include_usage": False},
    "n": 2,
    "seed": 1,
}
LEGACY: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "assistant", "content": None, "function_call": CALL},
        {"role": "function", "content": None, "name": "f"},
    ],
    "functions": [{"name": "f"}],
    "function_call": {"name": "f"},
}
WORDS = st.sampled_from(
    ["", "user", "tool", "function", "text", "image_url", "data:image/png;base64,AAAA", "auto", "f"]
)
NAMES = st.sampled_from(sorted(FIELDS | {"role", "content", "type", "name", "url"}))
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS
    | st.text(max_size=5)
)
JSON = st.recursive(
    LEAVES,
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(NAMES | st.text(max_size=5), below, max_size=3)
    ),
    max_leaves=8,
)


def through_the_door(raw: bytes) -> None:
    """All steps before an engine is asked. Refusals that a caller may see are fine, and say what they are about."""
    try:
        request = parse_request(raw, BOUNDS)
        for quirks in (Quirks(), LOCAL):
            check_capabilities(request, CARD, quirks)
            for body in engine_bodies(raw, request, quirks, served_model="served"):
                told = json.decode(body)
                assert told["model"] == "served"
                assert "functions" not in told
                assert quirks.parameters is None or not told.keys() & (FIELDS - quirks.parameters)
    except (InvalidRequest, PayloadTooLarge, Unprocessable) as error:
        envelope = json.decode(error.envelope())["error"]
        assert envelope["code"] is not None
        assert envelope["param"] is None or "\n" not in envelope["message"]


def replaced(value: Any, path: list[Any], new: object) -> Any:
    """`value` with what is at `path` replaced; a copy."""
    if not path:
        return new
    copy: Any = value.copy()
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


def paths(value: Any) -> list[list[Any]]:
    """Where a value stands, for each one in `value`."""
    found: list[list[Any]] = [[]]
    keys: list[Any] = []
    if isinstance(value, dict):
        keys = list(cast("dict[str, Any]", value))
    elif isinstance(value, list):
        keys = list(range(len(cast("list[Any]", value))))
    for key in keys:
        found += [[key, *path] for path in paths(value[key])]
    return found


def test_door_when_the_request_is_right_then_it_is_sent() -> None:
    for valid in (VALID, LEGACY):
        raw = json.encode(valid)
        request = parse_request(raw, BOUNDS)
        check_capabilities(request, CARD, LOCAL)
        assert len(engine_bodies(raw, request, LOCAL, served_model="m")) == request.choices


@settings(deadline=None)
@given(raw=st.binary(max_size=200))
def test_door_when_any_bytes_come_then_never_crashes(raw: bytes) -> None:
    through_the_door(raw)


@settings(deadline=None)
@given(value=JSON)
def test_door_when_any_json_comes_then_never_crashes(value: object) -> None:
    through_the_door(json.encode(value))


@settings(deadline=None)
@given(members=st.dictionaries(NAMES, JSON, max_size=4))
def test_door_when_any_parameters_come_then_never_crashes(members: dict[str, Any]) -> None:
    through_the_door(
        json.encode({"model": "m", "messages": [{"role": "user", "content": "x"}]} | members)
    )


@settings(deadline=None, max_examples=150)
@given(data=st.data(), valid=st.sampled_from([VALID, LEGACY]))
def test_door_when_one_value_is_replaced_then_never_crashes(
    data: st.DataObject, valid: dict[str, Any]
) -> None:
    path = data.draw(st.sampled_from(paths(valid)))
    through_the_door(json.encode(replaced(valid, path, data.draw(JSON))))


@settings(deadline=None)
@given(data=st.data())
def test_door_when_bytes_of_a_request_are_broken_then_never_crashes(data: st.DataObject) -> None:
    raw = bytearray(json.encode(VALID))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    through_the_door(bytes(raw))


@settings(deadline=None)
@given(value=JSON, index=st.integers(0, 3))
def test_answer_when_an_engine_says_anything_then_it_is_a_chunk_or_the_engine_failed(
    value: object, index: int
) -> None:
    choice = {"index": index, "delta": {"content": "x"}, "logprobs": value}
    payloads = (value, {"choices": value}, {"choices": [value]}, {"choices": [choice]})
    for imprint in (Imprint(), Imprint(id="x", is_legacy=True)):
        for payload in payloads:
            raw = json.encode(payload)
            try:
                data, _ = ChunkRewriter(imprint).rewrite(raw)
                CompletionAssembler(imprint).feed(raw)
                finish_completion(raw, imprint)
            except EngineFailed:
                continue
            assert not data or json.decode(data)["choices"]
