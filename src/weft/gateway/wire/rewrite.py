"""Turns one chunk of an engine's stream into the one that the client gets, and tells what metering needs of it.

Owns the change of a single chunk; knows no stream and no framing. Fields that OpenAI's API does not name (llama.cpp's
`timings`) are left out of a rewritten chunk. Usage is taken out of every chunk and told as a fact: an answer has one
usage chunk, at its end, which `usage_chunk` makes, also when several engine requests were needed for it.

Reasoning goes out under both of its names, `reasoning_content` (llama.cpp, DeepSeek, the hosted service until 2026) and
`reasoning` (vLLM, the hosted service since): clients read one or the other.
"""

import re
from dataclasses import dataclass

from msgspec import UNSET, DecodeError, json

from weft.gateway.wire.types import (
    Chunk,
    ChunkChoice,
    ChunkFacts,
    Delta,
    Timings,
    Usage,
)
from weft.kit.errors import EngineFailed

_CHUNK = json.Decoder(Chunk)
_ENCODER = json.Encoder()

# A quoted name with a colon behind it is a member: inside a JSON text the quotes are escaped.
_REASONING = re.compile(
    rb'"(reasoning(?:_content)?)"\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*"|null)', re.DOTALL
)
_OTHER_NAME = {b"reasoning": b"reasoning_content", b"reasoning_content": b"reasoning"}


@dataclass(frozen=True, slots=True)
class Imprint:
    """What every piece of one answer carries; what is empty stays as the engine wrote it."""

    id: str = ""
    model: str = ""
    """The name that the client asked for, or that of the stand-in."""
    created: int = 0
    """Unix time in seconds."""
    system_fingerprint: str = ""
    is_legacy: bool = False
    """The caller spoke of functions: a tool call goes back as a function call."""


class ChunkRewriter:
    """Rewrites the chunks of one engine request; the index of its first choice is `index_offset`."""

    __slots__ = ("_imprint", "_index_offset")

    def __init__(self, imprint: Imprint, *, index_offset: int = 0) -> None:
        self._imprint = imprint
        self._index_offset = index_offset

    def rewrite(self, payload: bytes) -> tuple[bytes, ChunkFacts]:
        """The chunk for the client, empty where there is nothing for it, and what the chunk told.

        Raises:
            EngineFailed: `payload` is no chunk.
        """
        chunk = decode_chunk(payload)
        facts = facts_of(chunk)
        if not chunk.choices:
            return b"", facts
        imprint = self._imprint
        _stamp(chunk, imprint)
        for choice in chunk.choices:
            choice.index += self._index_offset
            delta = choice.delta
            add_both_reasonings(delta)
            # llama.cpp begins with a null where OpenAI has an empty text; many a client adds up what it gets.
            if delta.content is None and delta.role and not delta.tool_calls:
                delta.content = ""
            if imprint.is_legacy:
                _make_legacy(choice)
        return _ENCODER.encode(chunk), facts


def decode_chunk(payload: bytes) -> Chunk:
    """The data of one event as a chunk.

    Raises:
        EngineFailed: it is none.
    """
    try:
        return _CHUNK.decode(payload)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EngineFailed(
            "the engine sent what is no chunk", remedy="retry the request"
        ) from error


def facts_of(chunk: Chunk) -> ChunkFacts:
    """What metering needs to know of a chunk."""
    facts = ChunkFacts()
    if isinstance(chunk.usage, Usage):
        facts.usage = chunk.usage
    if isinstance(chunk.timings, Timings):
        facts.timings = chunk.timings
    for choice in chunk.choices:
        delta = choice.delta
        # Absent members are UNSET, which is false, as are null and the empty string.
        if delta.content or delta.refusal:
            facts.content_deltas += 1
        if delta.reasoning_content or delta.reasoning:
            facts.reasoning_deltas += 1
        if delta.tool_calls or delta.function_call:
            facts.tool_deltas += 1
        if choice.finish_reason is not None:
            facts.finish_reason = choice.finish_reason
    return facts


def usage_chunk(imprint: Imprint, usage: Usage) -> bytes:
    """The last chunk of a stream: no choices, and the token counts of the whole answer."""
    chunk = Chunk(choices=[], usage=usage)
    _stamp(chunk, imprint)
    return _ENCODER.encode(chunk)


def add_reasoning_alias(payload: bytes) -> bytes:
    """The same bytes with reasoning under both of its names; works for chunks and for whole answers.

    Only worth calling when the bytes hold `"reasoning`. Everything else stays as it is.
    """
    found = {match[1] for match in _REASONING.finditer(payload)}
    if len(found) != 1:
        return payload
    return _REASONING.sub(_under_both_names, payload)


def add_both_reasonings(delta: Delta) -> None:
    """Give reasoning its second name, in place."""
    if delta.reasoning_content is not UNSET:
        if delta.reasoning is UNSET:
            delta.reasoning = delta.reasoning_content
    elif delta.reasoning is not UNSET:
        delta.reasoning_content = delta.reasoning


def legacy_reason(finish_reason: str | None) -> str | None:
    """Why an answer ended, for a caller who speaks of functions."""
    return "function_call" if finish_reason == "tool_calls" else finish_reason


def _under_both_names(match: re.Match[bytes]) -> bytes:
    return b'%b,"%b":%b' % (match[0], _OTHER_NAME[match[1]], match[2])


def _stamp(chunk: Chunk, imprint: Imprint) -> None:
    chunk.object = "chat.completion.chunk"
    chunk.timings = UNSET
    if chunk.choices:
        chunk.usage = UNSET
    if imprint.id:
        chunk.id = imprint.id
    if imprint.model:
        chunk.model = imprint.model
    if imprint.created:
        chunk.created = imprint.created
    if imprint.system_fingerprint:
        chunk.system_fingerprint = imprint.system_fingerprint


def _make_legacy(choice: ChunkChoice) -> None:
    """Engines were asked for one call at a time: only the first can be told in the older form."""
    choice.finish_reason = legacy_reason(choice.finish_reason)
    calls = choice.delta.tool_calls
    choice.delta.tool_calls = UNSET
    for call in calls or ():
        if call.index in {None, 0} and call.function is not None:
            choice.delta.function_call = call.function
