"""Refuses what a card claims and the last probe found not to work.

Owns which fields of a request ask for which feature, and the words of that refusal: status 422, the parameter, the
model, and what the probe found and when. Runs only for a model of which something is turned off.
"""

from collections.abc import Mapping

import msgspec

from weft.catalog.badges.types import Feature
from weft.engines.probes.types import Verdict
from weft.engines.types import Route
from weft.gateway.wire.types import ChatRequest
from weft.kit.errors import Unprocessable

_REMEDY = "Leave '{}' out, or choose another model; it is let through again once a probe finds that it works."


def check_probed(request: ChatRequest, route: Route) -> None:
    """Raise Unprocessable for the first wish of `request` that the last probe of its model found not to work.

    What a stand-in cannot do is no refusal: `stand_in_ignores` names it.
    """
    if route.is_stand_in:
        return
    off: Mapping[Feature, Verdict] = route.found.off
    for feature, verdict in off.items():
        param = _asks_for(request, feature)
        if param:
            raise _probed_away(route.asked.id, param, verdict)


def _asks_for(request: ChatRequest, feature: Feature) -> str:
    """The parameter by which `request` asks for `feature`; empty where it does not."""
    match feature:
        case Feature.TOOLS:
            return "tools" if request.tools else "functions" if request.functions else ""
        case Feature.LOGPROBS:
            return "logprobs" if request.logprobs else ""
        case Feature.STREAM:
            return "stream" if request.stream else ""
        case Feature.N:
            return "n" if request.choices > 1 else ""
        case Feature.SEED:
            return "seed" if request.seed is not None else ""
        case Feature.STOP:
            return "stop" if request.stop else ""
        case Feature.JSON_OBJECT | Feature.JSON_SCHEMA:
            wanted = request.response_format
            is_it = wanted is not None and wanted.type == feature.value
            return "response_format" if is_it else ""
        case Feature.REASONING:
            return _asks_for_reasoning(request)
        case Feature.VISION:
            return _asks_for_vision(request)
        case Feature.USAGE | Feature.CANCEL | Feature.CONTEXT:
            return ""  # no parameter asks for them


def _asks_for_reasoning(request: ChatRequest) -> str:
    if request.reasoning_effort not in {None, "none"}:
        return "reasoning_effort"
    switch = (request.chat_template_kwargs or {}).get("enable_thinking", msgspec.Raw())
    return "chat_template_kwargs.enable_thinking" if bytes(switch) == b"true" else ""


def _asks_for_vision(request: ChatRequest) -> str:
    for index, message in enumerate(request.messages):
        if isinstance(message.content, list):
            for place, part in enumerate(message.content):
                if part.type == "image_url":
                    return f"messages[{index}].content[{place}]"
    return ""


def _probed_away(model: str, param: str, verdict: Verdict) -> Unprocessable:
    checked_at = verdict.at.isoformat(timespec="seconds").replace("+00:00", "Z")
    found = f": {verdict.detail}" if verdict.detail else ""
    detail = (
        f"'{param}' is not supported: the last probe of {model}, at {checked_at}, found that"
        f" {verdict.feature.value} does not work on its engine{found}."
    )
    return Unprocessable(
        detail,
        param=param,
        remedy=_REMEDY.format(param),
        metadata={
            "detail": detail,
            "model": model,
            "feature": verdict.feature.value,
            "checked_at": checked_at,
        },
    )
