"""What a request was answered, put together after its end from the pieces that passed through the door.

Long answers are put together in slices, so that other requests' streams go on meanwhile. An answer that broke off gives
what there was of it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from weft.gateway.errands.completions.shapes import TextChoice, TextCompletion
from weft.gateway.sse import DONE, EventSplitter, EventTooLarge, data_of, split_events
from weft.gateway.wire.assemble import CompletionAssembler
from weft.gateway.wire.rewrite import Imprint
from weft.kit.errors import EngineFailed

EVENTS_AT_ONCE = 64
"""Of a stream, between two looks at what else there is to do."""
_ERROR = b'{"error"'

Assemble = Callable[[Sequence[bytes]], Awaitable[bytes]]
"""The body that the pieces of a stream come to; empty where they come to none."""

_decode_text = msgspec.json.Decoder(TextCompletion).decode


async def chat_answer(pieces: Sequence[bytes]) -> bytes:
    """A chat completion from its chunks."""
    assembler = CompletionAssembler(Imprint())
    try:
        async for data in _events(pieces):
            assembler.feed(data)
    except EngineFailed:
        return b""
    return assembler.finish()


@dataclass(slots=True)
class _Text:
    texts: list[str] = field(default_factory=list[str])
    finish_reason: str | None = None


async def text_answer(pieces: Sequence[bytes]) -> bytes:
    """A plain completion from its chunks; log probabilities are left out."""
    whole: TextCompletion | None = None
    choices: dict[int, _Text] = {}
    try:
        async for data in _events(pieces):
            chunk = _decode_text(data)
            whole = whole or chunk
            whole.usage = chunk.usage or whole.usage
            for piece in chunk.choices:
                choice = choices.setdefault(piece.index, _Text())
                choice.texts.append(piece.text)
                choice.finish_reason = piece.finish_reason or choice.finish_reason
    except msgspec.DecodeError:
        return b""
    if whole is None:
        return b""
    whole.choices = [
        TextChoice(text="".join(one.texts), index=index, finish_reason=one.finish_reason)
        for index, one in sorted(choices.items())
    ]
    return msgspec.json.encode(whole)


async def no_answer(pieces: Sequence[bytes]) -> bytes:
    """For what never comes as a stream."""
    del pieces
    return b""


async def _events(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    """The data of a stream's events, up to its end or an error."""
    splitter, count = EventSplitter(), 0
    for piece in pieces:
        try:
            events = splitter.feed(piece)
        except EventTooLarge:
            return
        for event in split_events(events):
            data = data_of(event)
            if data == DONE or data.startswith(_ERROR):
                return
            if data:
                yield data
                count += 1
                if count % EVENTS_AT_ONCE == 0:
                    await asyncio.sleep(0)
