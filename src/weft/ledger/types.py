"""The nouns of metering. A usage record is immutable, and there is exactly one for each request that was let in.

Inside we say input and output tokens, as the price list and OpenTelemetry's GenAI conventions do; the words of the
OpenAI wire stay in `gateway/wire/`. Invariants: cached input <= input, reasoning <= output, cost >= 0.

Records are msgspec structs rather than dataclasses: one is made for every request, and theirs are made in C.
"""

from enum import StrEnum

import msgspec

from weft.kit.money import NanoUsd


class Outcome(StrEnum):
    """How a request ended."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    """The client hung up; what was produced until then is charged."""
    FAILED = "failed"
    """The engine failed; what was produced and delivered until then is charged."""
    REFUSED = "refused"
    """Turned away before an engine saw it; costs nothing."""
    INTERRUPTED = "interrupted"
    """The server that answered it died; nobody knows what was produced, so it costs nothing."""


class UsageSource(StrEnum):
    """Who counted the tokens."""

    ENGINE = "engine"
    COUNTED = "counted"
    """By the door, from the chunks that passed, because the engine never got to tell."""
    NONE = "none"


class Tokens(msgspec.Struct, frozen=True):
    """Token counts of one request, over all its choices."""

    input: int = 0
    cached_input: int = 0
    """Part of `input`."""
    output: int = 0
    reasoning: int = 0
    """Part of `output`."""

    def __post_init__(self) -> None:
        assert 0 <= self.cached_input <= self.input, self
        assert 0 <= self.reasoning <= self.output, self


class UsageRecord(msgspec.Struct, frozen=True):
    """One request, metered."""

    id: str
    """The request id: the same in the response header, the log line and here."""
    started_at_us: int
    user_id: str
    team_id: str
    project_id: str
    key_id: str
    model_id: str
    """What was asked for."""
    served_model_id: str
    """What answered: differs only when a stand-in did; empty when nothing did."""
    engine: str
    status: int
    """The HTTP status that was sent."""
    outcome: Outcome
    error_code: str
    stream: bool
    tokens: Tokens
    usage_source: UsageSource
    price_version: str
    cost_nusd: NanoUsd
    queue_us: int
    ttft_us: int
    """From the request's arrival to the first byte of the answer's body; 0 if there was none."""
    total_us: int
    refusal: str = ""
    """The metadata of the error, as JSON text: which limit stood in the way, and what to do.

    Also, as `capped_from_nusd`, what it would have cost where its hold paid for less.
    """
    posted_at_us: int = 0
    """When it went into the books: the moment that reports and bills count by. Set by the writer."""
    seq: int = 0
    """The place of its charge in the chain of transactions; 0 when it was never admitted. Set by the writer."""
