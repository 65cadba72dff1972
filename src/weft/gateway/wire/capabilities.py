"""Decides whether a model and its engine can do what a well-formed request asks.

Owns the refusals with status 422, each of which names its parameter, as the hosted service's do (`detail`). A parameter
that an engine does not know is refused unless it asks for nothing (`n: 1`) or the door honours it itself:

- `user`, `safety_identifier`, `metadata` and `prompt_cache_key` are notes that no answer depends on;
- `store: false` and `service_tier: auto | default` describe what happens anyway;
- `n`, the older names (`functions`, `max_tokens`), and `reasoning_effort` are put into the engine's words by `body.py`.
"""

import difflib
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from weft.catalog.types import ModelCard, ReasoningPolicy
from weft.engines.types import Quirks
from weft.gateway.wire.messages import PASSED_ON_PARTS
from weft.gateway.wire.types import FIELDS, ChatRequest, Message
from weft.kit.errors import Unprocessable

HONOURED_HERE = frozenset(
    {
        "user",
        "safety_identifier",
        "prompt_cache_key",
        "metadata",
        "store",
        "service_tier",
        "modalities",
    }
)
"""Fields that the door answers for, so that an engine need not know them."""

OTHER_LIMITS = frozenset({"n_predict", "num_predict", "max_new_tokens"})
"""What some servers call the longest answer besides: they would go beyond the limit that the hold pays for."""

EVERY_ENGINE_KNOWS = frozenset({"model", "messages", "stream", "stream_options"})
_IDLE_VALUES: dict[str, object] = {
    "n": 1,
    "top_p": 1,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "logit_bias": {},
    "logprobs": False,
    "stop": [],
    "tools": [],
    "functions": [],
    "tool_choice": "auto",
    "function_call": "auto",
    "parallel_tool_calls": True,
    "chat_template_kwargs": {},
}


def check_capabilities(
    request: ChatRequest, card: ModelCard, quirks: Quirks, *, is_stand_in: bool = False
) -> None:
    """Raise Unprocessable, with the parameter's name, for what `card` or its engine cannot do.

    `card` is the one that was asked for. Where a stand-in answers, `quirks` are those of the stand-in's engine, and
    what only that cannot do is no refusal: `stand_in_ignores` names it.
    """
    for name in request.unknown:
        if name in OTHER_LIMITS:
            remedy = f"Say it with 'max_tokens' instead of '{name}'."
            raise unsupported(name, f"'{name}' is not supported here.", remedy=remedy)
    if quirks.parameters is not None:
        _check_names(request, card.id, quirks.parameters)
        if not is_stand_in:
            _check_parameters(request, card.id, quirks)
    if not quirks.tools_with_format:
        _check_constraints(request, card.id, is_stand_in=is_stand_in)
    capabilities = card.capabilities
    if request.tools and not capabilities.tools:
        raise unable(card.id, "tools", "calls no tools")
    if request.functions and not capabilities.tools:
        raise unable(card.id, "functions", "calls no functions")
    if request.logprobs and not capabilities.logprobs:
        raise unable(card.id, "logprobs", "gives no log probabilities")
    if request.stream and not capabilities.streaming:
        raise unable(card.id, "stream", "does not stream")
    if request.response_format is not None:
        wanted = request.response_format.type
        if wanted == "json_object" and not capabilities.json_mode:
            raise unable(card.id, "response_format", "has no JSON mode")
        if wanted == "json_schema" and not capabilities.json_schema:
            raise unable(card.id, "response_format", "keeps to no JSON schema")
    if request.modalities is not None and "audio" in request.modalities:
        raise unable(card.id, "modalities", "does not speak")
    if request.service_tier not in {None, "auto", "default"}:
        raise unsupported(
            "service_tier", f"There is no service tier '{request.service_tier}' here."
        )
    if request.reasoning_effort is not None or request.chat_template_kwargs:
        _check_reasoning(request, card)
    for index, message in enumerate(request.messages):
        if message.content is not None and not isinstance(message.content, str):
            _check_content(message, f"messages[{index}].content", card)


def asks_nothing(request: ChatRequest, name: str) -> bool:
    """Whether the field `name` is absent, null, or has a value that changes no answer."""
    value: object = getattr(request, name)
    if value is None or (name in _IDLE_VALUES and value == _IDLE_VALUES[name]):
        return True
    if name == "response_format" and request.response_format is not None:
        return request.response_format.type == "text"
    if name in {"tool_choice", "parallel_tool_calls"}:
        return not request.tools and not request.functions
    return False


def translates(name: str, parameters: frozenset[str], quirks: Quirks) -> bool:
    """Whether an engine that does not know `name` is told the same in other words."""
    if name == "n":
        return quirks.fans_out
    if name == "reasoning_effort":
        return "chat_template_kwargs" in parameters
    other = _SAME_AS.get(name)
    return other is not None and other in parameters


_SAME_AS = {
    "functions": "tools",
    "function_call": "tool_choice",
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}


def foreign_wishes(request: ChatRequest, quirks: Quirks) -> Iterator[str]:
    """The names of the fields that ask for something, and that the engine cannot be told of in any words."""
    parameters = quirks.parameters
    if parameters is None:
        return
    for name in _foreign_fields(parameters):
        if not asks_nothing(request, name) and not translates(name, parameters, quirks):
            yield name


def offers_tools(request: ChatRequest) -> bool:
    """Whether the model may call something, in today's form or the older one."""
    return bool(
        (request.tools and request.tool_choice != "none")
        or (request.functions and request.function_call != "none")
    )


def wants_format(request: ChatRequest) -> bool:
    """Whether the answer must have a form."""
    return request.response_format is not None and request.response_format.type != "text"


def _check_names(request: ChatRequest, model: str, parameters: frozenset[str]) -> None:
    for name in request.unknown:
        if name not in parameters:
            raise unknown_parameter(model, name, parameters)


def _check_constraints(request: ChatRequest, model: str, *, is_stand_in: bool) -> None:
    """What the engine would drop without a word, because it can do one of two only."""
    has_tools, has_format = offers_tools(request), wants_format(request)
    if has_format and has_tools and not is_stand_in:
        raise _either(model, "response_format", "calls no tool while it keeps to a response format")
    if request.grammar is not None and has_format:
        raise _either(model, "grammar", "keeps to a response format or to a grammar, not to both")
    if request.grammar is not None and has_tools:
        raise _either(model, "grammar", "calls no tool while it keeps to a grammar")


def _check_parameters(request: ChatRequest, model: str, quirks: Quirks) -> None:
    for name in foreign_wishes(request, quirks):
        raise unable(model, name, "runs on an engine that does not know it")
    if request.stream_options is not None and request.stream_options.include_obfuscation:
        raise unable(model, "stream_options.include_obfuscation", "has plain streams only")


@lru_cache(maxsize=64)
def _foreign_fields(parameters: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(FIELDS - parameters - HONOURED_HERE - EVERY_ENGINE_KNOWS))


def _check_reasoning(request: ChatRequest, card: ModelCard) -> None:
    """What a model's template would ignore is refused: the caller asked for it."""
    policy = card.capabilities.reasoning
    effort = request.reasoning_effort
    switch = bytes((request.chat_template_kwargs or {}).get("enable_thinking", msgspec.Raw()))
    if policy is ReasoningPolicy.NONE:
        if effort not in {None, "none"}:
            raise unable(card.id, "reasoning_effort", "does not reason")
        if switch == b"true":
            raise unable(card.id, "chat_template_kwargs.enable_thinking", "does not reason")
    if policy is ReasoningPolicy.ALWAYS_ON:
        if effort == "none":
            raise unable(card.id, "reasoning_effort", "always reasons")
        if switch == b"false":
            raise unable(card.id, "chat_template_kwargs.enable_thinking", "always reasons")


def _check_content(message: Message, param: str, card: ModelCard) -> None:
    assert isinstance(message.content, list)
    for index, part in enumerate(message.content):
        if part.type == "image_url" and not card.capabilities.vision:
            raise unable(card.id, f"{param}[{index}]", "reads text only, no images")
        if part.type in PASSED_ON_PARTS:
            raise unable(card.id, f"{param}[{index}]", f"takes no {part.type}")


def unable(model: str, param: str, reason: str) -> Unprocessable:
    """The refusal of a parameter that this model cannot follow."""
    return unsupported(param, f"'{param}' is not supported: {model} {reason}.")


def _either(model: str, param: str, reason: str) -> Unprocessable:
    remedy = f"Leave '{param}' out, or what it goes against; tools are out with tool_choice: none."
    return unsupported(
        param, f"'{param}' is not supported here: the engine of {model} {reason}.", remedy=remedy
    )


def unsupported(param: str, detail: str, *, remedy: str = "") -> Unprocessable:
    """The refusal of a parameter, in the hosted service's form."""
    return Unprocessable(
        detail,
        param=param,
        remedy=remedy or f"Leave '{param}' out, or choose a model that supports it.",
        metadata={"detail": detail},
    )


def unknown_parameter(model: str, name: str, parameters: frozenset[str]) -> Unprocessable:
    """The refusal of a parameter that nobody here knows; `parameters` are those that somebody does."""
    shown = name[:64]
    detail = f"'{shown}' is no parameter of {model}."
    near = difflib.get_close_matches(shown, sorted(FIELDS | parameters), n=1, cutoff=0.85)
    remedy = f"Did you mean '{near[0]}'?" if near else f"Leave '{shown}' out."
    error = Unprocessable(detail, param=shown, remedy=remedy, metadata={"detail": detail})
    error.code = "unknown_parameter"
    return error
