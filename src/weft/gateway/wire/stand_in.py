"""What the tiny model cannot do of a request that is right for the model it stands in for.

Code that is written for a big model must run where only the stand-in can: what only the stand-in lacks is left out of
the engine's request and named to the client, never refused. What the model that was asked for lacks itself is refused
all the same (`check_capabilities`). Pictures are replaced by a word, so that the conversation keeps its form.

Tools and a response format together, on an engine that can do one only: a call that is required counts more than the
form of an answer, and the form more than tools that may be called.
"""

import msgspec
from msgspec import Raw, json

from weft.catalog.types import ReasoningPolicy
from weft.engines.types import Route
from weft.gateway.wire.capabilities import foreign_wishes, offers_tools, wants_format
from weft.gateway.wire.types import ChatRequest, ToolChoice

IMAGES = "image_url"
THINKING = "chat_template_kwargs.enable_thinking"
IMAGE_TEXT = Raw(b'{"type":"text","text":"[image]"}')

_MEMBERS = json.Decoder(dict[str, Raw])
_MESSAGES = json.Decoder(list[dict[str, Raw]])
_PARTS = json.Decoder(list[Raw])
_GOES_WITH = {
    "tools": ("tool_choice", "parallel_tool_calls"),
    "functions": ("function_call",),
    "logprobs": ("top_logprobs",),
}


def stand_in_ignores(request: ChatRequest, route: Route) -> tuple[str, ...]:
    """The names of what is asked for and the stand-in will not do; none where the model itself answers."""
    if not route.is_stand_in:
        return ()
    able = route.capabilities
    names = set(foreign_wishes(request, route.quirks))
    if not able.tools:
        names |= {name for name in ("tools", "functions") if getattr(request, name)}
    elif not route.quirks.tools_with_format and wants_format(request) and offers_tools(request):
        names.add(_lesser(request))
    if request.logprobs and not able.logprobs:
        names.add("logprobs")
    if wants_format(request) and not _keeps_to_format(request, route):
        names.add("response_format")
    names |= _reasoning(request, able.reasoning)
    if not able.vision and _has_images(request):
        names.add(IMAGES)
    return tuple(sorted(names))


def leave_out(
    raw: bytes, request: ChatRequest, ignored: tuple[str, ...]
) -> tuple[bytes, ChatRequest]:
    """The request as if nothing of what is `ignored` had been asked for."""
    members = _MEMBERS.decode(raw)
    absent: dict[str, object] = {}
    for name in ignored:
        if name == IMAGES:
            members["messages"] = _without_images(members["messages"], request)
        elif name == THINKING:
            kept = {**(request.chat_template_kwargs or {})}
            del kept["enable_thinking"]
            members["chat_template_kwargs"] = Raw(json.encode(kept))
            absent["chat_template_kwargs"] = kept
        else:
            for field in (name, *_GOES_WITH.get(name, ())):
                members.pop(field, None)
                absent[field] = None
    return json.encode(members), msgspec.structs.replace(request, **absent)


def _lesser(request: ChatRequest) -> str:
    """Which of tools and a response format gives way."""
    choice = request.function_call if request.functions else request.tool_choice
    if isinstance(choice, ToolChoice) and choice.allowed_tools is not None:
        choice = choice.allowed_tools.mode
    if choice is not None and choice != "auto":
        return "response_format"
    return "functions" if request.functions else "tools"


def _keeps_to_format(request: ChatRequest, route: Route) -> bool:
    able = route.capabilities
    assert request.response_format is not None
    return able.json_schema if request.response_format.type == "json_schema" else able.json_mode


def _reasoning(request: ChatRequest, policy: ReasoningPolicy) -> set[str]:
    """What the stand-in's template would not follow."""
    names: set[str] = set()
    effort = request.reasoning_effort
    switch = bytes((request.chat_template_kwargs or {}).get("enable_thinking", Raw()))
    if policy is ReasoningPolicy.NONE:
        if effort not in {None, "none"}:
            names.add("reasoning_effort")
        if switch == b"true":
            names.add(THINKING)
    if policy is ReasoningPolicy.ALWAYS_ON:
        if effort == "none":
            names.add("reasoning_effort")
        if switch == b"false":
            names.add(THINKING)
    return names


def _has_images(request: ChatRequest) -> bool:
    return any(
        part.type == "image_url"
        for message in request.messages
        if isinstance(message.content, list)
        for part in message.content
    )


def _without_images(raw: Raw, request: ChatRequest) -> Raw:
    messages = _MESSAGES.decode(raw)
    for members, message in zip(messages, request.messages, strict=True):
        if isinstance(message.content, list):
            parts = _PARTS.decode(members["content"])
            for place, part in enumerate(message.content):
                if part.type == "image_url":
                    parts[place] = IMAGE_TEXT
            members["content"] = Raw(json.encode(parts))
    return Raw(json.encode(messages))
