"""OpenAI's Responses, translated both ways: pure, however the stream was cut."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gateway.dialects.streams import Said, answered, answers, parsed, streamed

from weft.gateway.dialects.responses.dialect import ResponsesDialect
from weft.gateway.dialects.responses.request import chat_payload, read_request
from weft.gateway.wire.bounds import Bounds
from weft.kit.errors import InvalidRequest, Overloaded, WeftError

DIALECT = ResponsesDialect()
PLAIN = msgspec.json.encode({"model": "a/b", "input": "hi"})
TOOL = {"type": "function", "name": "see", "parameters": {"type": "object"}, "strict": True}
FUNCTION = {"name": "see", "parameters": {"type": "object"}, "strict": True}
NOTHING: list[Any] = []


def chat_of(**fields: Any) -> dict[str, Any]:
    """The chat completion that a request stands for."""
    asked = {"model": "a/b", "input": "hi", **fields}
    payload = chat_payload(read_request(msgspec.json.encode(asked), Bounds()))
    return msgspec.json.decode(payload)


def without_ids(response: dict[str, Any]) -> dict[str, Any]:
    return {**response, "output": [{**item, "id": ""} for item in response["output"]]}


def put_together(events: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """The items of a stream, from its deltas, each checked with what its `done` events say."""
    items: list[Any] = []
    for kind, event in events:
        match kind.removeprefix("response."):
            case "output_item.added":
                assert event["output_index"] == len(items)
                items.append(event["item"])
            case "content_part.added":
                items[event["output_index"]]["content"].append(event["part"])
            case "output_text.delta" | "reasoning_text.delta":
                assert event["item_id"] == items[-1]["id"]
                items[event["output_index"]]["content"][0]["text"] += event["delta"]
            case "output_text.done" | "reasoning_text.done":
                assert items[-1]["content"][0]["text"] == event["text"]
            case "function_call_arguments.delta":
                items[event["output_index"]]["arguments"] += event["delta"]
            case "function_call_arguments.done":
                assert items[-1]["arguments"] == event["arguments"]
            case "content_part.done":
                assert items[-1]["content"] == [event["part"]]
            case "output_item.done":
                assert {**items[-1], "status": event["item"]["status"]} == event["item"]
                items[-1] = event["item"]
            case _:
                pass
    return items


@settings(deadline=None, max_examples=60)
@given(said=answers, cuts=st.lists(st.integers(0, 5000), max_size=6))
def test_stream_when_cut_anywhere_then_adds_up_to_the_whole_response(
    said: Said, cuts: list[int]
) -> None:
    stream = said.stream()
    whole_stream = streamed(DIALECT, PLAIN, stream, [])
    assert streamed(DIALECT, PLAIN, stream, cuts) == whole_stream
    events = parsed(whole_stream)
    assert [event["sequence_number"] for _, event in events] == list(range(len(events)))
    assert [kind for kind, _ in events][:2] == ["response.created", "response.in_progress"]
    last_kind, last = events[-1]
    response = last["response"]
    assert last_kind == f"response.{response['status']}"
    assert put_together(events) == response["output"]
    status, whole = answered(DIALECT, PLAIN, 200, said.whole())
    assert status == 200
    assert [item["type"] for item in whole["output"]] == (
        ["reasoning"] * bool(said.thoughts)
        + ["message"] * bool(said.text)
        + ["function_call"] * len(said.calls)
    )
    # Of a stream that was cut only what was open at the end is incomplete.
    statuses = [item.pop("status") for item in response["output"]]
    wholes = [item.pop("status") for item in whole["output"]]
    assert without_ids(response) == without_ids(whole)
    if said.finish_reason == "length":
        assert whole["incomplete_details"] == {"reason": "max_output_tokens"}
        assert statuses[-1:] == wholes[-1:]
    else:
        assert statuses == wholes
    assert whole["usage"] == {
        "input_tokens": 9,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 14,
    }


def test_items_when_of_every_kind_then_become_the_messages_of_a_chat() -> None:
    chat = chat_of(
        instructions="Be kind.",
        input=[
            {"role": "developer", "content": "dev"},
            {
                "type": "message",
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "Look"},
                    {
                        "type": "input_image",
                        "image_url": "data:image/png;base64,AA==",
                        "detail": "low",
                    },
                ],
            },
            {
                "type": "reasoning",
                "id": "rs_1",
                "summary": [],
                "content": [{"type": "reasoning_text", "text": "hm"}],
            },
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "I look.", "annotations": []}],
            },
            {"type": "function_call", "call_id": "c1", "name": "see", "arguments": "{}"},
            {"type": "function_call", "call_id": "c2", "name": "see", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "sun"},
            {
                "type": "function_call_output",
                "call_id": "c2",
                "output": [{"type": "input_text", "text": "moon"}],
            },
        ],
    )
    call = {"type": "function", "function": {"name": "see", "arguments": "{}"}}
    image = {"url": "data:image/png;base64,AA==", "detail": "low"}
    assert chat["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "developer", "content": "dev"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Look"},
                {"type": "image_url", "image_url": image},
            ],
        },
        {
            "role": "assistant",
            "content": "I look.",
            "reasoning_content": "hm",
            "tool_calls": [{"id": "c1", **call}, {"id": "c2", **call}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "sun"},
        {"role": "tool", "tool_call_id": "c2", "content": "moon"},
    ]


@pytest.mark.parametrize(
    ("fields", "chat"),
    [
        ({"max_output_tokens": 7}, {"max_completion_tokens": 7}),
        ({"stream": True}, {"stream": True, "stream_options": {"include_usage": True}}),
        ({"temperature": 0.5, "user": "u", "store": False}, {"temperature": 0.5, "user": "u"}),
        ({"tools": [TOOL]}, {"tools": [{"type": "function", "function": FUNCTION}]}),
        ({"tools": [TOOL], "tool_choice": "required"}, {"tool_choice": "required"}),
        (
            {"tools": [TOOL], "tool_choice": {"type": "function", "name": "see"}},
            {"tool_choice": {"type": "function", "function": {"name": "see"}}},
        ),
        (
            {
                "tools": [TOOL],
                "tool_choice": {
                    "type": "allowed_tools",
                    "mode": "required",
                    "tools": [{"type": "function", "name": "see"}],
                },
            },
            {
                "tool_choice": {
                    "type": "allowed_tools",
                    "allowed_tools": {
                        "mode": "required",
                        "tools": [{"type": "function", "function": {"name": "see"}}],
                    },
                }
            },
        ),
        ({"reasoning": {"effort": "low", "summary": "auto"}}, {"reasoning_effort": "low"}),
        (
            {"text": {"format": {"type": "json_object"}}},
            {"response_format": {"type": "json_object"}},
        ),
        (
            {
                "text": {
                    "format": {"type": "json_schema", "name": "n", "schema": {}, "strict": True}
                }
            },
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "n", "schema": {}, "strict": True},
                }
            },
        ),
        ({"include": ["reasoning.encrypted_content"]}, {"logprobs": None}),
        (
            {"include": ["message.output_text.logprobs"], "top_logprobs": 2},
            {"logprobs": True, "top_logprobs": 2},
        ),
        ({"previous_response_id": None, "conversation": None}, {"model": "a/b"}),
    ],
)
def test_field_when_set_then_becomes_that_of_a_chat(
    fields: dict[str, Any], chat: dict[str, Any]
) -> None:
    told = chat_of(**fields)
    assert {name: told.get(name) for name in chat} == chat


@pytest.mark.parametrize(
    ("fields", "status", "param"),
    [
        ({"input": NOTHING}, 400, "input"),
        ({"input": ""}, 400, "input"),
        ({"store": True}, 400, "store"),
        ({"previous_response_id": "resp_1"}, 422, "previous_response_id"),
        ({"conversation": "conv_1"}, 422, "conversation"),
        ({"background": True}, 422, "background"),
        ({"truncation": "auto"}, 422, "truncation"),
        ({"prompt": {"id": "p"}}, 422, "prompt"),
        ({"max_tool_calls": 2}, 422, "max_tool_calls"),
        ({"text": {"verbosity": "low"}}, 422, "text.verbosity"),
        ({"include": ["file_search_call.results"]}, 422, "include[0]"),
        ({"tools": [{"type": "web_search"}]}, 422, "tools[0].type"),
        ({"tools": [{"type": "function", "name": "no name"}]}, 400, "tools[0].name"),
        ({"tools": [TOOL], "tool_choice": {"type": "mcp"}}, 422, "tool_choice.type"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, 422, "input[0]"),
        ({"input": [{"type": "function_call", "name": "x"}]}, 400, "input[0].call_id"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]},
            422,
            "input[0].content[0]",
        ),
        ({"max_output_tokens": 0}, 400, "max_output_tokens"),
        ({"text": {"format": {"type": "json_schema", "schema": {}}}}, 400, "text.format.name"),
        ({"text": {"format": {"type": "json_schema", "name": "a"}}}, 400, "text.format.schema"),
        (
            {"text": {"format": {"type": "json_schema", "name": "a b", "schema": {}}}},
            400,
            "text.format.name",
        ),
    ],
)
def test_request_when_it_cannot_be_then_is_refused_by_the_clients_own_name(
    fields: dict[str, Any], status: int, param: str
) -> None:
    asked = {"model": "a/b", "input": "hi", **fields}
    with pytest.raises(WeftError) as caught:
        DIALECT.read(msgspec.json.encode(asked), Bounds())
    assert (caught.value.status, caught.value.param) == (status, param)


def test_response_when_made_then_repeats_what_was_asked() -> None:
    asked = {
        "model": "a/b",
        "input": "hi",
        "instructions": "Be kind.",
        "tools": [TOOL],
        "tool_choice": "required",
        "reasoning": {"effort": "low"},
        "metadata": {"a": "b"},
        "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}},
    }
    said = Said("", "x", (), (1,), interleaved=False, finish_reason="stop")
    _, whole = answered(DIALECT, msgspec.json.encode(asked), 200, said.whole())
    for name in ("instructions", "tools", "tool_choice", "metadata", "text"):
        assert whole[name] == asked[name]
    assert whole["store"] is False


def test_refusal_when_answered_then_has_the_shape_of_chats() -> None:
    envelope = Overloaded("No.", retry_after_s=3).envelope()
    assert answered(DIALECT, PLAIN, 503, envelope) == (503, msgspec.json.decode(envelope))


def test_stream_when_it_fails_then_ends_with_what_there_was() -> None:
    failure = b"data: " + Overloaded("Too much.").envelope() + b"\n\n"
    said = Said("", "one two", (), (3,), interleaved=False, finish_reason="stop").stream()
    begun = said[: said.index(b"\n\n", said.index(b"one")) + 2]
    *_, (kind, last) = parsed(streamed(DIALECT, PLAIN, begun + failure, []))
    assert kind == "response.failed"
    assert last["response"]["status"] == "failed"
    assert last["response"]["error"] == {"code": "server_error", "message": "Too much."}
    ((kind, last),) = parsed(streamed(DIALECT, PLAIN, failure, []))
    assert (kind, last["code"], last["message"]) == ("error", "overloaded", "Too much.")


def test_answer_when_it_is_no_completion_then_is_a_failure() -> None:
    with pytest.raises(InvalidRequest):
        read_request(b"{}", Bounds())
    status, body = answered(DIALECT, PLAIN, 200, b'{"choices":[{"message":7}]}')
    assert (status, body["error"]["code"]) == (502, "engine_failed")
