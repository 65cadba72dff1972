"""Decides whether a chat request is well-formed, before anything is spent on it.

Owns every rule that a body can break by itself (`parse_request`). Whether the model and its engine can do what it
asks is `capabilities.py`. Types and plain ranges are checked while msgspec decodes; here is what depends on bounds, or
on more than one field. Nothing is mended or left out in silence: a request is taken as it is, or refused by name.

`store: true` is refused: there is no store of completions behind this door; traces are.
"""

from collections.abc import Mapping

from msgspec import DecodeError, Raw
from msgspec.json import Decoder, encode

from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.malformed import explain, invalid
from weft.gateway.wire.messages import check_messages, set_aside
from weft.gateway.wire.rules import at_most, check_is_function, require
from weft.gateway.wire.schemas import check_depth, check_schemas
from weft.gateway.wire.types import FIELDS, ChatRequest, Tool, ToolChoice
from weft.kit.errors import PayloadTooLarge

_STRICT = Decoder(ChatRequest)
_NAMES = Decoder(dict[str, Raw])

_MAX_METADATA = 16
_MAX_METADATA_KEY_CHARS = 64
_MAX_TOKEN_ID_DIGITS = 9


def parse_request(body: bytes, bounds: Bounds) -> ChatRequest:
    """Decode and judge one body.

    Raises InvalidRequest with the parameter's name, or PayloadTooLarge.
    """
    check_size(body, bounds)
    request = _decode(body)
    check_messages(request.messages, bounds)
    _check_output(request, bounds)
    _check_sampling(request, bounds)
    if request.tools or request.functions or request.tool_choice or request.function_call:
        _check_tools(request, bounds)
    _check_notes(request, bounds)
    return request


def check_size(body: bytes, bounds: Bounds) -> None:
    """Raise PayloadTooLarge for a body that is not looked at."""
    if len(body) > bounds.max_body_bytes:
        raise PayloadTooLarge(
            f"The body has {len(body)} bytes; at most {bounds.max_body_bytes} are allowed.",
            remedy="Send fewer or shorter messages, or smaller images.",
        )


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
        members = _NAMES.decode(body)
        known = {name: value for name, value in members.items() if name in FIELDS}
        within: tuple[str, ...] = ()
        if "messages" in known:
            known["messages"], within = set_aside(known["messages"])
        request = _STRICT.decode(encode(known))
        request.unknown = (*(name for name in members if name not in FIELDS), *within)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise explain(body, error) from error
    return request


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
            require(None, "response_format.json_schema")
        else:
            require(bytes(wanted.schema) or None, "response_format.json_schema.schema")
    if request.response_format is not None or request.tools or request.functions:
        check_schemas(request, bounds)
    if request.grammar is not None:
        at_most(len(request.grammar.encode()), bounds.max_grammar_bytes, "grammar", of="bytes")


def _check_sampling(request: ChatRequest, bounds: Bounds) -> None:
    if request.stop is not None:
        check_stop(request.stop, bounds)
    if request.top_logprobs is not None and not request.logprobs:
        raise invalid(
            "'top_logprobs' is allowed only together with 'logprobs': true.",
            param="top_logprobs",
            code="invalid_value",
        )
    if request.logit_bias is not None:
        check_bias(request.logit_bias, bounds)


def check_bias(bias: Mapping[str, float], bounds: Bounds) -> None:
    """Raise InvalidRequest for a bias of what is no token, or of too many."""
    at_most(len(bias), bounds.max_logit_bias, "logit_bias")
    for key in bias:
        # Ids have their sign and size checked here, their meaning by the engine.
        if not (key.isascii() and key.isdigit() and len(key) <= _MAX_TOKEN_ID_DIGITS):
            raise invalid(
                "The keys of 'logit_bias' must be token ids, written as integers.",
                param="logit_bias",
                code="invalid_value",
            )


def check_stop(stop: str | list[str], bounds: Bounds) -> None:
    """Raise InvalidRequest for stop sequences that are empty, too long or too many."""
    sequences = [stop] if isinstance(stop, str) else stop
    at_most(len(sequences), bounds.max_stop_sequences, "stop")
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
    at_most(len(tools), bounds.max_tools, "tools")
    at_most(len(functions), bounds.max_tools, "functions")
    for index, tool in enumerate(tools):
        check_is_function(tool.type, f"tools[{index}].type")
        require(tool.function, f"tools[{index}].function")
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
        require(choice.function, "tool_choice.function")
        if choice.function is not None:
            _check_known(choice.function.name, names, "tool_choice.function.name", "tools")
        return
    require(choice.allowed_tools, "tool_choice.allowed_tools")
    listed = choice.allowed_tools.tools if choice.allowed_tools is not None else []
    for index, ref in enumerate(listed):
        param = f"tool_choice.allowed_tools.tools[{index}]"
        check_is_function(ref.type, f"{param}.type")
        require(ref.function, f"{param}.function")
        if ref.function is not None:
            _check_known(ref.function.name, names, f"{param}.function.name", "tools")
    if not listed:
        require(None, "tool_choice.allowed_tools.tools")


def _check_notes(request: ChatRequest, bounds: Bounds) -> None:
    if request.store:
        raise invalid(
            "'store' must be false: completions are not stored here. Traces are.",
            param="store",
            code="invalid_value",
        )
    if request.metadata is not None:
        at_most(len(request.metadata), _MAX_METADATA, "metadata")
        if any(len(key) > _MAX_METADATA_KEY_CHARS for key in request.metadata):
            raise invalid(
                f"The keys of 'metadata' must have at most {_MAX_METADATA_KEY_CHARS} characters.",
                param="metadata",
                code="invalid_value",
            )
    if request.chat_template_kwargs is not None:
        at_most(
            len(request.chat_template_kwargs), bounds.max_template_kwargs, "chat_template_kwargs"
        )
        for name, value in request.chat_template_kwargs.items():
            check_depth(value, f"chat_template_kwargs.{name[:64]}", bounds)


def _check_known(name: str, names: set[str], param: str, where: str) -> None:
    if name not in names:
        raise invalid(
            f"'{param}' is the name of none of the '{where}'.", param=param, code="invalid_value"
        )
