"""Badges: for each feature of a model, whether its card claims it and whether the last probe found it to work.

Owns the words that people and clients read, and which of them are claims of a card. Knows nothing of how a probe is
made: that is the engines' room. Invariant: a badge says "works" only where a probe saw it work.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from weft.catalog.types import Capabilities, ReasoningPolicy


class Feature(StrEnum):
    """What is probed; the value is the word in badges."""

    STREAM = "stream"
    USAGE = "usage"
    N = "n"
    SEED = "seed"
    STOP = "stop"
    LOGPROBS = "logprobs"
    TOOLS = "tools"
    JSON_OBJECT = "json_object"
    JSON_SCHEMA = "json_schema"
    REASONING = "reasoning"
    VISION = "vision"
    CANCEL = "cancel"
    CONTEXT = "context"


class BadgeState(StrEnum):
    """A claim and a finding, put together."""

    WORKS = "works"
    """The card claims it and the last probe saw it work."""
    ALSO_WORKS = "also-works"
    """The card does not claim it, so it is refused all the same; the last probe saw it work."""
    BROKEN = "broken"
    """The card claims it and the last probe saw it fail: it is refused until a probe sees it work."""
    ABSENT = "absent"
    """The card does not claim it, and no probe saw it work."""
    UNKNOWN = "unknown"
    """The card claims it and no probe could tell: it is let through."""


@dataclass(frozen=True, slots=True)
class Badge:
    """One feature of one model."""

    feature: Feature
    state: BadgeState
    checked_at: datetime | None = None
    """When the probe was made that could tell; None where there was none."""
    detail: str = ""
    """What it found, for people."""


def claims(capabilities: Capabilities, feature: Feature) -> bool:
    """Whether a card with these capabilities says that `feature` works; what no card can deny, each one claims."""
    match feature:
        case Feature.STREAM:
            return capabilities.streaming
        case Feature.LOGPROBS:
            return capabilities.logprobs
        case Feature.TOOLS:
            return capabilities.tools
        case Feature.JSON_OBJECT:
            return capabilities.json_mode
        case Feature.JSON_SCHEMA:
            return capabilities.json_schema
        case Feature.REASONING:
            return capabilities.reasoning is not ReasoningPolicy.NONE
        case Feature.VISION:
            return capabilities.vision
        case _:
            return True


def without(capabilities: Capabilities, features: Collection[Feature]) -> Capabilities:
    """What is left of a card's claims when `features` do not work."""
    if not features:
        return capabilities
    return replace(
        capabilities,
        streaming=capabilities.streaming and Feature.STREAM not in features,
        tools=capabilities.tools and Feature.TOOLS not in features,
        json_mode=capabilities.json_mode and Feature.JSON_OBJECT not in features,
        json_schema=capabilities.json_schema and Feature.JSON_SCHEMA not in features,
        logprobs=capabilities.logprobs and Feature.LOGPROBS not in features,
        vision=capabilities.vision and Feature.VISION not in features,
        reasoning=ReasoningPolicy.NONE if Feature.REASONING in features else capabilities.reasoning,
    )
