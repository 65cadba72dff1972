"""Anthropic's own client against a running server: one program, whose import alone takes a second."""

from typing import Any

import pytest

from conformance.programs import CLIENTS_PYTHON, tour_python
from conformance.server import TINY, Weft

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def seen(weft: Weft) -> Any:
    """What the client saw."""
    return tour_python(
        CLIENTS_PYTHON,
        weft,
        "anthropic_tour.py",
        TINY,
        "test/thinker",
        "test/down",
        WEFT_URL=weft.url,
        WEFT_KEY=weft.api_key,
    )


def text_of(message: Any) -> str:
    return "".join(block["text"] for block in message["content"] if block["type"] == "text")


def check_record(weft: Weft, message: Any, *, stream: bool) -> None:
    record = weft.usage(message["request_id"])
    assert record is not None
    usage = message["usage"]
    assert record["input_tokens"] == usage["input_tokens"] + usage["cache_read_input_tokens"]
    assert record["output_tokens"] == usage["output_tokens"]
    assert (record["stream"], record["outcome"]) == (stream, "completed")
    assert record["model_id"] == message["model"]


def test_message_when_whole_then_is_the_clients_own_and_metered(weft: Weft, seen: Any) -> None:
    for name in ("whole", "bearer", "system"):
        message = seen[name]
        assert (message["type"], message["role"], message["model"]) == (
            "message",
            "assistant",
            TINY,
        )
        assert message["stop_reason"] == "end_turn"
        assert message["id"].startswith("msg_")
        check_record(weft, message, stream=False)
    assert "4" in text_of(seen["whole"])
    usage = seen["whole"]["usage"]
    assert seen["count"] == usage["input_tokens"] + usage["cache_read_input_tokens"]
    assert seen["beta"]["content"] == seen["whole"]["content"]


def test_message_when_streamed_then_adds_up_to_the_whole_one(weft: Weft, seen: Any) -> None:
    stream = seen["stream"]
    assert text_of(stream["message"]) == text_of(seen["whole"])
    kinds = [kind for kind in stream["kinds"] if kind not in {"text", "ping"}]
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    check_record(weft, stream["message"], stream=True)


def test_message_when_cut_short_then_says_so(seen: Any) -> None:
    assert seen["short"]["stop_reason"] == "max_tokens"
    assert seen["short"]["usage"]["output_tokens"] == 1


def test_thoughts_when_asked_for_then_are_blocks_before_the_text(weft: Weft, seen: Any) -> None:
    hidden, shown = seen["hidden"], seen["thinking"]
    assert [block["type"] for block in hidden["content"]] == ["text"]
    assert [block["type"] for block in shown["content"]] == ["thinking", "text"]
    assert hidden["usage"] == shown["usage"]
    assert seen["thinking stream"]["message"]["content"] == shown["content"]
    assert "thinking" in seen["thinking stream"]["kinds"]
    check_record(weft, hidden, stream=False)
    check_record(weft, seen["thinking stream"]["message"], stream=True)


def test_tool_when_it_must_be_called_then_is_and_its_result_is_read(weft: Weft, seen: Any) -> None:
    tools = seen["tools"]
    (use,) = tools["call"]["content"]
    assert (use["type"], use["name"], use["input"]) == (
        "tool_use",
        "get_weather",
        {"location": "Rome"},
    )
    assert tools["call"]["stop_reason"] == "tool_use"
    (streamed,) = tools["streamed"]["message"]["content"]
    assert (streamed["name"], streamed["input"]) == (use["name"], use["input"])
    assert "input_json" in tools["streamed"]["kinds"]
    assert text_of(tools["answer"]) == "so what"
    check_record(weft, tools["call"], stream=False)
    check_record(weft, tools["answer"], stream=False)


@pytest.mark.parametrize(
    ("name", "raised", "status", "kind", "param"),
    [
        ("stranger", "AuthenticationError", 401, "authentication_error", None),
        ("no model", "NotFoundError", 404, "not_found_error", "model"),
        ("top_p", "BadRequestError", 400, "invalid_request_error", "top_p"),
        (
            "document",
            "UnprocessableEntityError",
            422,
            "invalid_request_error",
            "messages[0].content[0]",
        ),
        ("thinking", "UnprocessableEntityError", 422, "invalid_request_error", "thinking"),
        ("down", "InternalServerError", 502, "api_error", None),
    ],
)
def test_refusal_when_raised_then_is_the_clients_own_class(
    seen: Any, name: str, raised: str, status: int, kind: str, param: str | None
) -> None:
    error = seen["errors"][name]
    assert (error["class"], error["status"]) == (raised, status)
    body = error["body"]
    assert (body["type"], body["error"]["type"]) == ("error", kind)
    assert body["error"]["param"] == param
    assert body["error"]["metadata"]["remedy"]
    assert error["request_id"] == body["request_id"]


def test_stream_when_the_engine_breaks_off_then_raises(seen: Any) -> None:
    assert seen["broken"]["body"]["error"]["type"] == "api_error"
