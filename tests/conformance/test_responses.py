"""OpenAI's Responses with OpenAI's client, on the fake engine and on llama.cpp."""

from typing import Any

import openai
import pytest

from conformance.server import ECHO, TINY, Weft

pytestmark = pytest.mark.conformance

MODELS = pytest.mark.parametrize("model", [ECHO, TINY])
TOOL: dict[str, Any] = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather at a place.",
    "parameters": {
        "type": "object",
        "properties": {"location": {"type": "string"}},
        "required": ["location"],
    },
}
WHAT = "What is 2 + 2?"


def check_record(weft: Weft, request_id: str, response: Any, *, stream: bool) -> None:
    record = weft.usage(request_id)
    assert record is not None
    usage = response.usage
    counted = (record["input_tokens"], record["output_tokens"], record["reasoning_tokens"])
    assert counted == (
        usage.input_tokens,
        usage.output_tokens,
        usage.output_tokens_details.reasoning_tokens,
    )
    assert (record["stream"], record["outcome"]) == (stream, "completed")
    assert record["model_id"] == response.model


@MODELS
def test_response_when_whole_then_is_like_its_stream(
    weft: Weft, client: openai.OpenAI, model: str
) -> None:
    asked: dict[str, Any] = {
        "model": model,
        "input": WHAT,
        "instructions": "Be terse.",
        "temperature": 0,
        "max_output_tokens": 50,
    }
    create: Any = client.responses.with_raw_response.create
    raw = create(**asked)
    whole = raw.parse()
    assert (whole.object, whole.status, whole.model) == ("response", "completed", model)
    assert whole.store is False
    assert whole.output_text
    check_record(weft, raw.headers["x-request-id"], whole, stream=False)
    stream: Any = client.responses.stream
    with stream(**asked) as events:
        kinds = [event.type for event in events]
        final = events.get_final_response()
    assert final.output_text == whole.output_text
    assert kinds[:4] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert kinds[-4:] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    streamed = create(**asked, stream=True)
    last = list(streamed.parse())[-1]
    check_record(weft, streamed.headers["x-request-id"], last.response, stream=True)


def test_response_when_the_model_thinks_then_has_its_thoughts(
    weft: Weft, client: openai.OpenAI
) -> None:
    raw = client.responses.with_raw_response.create(model="test/thinker", input="one two")
    response: Any = raw.parse()
    thoughts, text = response.output
    assert [thoughts.type, text.type] == ["reasoning", "message"]
    assert thoughts.content[0].text == "thought0 thought1 thought2 "
    assert response.usage.output_tokens_details.reasoning_tokens == 3
    check_record(weft, raw.headers["x-request-id"], response, stream=False)
    again = client.responses.create(
        model="test/thinker", input=[*response.output, {"role": "user", "content": "three"}]
    )
    assert again.output_text == "three"


def test_response_when_cut_short_then_is_incomplete(client: openai.OpenAI) -> None:
    response = client.responses.create(model=ECHO, input="one two three", max_output_tokens=2)
    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"
    assert response.output_text == "one two "


def test_function_when_called_then_its_result_is_read(client: openai.OpenAI) -> None:
    create: Any = client.responses.create
    asked: dict[str, Any] = {"model": ECHO, "tools": [TOOL], "tool_choice": "required"}
    said = [{"role": "user", "content": "location=Rome"}]
    (call,) = create(**asked, input=said).output
    assert (call.type, call.name, call.arguments) == (
        "function_call",
        "get_weather",
        '{"location": "Rome"}',
    )
    events = list(create(**asked, input=said, stream=True))
    deltas = [e.delta for e in events if e.type == "response.function_call_arguments.delta"]
    assert len(deltas) > 1
    assert "".join(deltas) == call.arguments
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    answer = create(
        model=ECHO,
        tools=[TOOL],
        input=[*said, call, result, {"role": "user", "content": "so what"}],
    )
    assert answer.output_text == "so what"


def test_schema_when_given_then_the_client_reads_what_it_describes(client: openai.OpenAI) -> None:
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}}
    wanted: Any = {"format": {"type": "json_schema", "name": "n", "schema": schema}}
    response = client.responses.create(model=ECHO, input="answer=42", text=wanted)
    assert response.output_text == '{"answer": "42"}'


@pytest.mark.parametrize(
    ("fields", "error", "param"),
    [
        ({"store": True}, openai.BadRequestError, "store"),
        (
            {"previous_response_id": "resp_1"},
            openai.UnprocessableEntityError,
            "previous_response_id",
        ),
        ({"background": True}, openai.UnprocessableEntityError, "background"),
        ({"tools": [{"type": "web_search"}]}, openai.UnprocessableEntityError, "tools[0].type"),
        ({"reasoning": {"effort": "high"}}, openai.UnprocessableEntityError, "reasoning.effort"),
        ({"model": "nobody/nothing"}, openai.NotFoundError, "model"),
        ({"model": "test/short", "input": "word " * 20}, openai.BadRequestError, "input"),
        ({"model": "test/down"}, openai.InternalServerError, None),
    ],
)
def test_response_when_it_cannot_be_then_the_client_raises_its_error(
    client: openai.OpenAI, fields: dict[str, Any], error: type[openai.APIStatusError], param: str
) -> None:
    create: Any = client.responses.create
    with pytest.raises(error) as caught:
        create(**{"model": ECHO, "input": "hi", **fields})
    assert caught.value.param == param


def test_stream_when_the_engine_breaks_off_then_the_response_has_failed(
    weft: Weft, client: openai.OpenAI
) -> None:
    raw = client.responses.with_raw_response.create(
        model=ECHO, input="[[fake: truncate_after=1]] one two", stream=True
    )
    last: Any = list(raw.parse())[-1]
    assert last.type == "response.failed"
    assert last.response.error.code == "server_error"
    record = weft.usage(raw.headers["x-request-id"])
    assert record is not None
    assert (record["outcome"], record["output_tokens"]) == ("failed", 1)
