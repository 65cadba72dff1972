"""The shapes of `POST /v1/completions`: what a client sends, and what it gets, whole or in chunks.

Owns field names and types, no behaviour. Source: OpenAI's API reference as typed in the `openai` client 3.52
(`openai/types/completion*.py`, read 2026-11).
"""

from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from weft.gateway.wire.types import (
    NULL,
    Bias,
    Count,
    Int64,
    Penalty,
    Probability,
    StreamOptions,
    Temperature,
    Timings,
    Usage,
)

DEFAULT_MAX_TOKENS = 16
"""OpenAI's, where the request names none."""
MOST_LOGPROBS = 5

Prompt = str | list[str | int | list[int]]
"""A text, several, the ids of one, or the ids of several."""


class CompletionRequest(Struct, kw_only=True):
    """A request for plain completions. None means that the client did not say."""

    model: Annotated[str, Meta(min_length=1, max_length=512)]
    prompt: Prompt
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Count | None = None
    temperature: Temperature | None = None
    top_p: Probability | None = None
    n: Count | None = None
    stop: str | list[str] | None = None
    seed: Int64 | None = None
    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    logit_bias: dict[str, Bias] | None = None
    logprobs: Annotated[int, Meta(ge=0, le=MOST_LOGPROBS)] | None = None
    echo: bool | None = None
    suffix: str | None = None
    best_of: Count | None = None
    user: Annotated[str, Meta(max_length=512)] | None = None

    @property
    def choices(self) -> int:
        """How many answers there are to each prompt."""
        return self.n or 1


class LegacyLogprobs(Struct):
    """Log probabilities of a plain completion: four lists with an entry for each token."""

    tokens: list[str]
    token_logprobs: list[float | None]
    top_logprobs: list[dict[str, float] | None] | None
    text_offset: list[int]


class TextChoice(Struct, kw_only=True):
    """One completion, or a piece of it."""

    text: str = ""
    index: int = 0
    logprobs: LegacyLogprobs | None = None
    finish_reason: str | None = None


class TextCompletion(Struct, omit_defaults=True, kw_only=True):
    """The body of an answer, or one chunk of a stream."""

    id: str
    object: str
    created: int
    model: str
    system_fingerprint: str | UnsetType = UNSET
    choices: list[TextChoice]
    usage: Usage | UnsetType | None = UNSET


# What engines write.


class EngineTextChoice(Struct):
    """One choice of an engine's chunk."""

    text: str = ""
    index: int = 0
    logprobs: Raw = NULL
    finish_reason: str | None = None


class EngineTextChunk(Struct):
    """One event of an engine's stream, as far as it is looked at."""

    choices: list[EngineTextChoice]
    usage: Usage | None = None
    timings: Timings | None = None


class ChatTop(Struct):
    """A token that might have been, in the form of chats."""

    token: str
    logprob: float


class ChatLogprob(Struct):
    """A token that was chosen, in the form of chats."""

    token: str
    logprob: float
    top_logprobs: list[ChatTop] = []


class ChatLogprobs(Struct):
    """The form of chats, which llama.cpp uses for plain completions too."""

    content: list[ChatLogprob] | None = None
