"""Makes the bytes that an engine gets from the bytes that a client sent.

Owns every change to a request on its way to an engine; each of them is here because an engine needs it (`Quirks`) or
because metering does (`stream_options.include_usage`). Where nothing has to change the client's bytes go on as they
are; otherwise the top level is written anew, and members without a change keep their bytes. (Splicing in before the
last brace saves nothing: to see that a name is not there yet costs as much as to write all members again.)

What an engine does not know and the door answers for (`capabilities.HONOURED_HERE`: notes such as `user` and
`metadata`, `store: false`, the default service tier) is left out of its request, and so is what asks for nothing
(`n: 1`; tools that must not be called, where an engine that is told so writes the call as text). That drops no wish
of the caller: everything else that an engine does not know has been refused before. An engine that judges for itself
(`Quirks.parameters` is None) gets them all.

Seeds: with a seed, choice i of a fanned-out request is sampled with seed + i, so that the choices differ and each of
them can be had again. Without one the engine draws its own.
"""

from functools import lru_cache

from msgspec import Raw, json

from weft.engines.types import Quirks
from weft.gateway.wire import legacy
from weft.gateway.wire.capabilities import EVERY_ENGINE_KNOWS
from weft.gateway.wire.stand_in import leave_out
from weft.gateway.wire.types import FIELDS, ChatRequest, ToolChoice

_MEMBERS = json.Decoder(dict[str, Raw])
_MESSAGES = json.Decoder(list[dict[str, Raw]])
_RAWS = json.Decoder(list[Raw])

_TRUE = Raw(b"true")
_FALSE = Raw(b"false")
_USAGE = Raw(b'{"include_usage":true}')
_SYSTEM = Raw(b'"system"')
_INT64_MAX = 2**63 - 1


def engine_bodies(
    raw: bytes,
    request: ChatRequest,
    quirks: Quirks,
    *,
    served_model: str,
    ignored: tuple[str, ...] = (),
    output_limit: int | None = None,
) -> tuple[bytes, ...]:
    """The bodies to send: one, or one for each choice where the engine miscounts several.

    `raw` is what `request` was decoded from, and has passed `check_capabilities`; `ignored` is what
    `stand_in_ignores` says; `output_limit` is the longest answer, in tokens, where the caller named none.
    """
    if ignored:
        raw, request = leave_out(raw, request, ignored)
    choices = request.choices if quirks.fans_out else 1
    adds_usage = (quirks.always_stream or bool(request.stream)) and request.stream_options is None
    adds_stream = quirks.always_stream and not request.stream
    adds = adds_usage or adds_stream or bool(quirks.extra_body) or output_limit is not None
    if choices == 1 and not adds and not _must_rewrite(request, quirks, served_model):
        return (raw,)
    added = _added(quirks, adds_stream=adds_stream, adds_usage=adds_usage)
    members = _MEMBERS.decode(raw)
    _rewrite(members, request, quirks, served_model)
    members.update(added)
    if output_limit is not None:
        members[_limit_name(quirks)] = Raw(b"%d" % output_limit)
    if choices == 1:
        return (json.encode(members),)
    members.pop("n", None)
    if request.seed is None:
        return (json.encode(members),) * choices
    return tuple(_with_seed(members, request.seed + choice, quirks) for choice in range(choices))


@lru_cache(maxsize=256)
def _added(quirks: Quirks, *, adds_stream: bool, adds_usage: bool) -> dict[str, Raw]:
    """Members that must be there. The answer is shared: never change it."""
    added = _MEMBERS.decode(b"{%b}" % quirks.extra_body)
    if adds_stream:
        added["stream"] = _TRUE
    if adds_usage:
        added["stream_options"] = _USAGE
    return added


def _limit_name(quirks: Quirks) -> str:
    """What this engine calls the longest answer."""
    knows_old = quirks.parameters is None or "max_tokens" in quirks.parameters
    return "max_tokens" if knows_old else "max_completion_tokens"


@lru_cache(maxsize=256)
def _left_out(parameters: frozenset[str] | None) -> tuple[str, ...]:
    """Fields that an engine with these parameters must not see."""
    if parameters is None:
        return ()
    return tuple(sorted(FIELDS - parameters - EVERY_ENGINE_KNOWS))


def _must_rewrite(request: ChatRequest, quirks: Quirks, served_model: str) -> bool:
    if request.model != served_model:
        return True
    options = request.stream_options
    if options is not None and options.include_usage is not True:
        return True
    if request.functions is not None or request.function_call is not None:
        return True
    choice = request.tool_choice
    if not quirks.named_tool_choice and (choice == "none" or isinstance(choice, ToolChoice)):
        return True
    if request.seed is not None and folded(request.seed, quirks) != request.seed:
        return True
    if _messages_change(request, quirks):
        return True
    if quirks.parameters is None:
        return False
    return any(getattr(request, name) is not None for name in _left_out(quirks.parameters))


def _messages_change(request: ChatRequest, quirks: Quirks) -> bool:
    for message in request.messages:
        role = message.role
        if role == "function" or message.function_call is not None:
            return True
        if role == "developer" and not quirks.developer_role:
            return True
    return False


def _rewrite(
    members: dict[str, Raw], request: ChatRequest, quirks: Quirks, served_model: str
) -> None:
    """Change what must change, in place."""
    members["model"] = Raw(json.encode(served_model))
    if request.stream_options is not None and request.stream_options.include_usage is not True:
        options = _MEMBERS.decode(members["stream_options"])
        options["include_usage"] = _TRUE
        members["stream_options"] = Raw(json.encode(options))
    if request.seed is not None:
        members["seed"] = Raw(b"%d" % folded(request.seed, quirks))
    _rewrite_tools(members, request, quirks)
    if _messages_change(request, quirks):
        _rewrite_messages(members, request, quirks)
    _translate(members, request, quirks)
    for name in _left_out(quirks.parameters):
        members.pop(name, None)


def _translate(members: dict[str, Raw], request: ChatRequest, quirks: Quirks) -> None:
    """Say in an engine's words what it knows by another name."""
    parameters = quirks.parameters
    if parameters is None:
        return
    limit = request.output_limit_tokens
    if limit is not None:
        for name in ("max_tokens", "max_completion_tokens"):
            if name in parameters:
                members[name] = Raw(b"%d" % limit)
                break
    effort = request.reasoning_effort
    if effort is not None and "reasoning_effort" not in parameters:
        switches = {"enable_thinking": _FALSE if effort == "none" else _TRUE}
        if effort != "none":
            switches["reasoning_effort"] = Raw(json.encode(effort))
        # What the caller says to the template by name counts more.
        switches.update(request.chat_template_kwargs or {})
        members["chat_template_kwargs"] = Raw(json.encode(switches))


def _rewrite_tools(members: dict[str, Raw], request: ChatRequest, quirks: Quirks) -> None:
    """Offer tools in today's form, and only those that may be called where an engine cannot be told which."""
    choice = request.tool_choice
    names = [tool.function.name for tool in request.tools or () if tool.function is not None]
    if request.functions:
        choice = legacy.choice_of(request)
        names = [function.name for function in request.functions]
        members["tools"] = Raw(json.encode(legacy.tools_of(members["functions"])))
        if choice is not None:
            members["tool_choice"] = Raw(json.encode(choice))
        if quirks.parameters is None or "parallel_tool_calls" in quirks.parameters:
            members["parallel_tool_calls"] = _FALSE
    members.pop("functions", None)
    members.pop("function_call", None)
    if choice == "none" and not quirks.named_tool_choice:
        for name in ("tools", "tool_choice", "parallel_tool_calls"):
            members.pop(name, None)
        return
    if not isinstance(choice, ToolChoice) or quirks.named_tool_choice:
        return
    allowed, mode = _allowed(choice)
    tools = zip(_RAWS.decode(members["tools"]), names, strict=True)
    members["tools"] = Raw(json.encode([tool for tool, name in tools if name in allowed]))
    members["tool_choice"] = Raw(json.encode(mode))


def _allowed(choice: ToolChoice) -> tuple[set[str], str]:
    """The names of the tools that may be called, and whether one must be."""
    if choice.allowed_tools is None:
        return {choice.function.name} if choice.function is not None else set(), "required"
    named = [ref.function.name for ref in choice.allowed_tools.tools if ref.function is not None]
    return set(named), choice.allowed_tools.mode


def _rewrite_messages(members: dict[str, Raw], request: ChatRequest, quirks: Quirks) -> None:
    messages = _MESSAGES.decode(members["messages"])
    legacy.modernise(messages, request)
    if not quirks.developer_role:
        for message, typed in zip(messages, request.messages, strict=True):
            if typed.role == "developer":
                message["role"] = _SYSTEM
    members["messages"] = Raw(json.encode(messages))


def folded(seed: int, quirks: Quirks) -> int:
    """The seed that an engine repeats on."""
    if quirks.max_seed is None or 0 <= seed <= quirks.max_seed:
        return seed
    return seed % (quirks.max_seed + 1)


def _with_seed(members: dict[str, Raw], seed: int, quirks: Quirks) -> bytes:
    """The body of one choice."""
    wrapped = seed if seed <= _INT64_MAX else seed - 2**64
    return json.encode({**members, "seed": Raw(b"%d" % folded(wrapped, quirks))})
