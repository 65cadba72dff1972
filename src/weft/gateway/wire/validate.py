"""Decides whether a chat request is well-formed, before anything is spent on it.

Owns every rule that a body can break by itself (`parse_request`). Whether the model and its engine can do what it
asks is `capabilities.py`. Types and plain ranges are checked while msgspec decodes; here is what depends on bounds, or
on more than one field. Nothing is mended or left out in silence: a request is taken as it is, or refused by name.

`store: true` is refused: there is no store of completions behind this door; traces are.
"""

from msgspec import DecodeError, Raw
from msgspec.json import Decoder, decode

from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.images import check_image_url
from weft.gateway.wire.malformed import describe, explain, invalid
from weft.gateway.wire.types import (
    FIELDS,
    ChatRequest,
    ContentPart,
    LooseChatRequest,
    Message,
    Tool,
    ToolChoice,
)
from weft.kit.errors import Json, PayloadTooLarge

PASSED_ON_PARTS = frozenset({"input_audio", "file", "video_url"})
"""Kinds of content that are well-formed, and that no engine here takes."""

_STRICT = Decoder(ChatRequest)
_LOOSE = Decoder(LooseChatRequest)
_NAMES = Decoder(dict[str, Raw])

_MAX_METADATA = 16
_MAX_METADATA_KEY_CHARS = 64
_MAX_TOKEN_ID_DIGITS = 9

_PARTS_OF_ROLE = {
    "user": frozenset({"text", "image_url"}) | PASSED_ON_PARTS,
    "tool": frozenset({"text", "image_url"}),
    "assistant": frozenset({"text", "refusal"}),
    "system": frozenset({"text"}),
    "developer": frozenset({"text"}),
    "function": frozenset({"text"}),
}


def parse_request(body: bytes, bounds: Bounds) -> ChatRequest:
    """Decode and judge one body.

    Raises InvalidRequest with the parameter's name, or PayloadTooLarge.
    """
    if len(body) > bounds.max_body_bytes:
        raise PayloadTooLarge(
            f"The body has {len(body)} bytes; at most {bounds.max_body_bytes} are allowed."
        )
    request = _decode(body)
    _check_messages(request.messages, bounds)
    _check_output(request, bounds)
    _check_sampling(request, bounds)
    if request.tools or request.functions or request.tool_choice or request.function_call:
        _check_tools(request, bounds)
    _check_notes(request, bounds)
    return request


def _decode(body: bytes) -> ChatRequest:
    try:
        if not body.isascii():
            str(body, "utf-8")  # members that stay Raw would let anything pass
        try:
            request = _STRICT.decode(body)
        except DecodeError as error:
            if not str(error).startswith("Object contains unknown field"):
                raise
        else:
            if not request.unknown:
                return request
        request = _LOOSE.decode(body)
        request.unknown = tuple(name for name in _NAMES.decode(body) if name not in FIELDS)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise explain(body, error) from error
    return request


def _check_messages(messages: list[Message], bounds: Bounds) -> None:
    if not messages:
        raise invalid("'messages' must not be empty.", param="messages", code="invalid_value")
    _at_most(len(messages), bounds.max_messages, "messages")
    images = 0
    for index, message in enumerate(messages):
        content = message.content
        if content is None:
            _check_without_content(message, index)
        elif not isinstance(content, str):
            images += _check_parts(message.role, content, f"messages[{index}].content", bounds)
        if message.role == "tool":
            _require(message.tool_call_id, f"messages[{index}].tool_call_id")
        elif message.role == "function":
            _require(message.name, f"messages[{index}].name")
        if message.tool_calls is not None or message.function_call is not None:
            _check_calls(message, index, bounds)
    if images > bounds.max_images:
        raise invalid(
            f"The request holds {images} images; at most {bounds.max_images} are allowed.",
            param="messages",
            code="invalid_value",
        )


def _check_without_content(message: Message, index: int) -> None:
    if message.role == "function":
        return
    if message.role == "assistant" and (
        message.tool_calls
        or message.function_call is not None
        or message.refusal is not None
        or message.reasoning_content is not None
        or message.reasoning is not None
    ):
        return
    _require(None, f"messages[{index}].content")


def _check_parts(role: str, parts: list[ContentPart], param: str, bounds: Bounds) -> int:
    """Judge the parts of one message; returns how many are images."""
    if not parts:
        raise invalid(f"'{param}' must not be empty.", param=param, code="invalid_value")
    _at_most(len(parts), bounds.max_content_parts, param)
    allowed = _PARTS_OF_ROLE[role]
    images = 0
    for index, part in enumerate(parts):
        if part.type not in allowed:
            options = ", ".join(sorted(allowed))
            raise invalid(
                f"'{param}[{index}].type' must be one of {options} in a message of role {role}.",
                param=f"{param}[{index}].type",
                code="invalid_value",
            )
        if part.type == "text":
            _require(part.text, f"{param}[{index}].text")
        elif part.type == "refusal":
            _require(part.refusal, f"{param}[{index}].refusal")
        elif part.type == "image_url":
            where = f"{param}[{index}].image_url"
            if part.image_url is None:
                _require(None, where)
            else:
                check_image_url(part.image_url.url, param=f"{where}.url", bounds=bounds)
            images += 1
    return images


def _check_calls(message: Message, index: int, bounds: Bounds) -> None:
    name = "function_call" if message.tool_calls is None else "tool_calls"
    param = f"messages[{index}].{name}"
    if message.role != "assistant":
        raise invalid(
            f"'{param}' is allowed in a message of role assistant only.",
            param=param,
            code="invalid_value",
        )
    if message.function_call is not None and message.tool_calls:
        raise invalid(
            f"'{param}' and its older form 'function_call' must not be given together.",
            param=param,
            code="invalid_value",
        )
    calls = message.tool_calls or []
    _at_most(len(calls), bounds.max_tools, param)
    for call_index, call in enumerate(calls):
        _check_is_function(call.type, f"{param}[{call_index}].type")
        _require(call.function, f"{param}[{call_index}].function")


def _check_output(request: ChatRequest, bounds: Bounds) -> None:
    longest, old = request.max_completion_tokens, request.max_tokens
    if longest is not None and old is not None and longest != old:
        raise invalid(
            "'max_completion_tokens' and its older name 'max_tokens' must not differ.",
            param="max_completion_tokens",
            code="invalid_value",
        )
    if request.n is not None and request.n > bounds.max_choices:
        raise invalid(
            f"'n' must be at most {bounds.max_choices}, but is {request.n}.",
            param="n",
            code="invalid_value",
        )
    if request.stream_options is not None and not request.stream:
        raise invalid(
            "'stream_options' is allowed only together with 'stream': true.",
            param="stream_options",
            code="invalid_value",
        )
    if request.response_format is not None and request.response_format.type == "json_schema":
        wanted = request.response_format.json_schema
        if wanted is None:
            _require(None, "response_format.json_schema")
        else:
            _require(bytes(wanted.schema) or None, "response_format.json_schema.schema")
            _check_schema(wanted.schema, "response_format.json_schema.schema", bounds)


def _check_sampling(request: ChatRequest, bounds: Bounds) -> None:
    if request.stop is not None:
        _check_stop(request.stop, bounds)
    if request.top_logprobs is not None and not request.logprobs:
        raise invalid(
            "'top_logprobs' is allowed only together with 'logprobs': true.",
            param="top_logprobs",
            code="invalid_value",
        )
    if request.logit_bias is not None:
        _at_most(len(request.logit_bias), bounds.max_logit_bias, "logit_bias")
        for key in request.logit_bias:
            # Ids have their sign and size checked here, their meaning by the engine.
            if not (key.isascii() and key.isdigit() and len(key) <= _MAX_TOKEN_ID_DIGITS):
                raise invalid(
                    "The keys of 'logit_bias' must be token ids, written as integers.",
                    param="logit_bias",
                    code="invalid_value",
                )


def _check_stop(stop: str | list[str], bounds: Bounds) -> None:
    sequences = [stop] if isinstance(stop, str) else stop
    _at_most(len(sequences), bounds.max_stop_sequences, "stop")
    for index, sequence in enumerate(sequences):
        param = "stop" if isinstance(stop, str) else f"stop[{index}]"
        size_bytes = len(sequence.encode())
        if not 1 <= size_bytes <= bounds.max_stop_bytes:
            raise invalid(
                f"'{param}' must have 1 to {bounds.max_stop_bytes} bytes, but has {size_bytes}.",
                param=param,
                code="invalid_value",
            )


def _check_tools(request: ChatRequest, bounds: Bounds) -> None:
    tools, functions = request.tools or [], request.functions or []
    if (tools or request.tool_choice) and (functions or request.function_call):
        raise invalid(
            "'functions' and 'function_call' are the older form of 'tools' and 'tool_choice';"
            " use one form only.",
            param="functions" if functions else "function_call",
            code="invalid_value",
        )
    _at_most(len(tools), bounds.max_tools, "tools")
    _at_most(len(functions), bounds.max_tools, "functions")
    for index, tool in enumerate(tools):
        _check_is_function(tool.type, f"tools[{index}].type")
        _require(tool.function, f"tools[{index}].function")
        if tool.function is not None:
            param = f"tools[{index}].function.parameters"
            _check_schema(tool.function.parameters, param, bounds)
    for index, function in enumerate(functions):
        _check_schema(function.parameters, f"functions[{index}].parameters", bounds)
    _check_choice(request.tool_choice, tools)
    if request.function_call is not None and not isinstance(request.function_call, str):
        names = {function.name for function in functions}
        _check_known(request.function_call.name, names, "function_call.name", "functions")


def _check_choice(choice: ToolChoice | str | None, tools: list[Tool]) -> None:
    if choice == "required" and not tools:
        raise invalid(
            "'tool_choice' asks for a tool, but 'tools' is empty.",
            param="tool_choice",
            code="invalid_value",
        )
    if not isinstance(choice, ToolChoice):
        return
    names = {tool.function.name for tool in tools if tool.function is not None}
    if choice.type == "function":
        _require(choice.function, "tool_choice.function")
        if choice.function is not None:
            _check_known(choice.function.name, names, "tool_choice.function.name", "tools")
        return
    _require(choice.allowed_tools, "tool_choice.allowed_tools")
    listed = choice.allowed_tools.tools if choice.allowed_tools is not None else []
    for index, ref in enumerate(listed):
        param = f"tool_choice.allowed_tools.tools[{index}]"
        _check_is_function(ref.type, f"{param}.type")
        _require(ref.function, f"{param}.function")
        if ref.function is not None:
            _check_known(ref.function.name, names, f"{param}.function.name", "tools")
    if not listed:
        _require(None, "tool_choice.allowed_tools.tools")


def _check_notes(request: ChatRequest, bounds: Bounds) -> None:
    if request.store:
        raise invalid(
            "'store' must be false: completions are not stored here. Traces are.",
            param="store",
            code="invalid_value",
        )
    if request.metadata is not None:
        _at_most(len(request.metadata), _MAX_METADATA, "metadata")
        if any(len(key) > _MAX_METADATA_KEY_CHARS for key in request.metadata):
            raise invalid(
                f"The keys of 'metadata' must have at most {_MAX_METADATA_KEY_CHARS} characters.",
                param="metadata",
                code="invalid_value",
            )
    if request.chat_template_kwargs is not None:
        _at_most(
            len(request.chat_template_kwargs), bounds.max_template_kwargs, "chat_template_kwargs"
        )
        for name, value in request.chat_template_kwargs.items():
            _check_depth(value, f"chat_template_kwargs.{name[:64]}", bounds)


def _check_is_function(kind: str, param: str) -> None:
    if kind != "function":
        raise invalid(
            f"'{param}' must be \"function\": no other kind of tool can be called here.",
            param=param,
            code="invalid_value",
        )


def _check_known(name: str, names: set[str], param: str, where: str) -> None:
    if name not in names:
        raise invalid(
            f"'{param}' is the name of none of the '{where}'.", param=param, code="invalid_value"
        )


def _check_schema(schema: Raw, param: str, bounds: Bounds) -> None:
    text = bytes(schema)
    if text in {b"", b"null"}:
        return
    if not text.startswith(b"{"):
        raise invalid(
            f"'{param}' must be an object, but is {describe(_json(text, param))}.",
            param=param,
            code="invalid_type",
        )
    _check_depth(schema, param, bounds)


def _check_depth(value: Raw, param: str, bounds: Bounds) -> None:
    text = bytes(value)
    if text.count(b"{") + text.count(b"[") <= bounds.max_schema_depth:
        return
    if _depth(_json(text, param)) > bounds.max_schema_depth:
        raise invalid(
            f"'{param}' is nested more than {bounds.max_schema_depth} levels deep.",
            param=param,
            code="invalid_value",
        )


def _json(text: bytes, param: str) -> Json:
    """A member that is passed on, decoded: its syntax is known to be right, its numbers are not."""
    try:
        return decode(text)
    except DecodeError as error:
        raise invalid(
            f"'{param}' holds a number that is out of range.", param=param, code="invalid_value"
        ) from error


def _depth(value: Json) -> int:
    """How deep objects and arrays are nested."""
    depth = 0
    level: list[Json] = [value]
    while level:
        below: list[Json] = []
        for member in level:
            if isinstance(member, dict):
                below.extend(member.values())
            elif isinstance(member, list):
                below.extend(member)
        depth += any(isinstance(member, dict | list) for member in level)
        level = below
    return depth


def _at_most(count: int, most: int, param: str) -> None:
    if count > most:
        raise invalid(
            f"'{param}' has {count} entries; at most {most} are allowed.",
            param=param,
            code="invalid_value",
        )


def _require(value: object, param: str) -> None:
    if value is None:
        raise invalid(f"'{param}' is required.", param=param, code="missing_required_parameter")
