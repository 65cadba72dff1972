"""From a request for a message to the chat completion that it stands for. Pure.

Owns what is refused because a chat completion cannot say it, by the client's own names; all else is judged where every
chat completion is (`wire/validate.py`, `wire/capabilities.py`).
"""

from msgspec import Raw, json

from weft.gateway.dialects.messages.shapes import (
    ContentBlock,
    InputMessage,
    MessagesRequest,
    ResultBlock,
    Source,
    ToolChoice,
    ToolDefinition,
)
from weft.gateway.errands.form import Form
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.capabilities import unsupported
from weft.gateway.wire.malformed import invalid
from weft.gateway.wire.rules import require
from weft.kit.errors import Json, Unprocessable

FORM = Form(MessagesRequest)
_EMPTY_OBJECT = Raw(b"{}")
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}

Members = dict[str, Json | Raw]


def read_request(payload: bytes, bounds: Bounds) -> MessagesRequest:
    """Decode one body.

    Raises:
        WeftError: it is no such request, or asks for what no chat completion can say.
    """
    request, _, unknown = FORM.read(payload, bounds)
    for name in unknown:
        raise _unsupported(name[:64])
    if not request.messages:
        raise invalid("'messages' must not be empty.", param="messages", code="invalid_value")
    if request.messages[-1].role == "assistant":
        param = f"messages[{len(request.messages) - 1}]"
        raise invalid(
            f"'{param}' must not be the assistant's: answers cannot be begun here (prefill).",
            param=param,
            code="invalid_value",
        )
    return request


def chat_payload(request: MessagesRequest) -> bytes:
    """The body of the chat completion.

    Raises:
        WeftError: a part of it cannot be said in one.
    """
    chat: Members = {"model": request.model, "messages": Raw(json.encode(_messages(request)))}
    if request.max_tokens is not None:
        chat["max_tokens"] = request.max_tokens
    if request.stream:
        chat["stream"] = True
        chat["stream_options"] = {"include_usage": True}
    if request.stop_sequences:
        chat["stop"] = list(request.stop_sequences)
    for name in ("temperature", "top_p", "top_k"):
        value: float | None = getattr(request, name)
        if value is not None:
            chat[name] = value
    if request.tools:
        tools = [_tool(tool, f"tools[{index}]") for index, tool in enumerate(request.tools)]
        chat["tools"] = Raw(json.encode(tools))
    if request.tool_choice is not None:
        _choose(chat, request.tool_choice, has_tools=bool(request.tools))
    if request.metadata is not None and request.metadata.user_id:
        chat["user"] = request.metadata.user_id
    if request.thinking is not None:
        chat["chat_template_kwargs"] = {"enable_thinking": request.thinking.type != "disabled"}
    if (config := request.output_config) is not None:
        if config.effort is not None:
            chat["reasoning_effort"] = config.effort
        if config.format is not None:
            schema = {"name": "output", "schema": config.format.schema, "strict": True}
            wanted = {"type": "json_schema", "json_schema": schema}
            chat["response_format"] = Raw(json.encode(wanted))
    return json.encode(chat)


def _messages(request: MessagesRequest) -> list[Members]:
    messages: list[Members] = []
    if system := _system(request):
        messages.append({"role": "system", "content": system})
    for index, message in enumerate(request.messages):
        messages += _said(message, f"messages[{index}]")
    return messages


def _system(request: MessagesRequest) -> str:
    if isinstance(request.system, str) or request.system is None:
        return request.system or ""
    texts: list[str] = []
    for index, block in enumerate(request.system):
        if block.type != "text":
            raise _unsupported(f"system[{index}]", f"it has no '{block.type[:64]}'")
        require(block.text, f"system[{index}].text")
        texts.append(block.text or "")
    return "\n".join(texts)


def _said(message: InputMessage, param: str) -> list[Members]:
    """The chat messages that one message becomes: results of tools are messages of their own."""
    content = message.content
    if isinstance(content, str):
        return [{"role": message.role, "content": content}]
    if not content:
        raise invalid(
            f"'{param}.content' must not be empty.", param=f"{param}.content", code="invalid_value"
        )
    if message.role == "assistant":
        return [_answered(content, param)]
    results: list[Members] = []
    parts: list[Members] = []
    for index, block in enumerate(content):
        where = f"{param}.content[{index}]"
        if block.type == "tool_result" and message.role == "user":
            results.append(_result(block, where))
        else:
            parts.append(_part(block, where))
    if parts:
        results.append({"role": message.role, "content": _content(parts)})
    return results


def _answered(content: list[ContentBlock], param: str) -> Members:
    """What the model said before, as it was said in a chat."""
    texts: list[str] = []
    thoughts: list[str] = []
    calls: list[Members] = []
    for index, block in enumerate(content):
        where = f"{param}.content[{index}]"
        match block.type:
            case "text":
                require(block.text, f"{where}.text")
                texts.append(block.text or "")
            case "thinking":
                thoughts.append(block.thinking or "")
            case "redacted_thinking":
                pass  # nobody but its maker can read it
            case "tool_use":
                require(block.id, f"{where}.id")
                require(block.name, f"{where}.name")
                arguments = bytes(block.input or _EMPTY_OBJECT).decode()
                function: Json = {"name": block.name, "arguments": arguments}
                calls.append({"id": block.id, "type": "function", "function": function})
            case _:
                raise _unsupported(where, f"an answer has no '{block.type[:64]}'")
    said: Members = {"role": "assistant", "content": "".join(texts) or None}
    if thoughts:
        said["reasoning_content"] = "".join(thoughts)
    if calls:
        said["tool_calls"] = Raw(json.encode(calls))
    elif not texts and not thoughts:
        said["content"] = ""
    return said


def _result(block: ContentBlock, param: str) -> Members:
    require(block.tool_use_id, f"{param}.tool_use_id")
    content = block.content
    if content is None or isinstance(content, str):
        text = content or ""
        said: Json | Raw = f"Error: {text}" if block.is_error else text
    else:
        parts = [_part(part, f"{param}.content[{at}]") for at, part in enumerate(content)]
        if block.is_error:
            parts.insert(0, {"type": "text", "text": "Error: "})
        said = _content(parts) if parts else ""
    return {"role": "tool", "tool_call_id": block.tool_use_id, "content": said}


def _part(block: ContentBlock | ResultBlock, param: str) -> Members:
    if block.type == "text":
        require(block.text, f"{param}.text")
        return {"type": "text", "text": block.text}
    if block.type == "image":
        require(block.source, f"{param}.source")
        assert block.source is not None
        return {"type": "image_url", "image_url": {"url": _url(block.source, f"{param}.source")}}
    raise _unsupported(param, f"there is no '{block.type[:64]}' here")


def _url(source: Source, param: str) -> str:
    if source.type == "base64":
        return f"data:{source.media_type};base64,{source.data}"
    if source.type == "url":
        return source.url
    raise _unsupported(param, f"nothing is kept under a '{source.type[:64]}'")


def _content(parts: list[Members]) -> Json | Raw:
    if len(parts) == 1 and parts[0]["type"] == "text":
        text = parts[0]["text"]
        assert isinstance(text, str)
        return text
    return Raw(json.encode(parts))


def _tool(tool: ToolDefinition, param: str) -> Members:
    if tool.type not in {None, "custom"}:
        raise _unsupported(f"{param}.type", f"nobody runs '{(tool.type or '')[:64]}' here")
    function: Members = {"name": tool.name, "parameters": tool.input_schema or _EMPTY_OBJECT}
    if tool.description is not None:
        function["description"] = tool.description
    return {"type": "function", "function": Raw(json.encode(function))}


def _choose(chat: Members, choice: ToolChoice, *, has_tools: bool) -> None:
    if choice.type == "tool":
        require(choice.name, "tool_choice.name")
        chat["tool_choice"] = {"type": "function", "function": {"name": choice.name}}
    elif has_tools or choice.type == "any":
        chat["tool_choice"] = _CHOICES[choice.type]
    if choice.disable_parallel_tool_use and has_tools:
        chat["parallel_tool_calls"] = False


def _unsupported(param: str, reason: str = "") -> Unprocessable:
    because = f": {reason}" if reason else ""
    return unsupported(
        param, f"'{param}' is not supported here{because}.", remedy=f"Leave '{param}' out."
    )
