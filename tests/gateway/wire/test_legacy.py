from typing import Any

from msgspec import Raw, json

from weft.gateway.wire import legacy
from weft.gateway.wire.types import ChatRequest, FunctionRef, ToolChoice

CALL = {"name": "add", "arguments": '{"a": 1}'}


def a_request(**members: object) -> ChatRequest:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], **members}
    return json.decode(json.encode(body), type=ChatRequest)


def modernised(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    raw = json.decode(json.encode(messages), type=list[dict[str, Raw]])
    legacy.modernise(raw, a_request(messages=messages))
    return json.decode(json.encode(raw))


def test_tools_of_when_functions_are_given_then_wraps_each_and_keeps_its_bytes() -> None:
    functions = b'[ {"name":"f", "parameters":{ "type":"object" }} ,{"name":"g"}]'
    assert [bytes(tool) for tool in legacy.tools_of(Raw(functions))] == [
        b'{"type":"function","function":{"name":"f", "parameters":{ "type":"object" }}}',
        b'{"type":"function","function":{"name":"g"}}',
    ]


def test_choice_of_when_function_call_varies_then_says_the_same_of_tools() -> None:
    functions = [{"name": "f"}]
    assert legacy.choice_of(a_request(functions=functions)) is None
    assert legacy.choice_of(a_request(functions=functions, function_call="none")) == "none"
    named = legacy.choice_of(a_request(functions=functions, function_call={"name": "f"}))
    assert named == ToolChoice(type="function", function=FunctionRef("f"))
    assert json.encode(named) == b'{"type":"function","function":{"name":"f"}}'


def test_modernise_when_a_call_and_its_result_are_given_then_they_share_an_id() -> None:
    assert modernised(
        [
            {"role": "user", "content": "x"},
            {"role": "assistant", "content": None, "function_call": CALL},
            {"role": "function", "name": "add", "content": "3"},
        ]
    ) == [
        {"role": "user", "content": "x"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": CALL}],
        },
        {"role": "tool", "name": "add", "content": "3", "tool_call_id": "call_1"},
    ]


def test_modernise_when_a_function_is_called_twice_then_results_belong_to_the_last_call() -> None:
    assistant = {"role": "assistant", "function_call": CALL}
    result = {"role": "function", "name": "add", "content": None}
    messages = modernised([assistant, result, assistant, result])
    assert [m.get("tool_call_id") for m in messages] == [None, "call_0", None, "call_2"]
    assert [m["content"] for m in messages] == [None, "", None, ""]


def test_modernise_when_a_result_has_no_call_then_it_gets_an_id_of_its_own() -> None:
    result = {"role": "function", "name": "add", "content": "3"}
    assert modernised([result])[0]["tool_call_id"] == "call_0"


def test_modernise_when_messages_are_modern_then_they_keep_every_member() -> None:
    messages: list[dict[str, Any]] = [
        {"role": "assistant", "content": "x", "name": "a", "function_call": None},
        {"role": "tool", "content": "3", "tool_call_id": "c9"},
    ]
    assert modernised(messages) == [
        {"role": "assistant", "content": "x", "name": "a"},
        {"role": "tool", "content": "3", "tool_call_id": "c9"},
    ]
