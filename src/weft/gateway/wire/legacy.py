"""The older form of tools, `functions` and `function_call`, put into today's words and back.

Owns the mapping only. Engines are told of tools in every case; a caller who speaks of functions gets a `function_call`
back. The older form has one call per answer and no ids, so the engine is asked for one call at a time, and ids are made
from the place of the message: the same conversation gives the same bytes, which keeps prefix caches warm.

Source: OpenAI's API reference, where `functions`, `function_call` and the role `function` are marked as superseded
(read 2026-11).
"""

from msgspec import Raw, json

from weft.gateway.wire.types import ChatRequest, FunctionRef, ToolCall, ToolChoice

_FUNCTIONS = json.Decoder(list[Raw])
_NULL = Raw(b"null")
_EMPTY = Raw(b'""')


def tools_of(functions: Raw) -> list[Raw]:
    """The same functions as tools; each keeps its bytes."""
    return [
        Raw(b'{"type":"function","function":%b}' % bytes(function))
        for function in _FUNCTIONS.decode(functions)
    ]


def choice_of(request: ChatRequest) -> ToolChoice | str | None:
    """The same choice in terms of tools."""
    if isinstance(request.function_call, FunctionRef):
        return ToolChoice(type="function", function=request.function_call)
    return request.function_call


def modernise(messages: list[dict[str, Raw]], request: ChatRequest) -> None:
    """Turn function calls and their results into tool calls and theirs, in place.

    `messages` and `request.messages` are the same messages. A result belongs to the last call of the function that it
    names; one that was never called gets an id of its own.
    """
    ids: dict[str, str] = {}
    for index, (members, message) in enumerate(zip(messages, request.messages, strict=True)):
        call = message.function_call
        members.pop("function_call", None)
        if call is not None:
            ids[call.name] = f"call_{index}"
            tool_call = ToolCall(id=ids[call.name], function=call)
            members["tool_calls"] = Raw(json.encode([tool_call]))
            members.setdefault("content", _NULL)
        elif message.role == "function" and message.name is not None:
            members["role"] = Raw(b'"tool"')
            members["tool_call_id"] = Raw(json.encode(ids.get(message.name, f"call_{index}")))
            if message.content is None:
                members["content"] = _EMPTY
