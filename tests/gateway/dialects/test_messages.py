"""Anthropic's Messages, translated both ways: pure, however the stream was cut."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gateway.dialects.streams import Kept, Said, answered, answers, parsed, streamed

from weft.gateway.dialects.exchange import TranslatedExchange
from weft.gateway.dialects.messages.dialect import MessagesDialect
from weft.gateway.dialects.messages.request import chat_payload, read_request
from weft.gateway.wire.bounds import Bounds
from weft.kit.errors import InvalidRequest, Overloaded, WeftError

DIALECT = MessagesDialect()
PLAIN = msgspec.json.encode(
    {"model": "a/b", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
)
THINKS = PLAIN[:-1] + b',"thinking":{"type":"enabled","budget_tokens":1024}}'


def chat_of(**fields: Any) -> dict[str, Any]:
    """The chat completion that a request stands for."""
    asked = {"model": "a/b", "max_tokens": 9, **fields}
    payload = chat_payload(read_request(msgspec.json.encode(asked), Bounds()))
    return msgspec.json.decode(payload)


def message_of(events: list[tuple[str, Any]]) -> dict[str, Any]:
    """What a client puts together of a stream."""
    message: dict[str, Any] = {}
    for kind, event in events:
        match kind:
            case "message_start":
                message = event["message"]
            case "content_block_start":
                assert event["index"] == len(message["content"])
                message["content"].append({**event["content_block"], "json": ""})
            case "content_block_delta":
                assert event["index"] == len(message["content"]) - 1, "one block at a time"
                block, delta = message["content"][-1], event["delta"]
                match delta["type"]:
                    case "text_delta":
                        block["text"] += delta["text"]
                    case "thinking_delta":
                        block["thinking"] += delta["thinking"]
                    case _:
                        block["json"] += delta["partial_json"]
            case "message_delta":
                message.update(event["delta"])
                message["usage"] = event["usage"]
            case _:
                assert kind in {"ping", "content_block_stop", "message_stop"}
    for block in message["content"]:
        arguments = block.pop("json")
        if block["type"] == "tool_use":
            try:
                block["input"] = msgspec.json.decode(arguments)
            except msgspec.DecodeError:
                block["input"] = {}
    return message


@settings(deadline=None, max_examples=60)
@given(said=answers, cuts=st.lists(st.integers(0, 5000), max_size=6), thinks=st.booleans())
def test_stream_when_cut_anywhere_then_adds_up_to_the_whole_message(
    said: Said, cuts: list[int], thinks: bool
) -> None:
    payload = THINKS if thinks else PLAIN
    stream = said.stream()
    whole_stream = streamed(DIALECT, payload, stream, [])
    assert streamed(DIALECT, payload, stream, cuts) == whole_stream
    events = parsed(whole_stream)
    assert [kind for kind, _ in events][:2] == ["message_start", "ping"]
    assert [kind for kind, _ in events][-2:] == ["message_delta", "message_stop"]
    status, whole = answered(DIALECT, payload, 200, said.whole())
    assert status == 200
    assert message_of(events) == whole
    assert whole["usage"] == {
        "input_tokens": 5,
        "cache_read_input_tokens": 4,
        "cache_creation_input_tokens": 0,
        "output_tokens": 5,
    }
    kinds = [block["type"] for block in whole["content"]]
    wanted = ["thinking"] * bool(said.thoughts and thinks) + ["text"] * bool(said.text)
    assert kinds == wanted + ["tool_use"] * len(said.calls)


def test_conversation_when_it_has_everything_then_becomes_a_chat() -> None:
    chat = chat_of(
        system=[{"type": "text", "text": "Be"}, {"type": "text", "text": "kind."}],
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Look", "cache_control": {"type": "ephemeral"}},
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": "AA=="},
                    },
                    {"type": "image", "source": {"type": "url", "url": "https://x/y.png"}},
                ],
            },
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "hm", "signature": ""},
                    {"type": "redacted_thinking", "data": "x"},
                    {"type": "text", "text": "I look."},
                    {"type": "tool_use", "id": "t1", "name": "see", "input": {"a": [1]}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "t1",
                        "content": [{"type": "text", "text": "sun"}],
                    },
                    {"type": "text", "text": "Well?"},
                ],
            },
        ],
    )
    png = {"url": "data:image/png;base64,AA=="}
    assert chat["messages"] == [
        {"role": "system", "content": "Be\nkind."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Look"},
                {"type": "image_url", "image_url": png},
                {"type": "image_url", "image_url": {"url": "https://x/y.png"}},
            ],
        },
        {
            "role": "assistant",
            "content": "I look.",
            "reasoning_content": "hm",
            "tool_calls": [
                {
                    "id": "t1",
                    "type": "function",
                    "function": {"name": "see", "arguments": '{"a":[1]}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "t1", "content": "sun"},
        {"role": "user", "content": "Well?"},
    ]


HI = [{"role": "user", "content": "hi"}]
TOOL = {"name": "see", "description": "looks", "input_schema": {"type": "object"}}
FUNCTION = {"name": "see", "description": "looks", "parameters": {"type": "object"}}


@pytest.mark.parametrize(
    ("fields", "chat"),
    [
        ({"max_tokens": 7}, {"max_tokens": 7}),
        ({"stream": True}, {"stream": True, "stream_options": {"include_usage": True}}),
        ({"stop_sequences": ["a"], "top_k": 3}, {"stop": ["a"], "top_k": 3}),
        ({"temperature": 0.5, "top_p": 0.25}, {"temperature": 0.5, "top_p": 0.25}),
        ({"tools": [TOOL]}, {"tools": [{"type": "function", "function": FUNCTION}]}),
        ({"tools": [TOOL], "tool_choice": {"type": "any"}}, {"tool_choice": "required"}),
        ({"tools": [TOOL], "tool_choice": {"type": "none"}}, {"tool_choice": "none"}),
        (
            {
                "tools": [TOOL],
                "tool_choice": {"type": "tool", "name": "see", "disable_parallel_tool_use": True},
            },
            {
                "tool_choice": {"type": "function", "function": {"name": "see"}},
                "parallel_tool_calls": False,
            },
        ),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 1024}},
            {"chat_template_kwargs": {"enable_thinking": True}},
        ),
        ({"thinking": {"type": "disabled"}}, {"chat_template_kwargs": {"enable_thinking": False}}),
        ({"output_config": {"effort": "high"}}, {"reasoning_effort": "high"}),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {
                        "name": "output",
                        "schema": {"type": "object"},
                        "strict": True,
                    },
                }
            },
        ),
        ({"metadata": {"user_id": "u"}}, {"user": "u"}),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {
                                "type": "tool_result",
                                "tool_use_id": "t",
                                "content": "no",
                                "is_error": True,
                            }
                        ],
                    }
                ]
            },
            {"messages": [{"role": "tool", "tool_call_id": "t", "content": "Error: no"}]},
        ),
    ],
)
def test_field_when_set_then_becomes_that_of_a_chat(
    fields: dict[str, Any], chat: dict[str, Any]
) -> None:
    told = chat_of(**{"messages": HI, **fields})
    assert {name: told.get(name) for name in chat} == chat


IMAGE = {"type": "image", "source": {"type": "url", "url": "ftp://x"}}
EMPTY: dict[str, Any] = {"role": "user", "content": []}
NOTHING: list[Any] = []


def block(**members: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [members]}]}


@pytest.mark.parametrize(
    ("fields", "status", "param"),
    [
        ({"messages": NOTHING}, 400, "messages"),
        ({"messages": [EMPTY]}, 400, "messages[0].content"),
        ({"messages": [*HI, {"role": "assistant", "content": "The"}]}, 400, "messages[1]"),
        ({"container": "c"}, 422, "container"),
        ({"mcp_servers": NOTHING}, 422, "mcp_servers"),
        ({"tools": [{"type": "web_search_20250305", "name": "web"}]}, 422, "tools[0].type"),
        ({"tool_choice": {"type": "tool"}, "tools": [TOOL]}, 400, "tool_choice.name"),
        (block(type="document", source={"type": "text"}), 422, "messages[0].content[0]"),
        (block(type="text"), 400, "messages[0].content[0].text"),
        (block(type="tool_result"), 400, "messages[0].content[0].tool_use_id"),
        (
            block(type="image", source={"type": "file", "file_id": "f"}),
            422,
            "messages[0].content[0].source",
        ),
        ({"system": [{"type": "image"}]}, 422, "system[0]"),
    ],
)
def test_request_when_no_chat_can_say_it_then_is_refused_by_the_clients_own_name(
    fields: dict[str, Any], status: int, param: str
) -> None:
    with pytest.raises(WeftError) as caught:
        chat_of(**{"messages": HI, **fields})
    assert (caught.value.status, caught.value.param) == (status, param)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (402, "billing_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (413, "request_too_large"),
        (422, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (502, "api_error"),
        (503, "overloaded_error"),
        (504, "timeout_error"),
    ],
)
def test_refusal_when_translated_then_has_the_type_of_its_status(status: int, kind: str) -> None:
    envelope = Overloaded("No.", retry_after_s=3).envelope()
    told_status, body = answered(DIALECT, PLAIN, status, envelope)
    assert told_status == status
    assert body["type"] == "error"
    assert body["request_id"] == "req_abc"
    assert body["error"]["type"] == kind
    assert body["error"]["message"] == "No."
    assert body["error"]["metadata"]["retry_after_s"] == 3


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"stop_sequences": [""] * 2}, "stop_sequences[0]"),
        ({"tools": [{"name": "not a name"}]}, "tools[0].name"),
        ({"messages": [{"role": "user", "content": [IMAGE]}]}, "messages"),
    ],
)
def test_refusal_when_the_chat_is_wrong_then_names_what_the_client_sent(
    fields: dict[str, Any], param: str
) -> None:
    asked = {"model": "a/b", "max_tokens": 9, "messages": HI, **fields}
    with pytest.raises(InvalidRequest) as caught:
        DIALECT.read(msgspec.json.encode(asked), Bounds())
    assert caught.value.param == param
    assert f"'{param}'" in caught.value.message


def test_stream_when_it_fails_then_ends_in_an_error_event() -> None:
    failure = b"data: " + Overloaded("Too much.").envelope() + b"\n\n"
    said = Said("", "one two", (), (3,), interleaved=False, finish_reason="stop").stream()
    begun = said[: said.index(b"\n\n", said.index(b"one")) + 2]
    *_, (kind, last) = parsed(streamed(DIALECT, PLAIN, begun + failure, []))
    assert kind == "error"
    assert last["error"] == {
        **last["error"],
        "type": "overloaded_error",
        "message": "Too much.",
    }


def test_comment_when_it_keeps_the_connection_then_goes_on_as_it_is() -> None:
    stream = b": loading, 3 s left\n\n"
    assert streamed(DIALECT, PLAIN, stream, []) == stream


def test_stop_sequence_when_the_engine_names_it_then_is_told() -> None:
    said = msgspec.json.decode(
        Said("", "x", (), (1,), interleaved=False, finish_reason="stop").whole()
    )
    said["choices"][0]["stop_reason"] = "END"
    _, whole = answered(DIALECT, PLAIN, 200, msgspec.json.encode(said))
    assert (whole["stop_reason"], whole["stop_sequence"]) == ("stop_sequence", "END")


def test_answer_when_it_is_no_completion_then_is_a_failure() -> None:
    status, body = answered(DIALECT, PLAIN, 200, b'{"choices":[{"message":7}]}')
    assert (status, body["error"]["type"]) == (502, "api_error")


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ([(b"x-api-key", b" k ")], [b"Bearer k"]),
        ([(b"authorization", b"Bearer k")], [b"Bearer k"]),
        ([(b"authorization", b"Bearer k"), (b"x-api-key", b"j")], [b"Bearer k", b"Bearer j"]),
    ],
)
def test_key_when_it_comes_in_either_header_then_the_door_finds_it(
    headers: list[tuple[bytes, bytes]], wanted: list[bytes]
) -> None:
    exchange = TranslatedExchange(Kept(PLAIN, headers), DIALECT)
    assert [value for name, value in exchange.headers if name == b"authorization"] == wanted
