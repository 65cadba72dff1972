"""OpenVINO holds an answer to a form, and takes tool calls out of it: the real child, the model that ships."""

import json
from collections.abc import Callable
from typing import Any, Protocol

import httpx
import pytest

ReadEvents = Callable[[str], list[dict[str, Any]]]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "maxLength": 20}},
            "required": ["city"],
        },
    },
}
TIME = {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object"}}}


class Server(Protocol):
    client: httpx.Client

    def chat(self, text: str, **fields: object) -> dict[str, Any]: ...

    def post(self, path: str, **body: object) -> httpx.Response: ...

    def stats(self) -> dict[str, int]: ...


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def content_of(answer: dict[str, Any]) -> str:
    return answer["choices"][0]["message"]["content"]


def test_schema_when_given_then_the_answer_fits(server: Server) -> None:
    schema = {
        "type": "object",
        "properties": {
            "answer": {"type": "string", "maxLength": 12},
            "sure": {"type": "boolean"},
            "kind": {"enum": ["city", "river"]},
            "digits": {"type": "array", "items": {"type": "integer"}, "maxItems": 2},
        },
        "required": ["answer", "sure", "kind", "digits"],
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    told = json.loads(
        content_of(server.chat("What is the capital of France?", response_format=wanted))
    )
    assert list(told) == ["answer", "sure", "kind", "digits"]
    assert isinstance(told["sure"], bool)
    assert told["kind"] in {"city", "river"}
    assert len(told["digits"]) <= 2


def test_json_object_when_asked_for_then_the_answer_is_one(server: Server) -> None:
    question = "What is the capital of France? Answer in JSON."
    told = content_of(server.chat(question, response_format={"type": "json_object"}))
    assert json.loads(told) == {"answer": "Paris"}


@pytest.mark.parametrize(
    ("schema", "named"),
    [
        ({"type": "bogus"}, "bogus"),
        ({"type": "string", "pattern": "a+"}, "`pattern`"),
        ({"$ref": "#/nowhere"}, "#/nowhere"),
    ],
)
def test_schema_when_no_answer_can_be_held_to_it_then_it_is_named_and_others_go_on(
    server: Server, schema: object, named: str
) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    refused = server.post("/v1/chat/completions", messages=[user("Hi")], response_format=wanted)
    assert refused.status_code == 400
    assert named in refused.json()["error"]["message"]
    assert content_of(server.chat("What is 2 + 2?")) == "4"


def call_of(answer: dict[str, Any]) -> tuple[str, Any]:
    (choice,) = answer["choices"]
    assert choice["finish_reason"] == "tool_calls"
    function = choice["message"]["tool_calls"][0]["function"]
    return function["name"], json.loads(function["arguments"])


def test_tools_when_one_fits_then_it_is_called(server: Server) -> None:
    answer = server.chat("What is the weather in Paris?", tools=[WEATHER])
    assert call_of(answer) == ("get_weather", {"city": "Paris"})
    assert answer["choices"][0]["message"]["content"] is None


def test_tools_when_streamed_then_the_pieces_are_the_call(
    server: Server, read_events: ReadEvents
) -> None:
    body = server.post(
        "/v1/chat/completions",
        messages=[user("What is the weather in Paris?")],
        tools=[WEATHER],
        stream=True,
    ).text
    choices = [event["choices"][0] for event in read_events(body)]
    calls = [call for choice in choices for call in choice["delta"].get("tool_calls", ())]
    assert calls[0]["function"]["name"] == "get_weather"
    assert calls[0]["id"].startswith("call_")
    arguments = "".join(call["function"]["arguments"] for call in calls)
    assert json.loads(arguments) == {"city": "Paris"}
    assert choices[-1]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ("required", {"get_weather", "get_time"}),
        ({"type": "function", "function": {"name": "get_time"}}, {"get_time"}),
        ({"type": "function", "function": {"name": "get_weather"}}, {"get_weather"}),
    ],
)
def test_tools_when_one_must_be_called_then_it_is(
    server: Server, choice: object, called: set[str]
) -> None:
    answer = server.chat(
        "Hello",
        tools=[WEATHER, TIME],
        tool_choice=choice,
        parallel_tool_calls=False,
        max_tokens=200,
    )
    name, arguments = call_of(answer)
    assert name in called
    assert isinstance(arguments, dict)
    assert len(answer["choices"][0]["message"]["tool_calls"]) == 1


def test_tools_when_none_may_be_called_then_there_are_words(server: Server) -> None:
    answer = server.chat("What is the weather in Paris?", tools=[WEATHER], tool_choice="none")
    assert content_of(answer)
    assert "tool_calls" not in answer["choices"][0]["message"]


def test_tools_when_a_result_comes_back_then_the_template_tells_it(server: Server) -> None:
    function = {"name": "get_weather", "arguments": '{"city": "Paris"}'}
    messages = [
        user("What is the weather in Paris?"),
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": '{"weather": "sunny"}'},
    ]
    longer, shorter = (
        server.post("/tokenize", messages=some, tools=[WEATHER]).json()["count"]
        for some in (messages, messages[:1])
    )
    assert longer > shorter + 10
    answer = server.post("/v1/chat/completions", messages=messages, tools=[WEATHER]).json()
    assert content_of(answer)
