"""From a request for a response to the chat completion that it stands for. Pure.

Owns what is refused because it needs a store, or tools that run here, by the client's own names; all else is judged
where every chat completion is. Items become messages: what the model thought, said and called in a row is one.
"""

from msgspec import Raw, json

from weft.gateway.dialects.responses.shapes import (
    FunctionTool,
    Item,
    Part,
    ResponsesRequest,
    TextFormat,
    ToolChoice,
)
from weft.gateway.errands.form import Form
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.capabilities import unsupported
from weft.gateway.wire.malformed import invalid
from weft.gateway.wire.rules import require
from weft.kit.errors import Json, Unprocessable

FORM = Form(ResponsesRequest)
LOGPROBS = "message.output_text.logprobs"
_INCLUDED = frozenset({LOGPROBS, "reasoning.encrypted_content"})
"""What may be asked for besides. Nothing is encrypted here: thoughts are told as they are."""
_SAME = (
    *("temperature", "top_p", "parallel_tool_calls", "user", "safety_identifier"),
    *("prompt_cache_key", "metadata", "store", "service_tier"),
)
"""Fields that a chat completion has under the same name."""

Members = dict[str, Json | Raw]


def read_request(payload: bytes, bounds: Bounds) -> ResponsesRequest:
    """Decode one body.

    Raises:
        WeftError: it is no such request, or asks for what no chat completion can say.
    """
    request, _, unknown = FORM.read(payload, bounds)
    for name in unknown:
        raise _unsupported(name[:64])
    if request.background:
        raise _unsupported("background", "nothing is kept of an answer that nobody waits for")
    if request.truncation == "auto":
        raise _unsupported("truncation", "nothing is left out of a conversation")
    if request.text is not None and request.text.verbosity not in {None, "medium"}:
        raise _unsupported("text.verbosity")
    for index, name in enumerate(request.include or ()):
        if name not in _INCLUDED:
            raise _unsupported(f"include[{index}]", "there is no such thing")
    if not request.input:
        raise invalid("'input' must not be empty.", param="input", code="invalid_value")
    return request


def chat_payload(request: ResponsesRequest) -> bytes:
    """The body of the chat completion.

    Raises:
        WeftError: a part of it cannot be said in one.
    """
    chat: Members = {"model": request.model, "messages": Raw(json.encode(_messages(request)))}
    if request.max_output_tokens is not None:
        chat["max_completion_tokens"] = request.max_output_tokens
    if request.stream:
        chat["stream"] = True
        options: dict[str, Json] = {"include_usage": True}
        if request.stream_options is not None and request.stream_options.include_obfuscation:
            options["include_obfuscation"] = True
        chat["stream_options"] = options
    for name in _SAME:
        value: Json = getattr(request, name)
        if value is not None:
            chat[name] = value
    if LOGPROBS in (request.include or ()) or request.top_logprobs:
        chat["logprobs"] = True
        if request.top_logprobs:
            chat["top_logprobs"] = request.top_logprobs
    if request.tools:
        tools = [_tool(tool, f"tools[{index}]") for index, tool in enumerate(request.tools)]
        chat["tools"] = Raw(json.encode(tools))
    if request.tool_choice is not None and (request.tools or request.tool_choice != "auto"):
        chat["tool_choice"] = _choice(request.tool_choice)
    if request.reasoning is not None and request.reasoning.effort is not None:
        chat["reasoning_effort"] = request.reasoning.effort
    if request.text is not None and request.text.format is not None:
        chat["response_format"] = _format(request.text.format)
    return json.encode(chat)


def _messages(request: ResponsesRequest) -> list[Members]:
    messages: list[Members] = []
    if request.instructions:
        messages.append({"role": "system", "content": request.instructions})
    if isinstance(request.input, str):
        messages.append({"role": "user", "content": request.input})
        return messages
    turn = _Turn()
    for index, item in enumerate(request.input):
        param = f"input[{index}]"
        if turn.takes(item, param):
            continue
        messages += turn.end()
        match item.type:
            case "message":
                messages.append(_said(item, param))
            case "function_call_output":
                messages.append(_result(item, param))
            case _:
                raise _unsupported(param, f"there is no '{item.type[:64]}' here")
    return messages + turn.end()


class _Turn:
    """What the model thought, said and called in a row, as it becomes one message."""

    def __init__(self) -> None:
        self._thoughts: list[str] = []
        self._texts: list[str] = []
        self._calls: list[Members] = []

    def takes(self, item: Item, param: str) -> bool:
        """Whether `item` is the model's; then it is taken."""
        match item.type:
            case "reasoning":
                self._thoughts.append(_texts(item.content or item.summary or "", param))
            case "message" if item.role == "assistant":
                self._texts.append(_texts(item.content or "", f"{param}.content"))
            case "function_call":
                for name in ("call_id", "name", "arguments"):
                    require(getattr(item, name), f"{param}.{name}")
                function: Json = {"name": item.name, "arguments": item.arguments}
                self._calls.append({"id": item.call_id, "type": "function", "function": function})
            case _:
                return False
        return True

    def end(self) -> list[Members]:
        """The message, if there is one; the next turn begins."""
        thoughts, texts, calls = self._thoughts, self._texts, self._calls
        self.__init__()
        if not (thoughts or texts or calls):
            return []
        message: Members = {"role": "assistant", "content": "".join(texts) if texts else None}
        if thoughts:
            message["reasoning_content"] = "".join(thoughts)
        if calls:
            message["tool_calls"] = Raw(json.encode(calls))
        return [message]


def _said(item: Item, param: str) -> Members:
    require(item.role, f"{param}.role")
    require(item.content, f"{param}.content")
    content = item.content
    if isinstance(content, str) or content is None:
        return {"role": item.role, "content": content}
    return {"role": item.role, "content": _content(content, f"{param}.content")}


def _result(item: Item, param: str) -> Members:
    require(item.call_id, f"{param}.call_id")
    require(item.output, f"{param}.output")
    output = item.output
    said: Json | Raw = output if isinstance(output, str) or output is None else None
    if said is None and isinstance(output, list):
        said = _content(output, f"{param}.output") if output else ""
    return {"role": "tool", "tool_call_id": item.call_id, "content": said}


def _content(parts: list[Part], param: str) -> Json | Raw:
    told: list[Members] = []
    for index, part in enumerate(parts):
        where = f"{param}[{index}]"
        if part.type in {"input_text", "text", "output_text"}:
            require(part.text, f"{where}.text")
            told.append({"type": "text", "text": part.text})
        elif part.type == "input_image":
            if part.image_url is None:
                raise _unsupported(where, "nothing is kept under a file's id")
            image: dict[str, Json] = {"url": part.image_url}
            if part.detail is not None:
                image["detail"] = part.detail
            told.append({"type": "image_url", "image_url": image})
        else:
            raise _unsupported(where, f"there is no '{part.type[:64]}' here")
    if len(told) == 1 and parts[0].text is not None:
        return parts[0].text
    return Raw(json.encode(told))


def _texts(content: str | list[Part], param: str) -> str:
    """What the model said or thought, in one."""
    if isinstance(content, str):
        return content
    texts: list[str] = []
    for index, part in enumerate(content):
        text = part.refusal if part.type == "refusal" else part.text
        require(text, f"{param}[{index}].text")
        texts.append(text or "")
    return "".join(texts)


def _tool(tool: FunctionTool, param: str) -> Members:
    if tool.type != "function":
        raise _unsupported(f"{param}.type", f"nobody runs '{tool.type[:64]}' here")
    function: Members = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.parameters:
        function["parameters"] = tool.parameters
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": Raw(json.encode(function))}


def _choice(choice: ToolChoice | str) -> Json:
    if isinstance(choice, str):
        return choice
    if choice.type == "function":
        require(choice.name, "tool_choice.name")
        return {"type": "function", "function": {"name": choice.name}}
    if choice.type == "allowed_tools":
        listed: list[Json] = [
            {"type": tool.type, "function": {"name": tool.name}} for tool in choice.tools or ()
        ]
        allowed: Json = {"mode": choice.mode or "auto", "tools": listed}
        return {"type": "allowed_tools", "allowed_tools": allowed}
    raise _unsupported("tool_choice.type", f"nobody runs '{choice.type[:64]}' here")


def _format(wanted: TextFormat) -> Json | Raw:
    if wanted.type != "json_schema":
        return {"type": wanted.type}
    require(wanted.name, "text.format.name")
    require(bytes(wanted.schema) or None, "text.format.schema")
    schema: Members = {"name": wanted.name, "schema": wanted.schema}
    if wanted.description is not None:
        schema["description"] = wanted.description
    if wanted.strict is not None:
        schema["strict"] = wanted.strict
    return Raw(json.encode({"type": "json_schema", "json_schema": schema}))


def _unsupported(param: str, reason: str = "") -> Unprocessable:
    because = f": {reason}" if reason else ""
    return unsupported(
        param, f"'{param}' is not supported here{because}.", remedy=f"Leave '{param}' out."
    )
