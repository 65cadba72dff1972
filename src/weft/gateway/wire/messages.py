"""Judges the conversation in a request: who may say what, and in which parts.

A call in the history must have arguments that are a JSON object. A model that was cut short wrote some that are not;
no template can show such a call, and the engine would answer as if it had failed.

Fields that have no type here are set aside (`set_aside`): an engine with a list of its parameters would drop them
without a word, so the door refuses them by name, but for those that clients send back because a server once gave
them (`IGNORABLE`), and those that are null.
"""

from msgspec import DecodeError, Raw
from msgspec.json import Decoder, encode

from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.images import check_image_url
from weft.gateway.wire.malformed import invalid
from weft.gateway.wire.rules import at_most, check_is_function, require
from weft.gateway.wire.types import ContentPart, Message

PASSED_ON_PARTS = frozenset({"input_audio", "file", "video_url"})
"""Kinds of content that are well-formed, and that no engine here takes."""

IGNORABLE = frozenset(
    {
        # Of OpenAI's answers, and of its Python client's parsed ones.
        "annotations",
        "parsed",
        # Of LiteLLM's and OpenRouter's answers.
        "provider_specific_fields",
        "reasoning_details",
        "reasoning_items",
        "thinking_blocks",
        # Where a prompt may be cached: no answer depends on it.
        "cache_control",
        "prompt_cache_breakpoint",
    }
)
"""Fields of messages and parts that may be lost on the way to an engine: they change no answer."""

_OBJECT = Decoder(dict[str, Raw])
_LIST = Decoder(list[Raw])
_MESSAGE_FIELDS = frozenset(Message.__struct_encode_fields__)
_PART_FIELDS = frozenset(ContentPart.__struct_encode_fields__)
_MAX_REPORTED = 16

_PARTS_OF_ROLE = {
    "user": frozenset({"text", "image_url"}) | PASSED_ON_PARTS,
    "tool": frozenset({"text", "image_url"}),
    "assistant": frozenset({"text", "refusal"}),
    "system": frozenset({"text"}),
    "developer": frozenset({"text"}),
    "function": frozenset({"text"}),
}


def check_messages(messages: list[Message], bounds: Bounds) -> None:
    """Raise InvalidRequest, with the place in the conversation, for what cannot be said."""
    if not messages:
        raise invalid("'messages' must not be empty.", param="messages", code="invalid_value")
    at_most(len(messages), bounds.max_messages, "messages")
    images = 0
    for index, message in enumerate(messages):
        content = message.content
        if content is None:
            _check_without_content(message, index)
        elif not isinstance(content, str):
            images += _check_parts(message.role, content, f"messages[{index}].content", bounds)
        if message.role == "tool":
            require(message.tool_call_id, f"messages[{index}].tool_call_id")
        elif message.role == "function":
            require(message.name, f"messages[{index}].name")
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
    require(None, f"messages[{index}].content")


def _check_parts(role: str, parts: list[ContentPart], param: str, bounds: Bounds) -> int:
    """Judge the parts of one message; returns how many are images."""
    if not parts:
        raise invalid(f"'{param}' must not be empty.", param=param, code="invalid_value")
    at_most(len(parts), bounds.max_content_parts, param)
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
            require(part.text, f"{param}[{index}].text")
        elif part.type == "refusal":
            require(part.refusal, f"{param}[{index}].refusal")
        elif part.type == "image_url":
            where = f"{param}[{index}].image_url"
            if part.image_url is None:
                require(None, where)
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
    at_most(len(calls), bounds.max_tools, param)
    for call_index, call in enumerate(calls):
        check_is_function(call.type, f"{param}[{call_index}].type")
        require(call.function, f"{param}[{call_index}].function")
        if call.function is not None:
            where = f"{param}[{call_index}].function.arguments"
            _check_arguments(call.function.arguments, where)
    if message.function_call is not None:
        where = f"messages[{index}].function_call.arguments"
        _check_arguments(message.function_call.arguments, where)


def _check_arguments(arguments: str, param: str) -> None:
    """Templates write them as an object: engines that cannot read them fail, as if it were their own fault."""
    try:
        _OBJECT.decode(arguments)
    except (DecodeError, RecursionError) as error:
        raise invalid(
            f"'{param}' must be a JSON object in a string, as a model's whole call has it.",
            param=param,
            code="invalid_value",
        ) from error


def set_aside(messages: Raw) -> tuple[Raw, tuple[str, ...]]:
    """The messages without the fields that have no type here, and where those stand that may matter.

    What is no message is left as it is: decoding will say so.
    """
    found: list[str] = []
    items = _items(messages)
    for index, item in enumerate(items):
        fields = _fields(item)
        parts = _items(fields.get("content", Raw()))
        for place, part in enumerate(parts):
            members = _fields(part)
            if members:
                param = f"messages[{index}].content[{place}]"
                known = _PART_FIELDS | {_text(members.get("type", Raw()))}
                found += _unknown(members, known, param)
                parts[place] = _known(members, _PART_FIELDS)
        if parts:
            fields["content"] = Raw(encode(parts))
        if fields:
            found += _unknown(fields, _MESSAGE_FIELDS, f"messages[{index}]")
            items[index] = _known(fields, _MESSAGE_FIELDS)
        del found[_MAX_REPORTED:]
    return Raw(encode(items)) if items else messages, tuple(found)


def _unknown(members: dict[str, Raw], known: frozenset[str], param: str) -> list[str]:
    return [
        f"{param}.{name[:64]}"
        for name, value in members.items()
        if name not in known and name not in IGNORABLE and bytes(value) != b"null"
    ]


def _known(members: dict[str, Raw], known: frozenset[str]) -> Raw:
    return Raw(encode({name: value for name, value in members.items() if name in known}))


def _items(value: Raw) -> list[Raw]:
    """The items of an array; none where it is no array."""
    try:
        return _LIST.decode(value) if value else []
    except DecodeError:
        return []


def _fields(value: Raw) -> dict[str, Raw]:
    """The members of an object; none where it is no object."""
    try:
        return _OBJECT.decode(value) if value else {}
    except DecodeError:
        return {}


def _text(value: Raw) -> str:
    return bytes(value).decode().strip('"')
