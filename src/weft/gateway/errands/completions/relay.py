"""An engine's plain completions on their way to the client: stamped, counted, log probabilities in their older form.

Owns what is done to each event; the flow owns when. Every chunk is decoded: these streams are not the hot path.
Invariant: however the engine cut an answer, the texts of the chunks add up to the text of the whole answer.
"""

from dataclasses import dataclass, field

from msgspec import DecodeError, Raw, json

from weft.gateway.errands.completions.shapes import (
    ChatLogprobs,
    EngineTextChoice,
    EngineTextChunk,
    LegacyLogprobs,
    TextChoice,
    TextCompletion,
)
from weft.gateway.meter import Meter
from weft.gateway.relay import DONE_EVENT, each, incomplete, raise_error
from weft.gateway.sse import DONE, data_of, event_of
from weft.gateway.wire.assemble import merge_usage
from weft.gateway.wire.rewrite import Imprint
from weft.gateway.wire.types import ChunkFacts, Usage
from weft.kit.errors import EngineFailed

_CHUNK: json.Decoder[EngineTextChunk | None] = json.Decoder(EngineTextChunk | None)
_LEGACY: json.Decoder[LegacyLogprobs | None] = json.Decoder(LegacyLogprobs | None)
_CHAT: json.Decoder[ChatLogprobs | None] = json.Decoder(ChatLogprobs | None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the client and its engine make of an answer."""

    is_stream: bool
    wants_usage: bool
    choices: int
    """Over all prompts."""
    prompts: int
    top_logprobs: int
    legacy_logprobs: bool
    """See `Quirks.legacy_logprobs`."""


@dataclass(slots=True)
class _Whole:
    """One choice as it grows."""

    texts: list[str] = field(default_factory=list[str])
    logprobs: LegacyLogprobs | None = None
    offset: int = 0
    """Characters of the tokens so far."""
    finish_reason: str | None = None

    def add(self, piece: TextChoice) -> None:
        self.texts.append(piece.text)
        self.finish_reason = piece.finish_reason or self.finish_reason
        new, old = piece.logprobs, self.logprobs
        if new is None or old is None:
            self.logprobs = old or new
            return
        old.tokens += new.tokens
        old.token_logprobs += new.token_logprobs
        old.text_offset += new.text_offset
        if old.top_logprobs is not None and new.top_logprobs is not None:
            old.top_logprobs += new.top_logprobs


class TextRelay:
    """See `Relay`: a stream, or a whole answer gathered from one."""

    def __init__(self, meters: list[Meter], imprint: Imprint, wanted: Wanted) -> None:
        self._meters = meters
        self._imprint = imprint
        self._wanted = wanted
        self._choices: dict[int, _Whole] = {}
        self._finished = 0
        self._done: set[int] = set()

    def feed(self, index: int, events: bytes) -> bytes:
        """See `Relay.feed`."""

        def changed(event: bytes) -> bytes:
            data = data_of(event)
            if not data:
                return event if self._wanted.is_stream else b""
            if data == DONE:
                self._done.add(index)
            if index in self._done:
                return b""
            raise_error(data)
            return self._chunk(index, data)

        return each(events, changed)

    def finish(self) -> bytes:
        """See `Relay.finish`."""
        wanted = self._wanted
        if self._finished < wanted.choices:
            raise incomplete()
        usage = sum_usage([meter.usage for meter in self._meters], prompts=wanted.prompts)
        if not wanted.is_stream:
            choices = [
                TextChoice(
                    text="".join(whole.texts),
                    index=index,
                    logprobs=whole.logprobs,
                    finish_reason=whole.finish_reason,
                )
                for index, whole in sorted(self._choices.items())
            ]
            return self._body(choices, usage)
        if wanted.wants_usage and usage is not None:
            return event_of(self._body([], usage)) + DONE_EVENT
        return DONE_EVENT

    def _chunk(self, index: int, data: bytes) -> bytes:
        try:
            chunk = _CHUNK.decode(data)
        except (DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _nonsense() from error
        if chunk is None:  # llama.cpp begins so, now and then
            return b""
        self._meters[index].see(
            ChunkFacts(
                usage=chunk.usage,
                timings=chunk.timings,
                content_deltas=sum(bool(choice.text) for choice in chunk.choices),
            )
        )
        pieces = [self._piece(index + choice.index, choice) for choice in chunk.choices]
        return event_of(self._body(pieces, None)) if pieces and self._wanted.is_stream else b""

    def _piece(self, index: int, choice: EngineTextChoice) -> TextChoice:
        whole = self._choices.get(index)
        if whole is None:
            whole = self._choices[index] = _Whole()
        logprobs = self._logprobs(choice.logprobs, whole)
        piece = TextChoice(
            text=choice.text, index=index, logprobs=logprobs, finish_reason=choice.finish_reason
        )
        self._finished += choice.finish_reason is not None
        if not self._wanted.is_stream:
            whole.add(piece)
        return piece

    def _logprobs(self, raw: Raw, whole: _Whole) -> LegacyLogprobs | None:
        try:
            if self._wanted.legacy_logprobs:
                return _LEGACY.decode(raw)
            told = _CHAT.decode(raw)
        except DecodeError as error:
            raise _nonsense() from error
        if told is None or told.content is None:
            return None
        legacy, top = LegacyLogprobs([], [], [], []), self._wanted.top_logprobs
        for token in told.content:
            if not token.token:  # the end of the text is no token of it
                continue
            legacy.tokens.append(token.token)
            legacy.token_logprobs.append(token.logprob)
            if legacy.top_logprobs is not None:
                tops = {other.token: other.logprob for other in token.top_logprobs[:top]}
                legacy.top_logprobs.append(tops)
            legacy.text_offset.append(whole.offset)
            whole.offset += len(token.token)
        return legacy

    def _body(self, choices: list[TextChoice], usage: Usage | None) -> bytes:
        imprint = self._imprint
        body = TextCompletion(
            id=imprint.id,
            object="text_completion",
            created=imprint.created,
            model=imprint.model,
            choices=choices,
        )
        if imprint.system_fingerprint:
            body.system_fingerprint = imprint.system_fingerprint
        if usage is not None:
            body.usage = usage
        return json.encode(body)


def sum_usage(told: list[Usage | None], *, prompts: int) -> Usage | None:
    """The counts of one answer: of each prompt once, of all completions. `told` has as many for each prompt."""
    share = max(len(told) // prompts, 1)
    merged = [
        one
        for at in range(0, len(told), share)
        if (one := merge_usage([usage for usage in told[at : at + share] if usage])) is not None
    ]
    if len(merged) <= 1:
        return merged[0] if merged else None
    total = merge_usage(merged)
    assert total is not None
    total.prompt_tokens = sum(usage.prompt_tokens for usage in merged)
    total.total_tokens = total.prompt_tokens + total.completion_tokens
    cached = [usage.prompt_tokens_details for usage in merged if usage.prompt_tokens_details]
    if cached and total.prompt_tokens_details:
        total.prompt_tokens_details = type(cached[0])(
            cached_tokens=sum(details.cached_tokens or 0 for details in cached)
        )
    return total


def _nonsense() -> EngineFailed:
    return EngineFailed("the engine sent what is no chunk", remedy="retry the request")
