"""What of an engine's stream goes to the client, and when.

Events are handed on as they come and as they are; what is only for us (an unasked usage chunk, llama.cpp's timings) is
taken out. The end of the stream, `[DONE]` and the usage chunk before it, is held back until the flow has made the
request's usage record durable. A client that has seen the end has been metered. What an engine sends after its
`[DONE]` is nobody's.

`PassRelay` looks for a few words in the bytes and touches nothing else; `RewriteRelay` decodes every chunk, for engines
and requests that need it; `Gather` keeps everything for a client that asked for no stream.
"""

import re
from collections.abc import Callable
from typing import Protocol

import msgspec

from weft.engines.types import Route
from weft.gateway import engine_errors
from weft.gateway.meter import Meter
from weft.gateway.sse import DONE, data_of, event_of, split_events
from weft.gateway.wire.assemble import CompletionAssembler, merge_usage
from weft.gateway.wire.rewrite import ChunkRewriter, Imprint, add_reasoning_alias, usage_chunk
from weft.gateway.wire.types import ChatRequest, Usage
from weft.kit.errors import EngineFailed, WeftError

DONE_EVENT = event_of(DONE)
_NO_IMPRINT = Imprint()


class StreamBroken(Exception):
    """An event reports an error or is nonsense, after others of the same read that are not."""

    def __init__(self, before: bytes, error: WeftError) -> None:
        super().__init__(error.message)
        self.before = before
        """What came before the break: the client gets it."""
        self.error = error


class Relay(Protocol):
    """Turns engine events into client bytes."""

    def feed(self, index: int, events: bytes) -> bytes:
        """The bytes to send now for whole events of the engine request `index`; may be empty.

        Raises:
            StreamBroken: an event reports an error or is nonsense.
        """
        ...

    def finish(self) -> bytes:
        """The held-back end of the stream.

        Raises:
            EngineFailed: the engine stopped before the answer was complete.
        """
        ...


class _UsageOnly(msgspec.Struct):
    usage: Usage | None = None
    choices: list[msgspec.Raw] = []


_decode_usage = msgspec.json.Decoder(_UsageOnly).decode


# An unescaped `"usage"` in JSON text is a key (or a whole string): inside a text it stands as `\"usage\"`.
_WORDS = (
    b'"usage"',
    b'"finish_reason":"',
    b'"finish_reason": "',
    b'"error"',
    b'"reasoning',
    b"[DONE]",
)
_NO_TOKEN = re.compile(rb'"delta":\s*\{\s*\}|"content":\s*""')


def _is_plain(events: bytes, count: int) -> bool:
    """Whether there is nothing in `count` events that we have to look at."""
    if (
        b'"usage"' in events
        or b'"finish_reason":"' in events
        or b'"error"' in events
        or b'"reasoning' in events
        or b'"finish_reason": "' in events
        or not events.startswith(b"data: {")
    ):
        return False
    if count == 1:
        return events.endswith(b"}\n\n")
    return events.count(b"}\n\n") == count and events.count(b"\n\ndata: {") == count - 1


def _first_word(events: bytes) -> int:
    return min((place for word in _WORDS if (place := events.find(word)) >= 0), default=0)


class PassRelay:
    """For engines whose chunks need no change."""

    __slots__ = ("_choices", "_done", "_finished", "_last", "_meter", "_wants_usage")

    def __init__(self, meter: Meter, *, wants_usage: bool, choices: int) -> None:
        self._meter = meter
        self._wants_usage = wants_usage
        self._choices = choices
        self._finished = 0
        self._done = False
        self._last = b""

    def feed(self, index: int, events: bytes) -> bytes:  # noqa: ARG002 - there is one engine request
        """See `Relay.feed`."""
        if self._done:
            return b""
        count = events.count(b"\n\n")
        if self._meter.deltas and _is_plain(events, count):
            self._meter.deltas += count
            return events
        # In a burst the words that matter stand at its end: what comes before them goes as it is.
        plain = b""
        if self._meter.deltas:
            start = events.rfind(b"\n\n", 0, _first_word(events)) + 2
            count = events.count(b"\n\n", 0, start)
            if start > 1 and _is_plain(events[:start], count):
                plain, events = events[:start], events[start:]
                self._meter.deltas += count
        try:
            return plain + each(events, self._look)
        except StreamBroken as broken:
            broken.before = plain + broken.before
            raise

    def _look(self, event: bytes) -> bytes:
        data = data_of(event)
        if not data:
            return event
        if data == DONE:
            self._done = True
        if self._done:
            return b""
        if not (data.startswith(b"{") and data.endswith(b"}")):
            raise EngineFailed("the engine sent what is no chunk", remedy="retry the request")
        raise_error(data)
        self._finished += data.count(b'"finish_reason":"') + data.count(b'"finish_reason": "')
        if b'"usage"' in data and self._takes_usage(data):
            if self._wants_usage:
                self._last += event
            return b""
        if b'"reasoning' in data:
            self._meter.reasoning_deltas += 1
            return event_of(add_reasoning_alias(data))
        # The first chunk often holds the role alone, and the last one only the reason: neither is a token.
        if _NO_TOKEN.search(data) is None:
            self._meter.deltas += 1
        return event

    def _takes_usage(self, data: bytes) -> bool:
        """Read the usage, if this chunk has one; True when the chunk holds nothing else."""
        try:
            chunk = _decode_usage(data)
        except msgspec.DecodeError as error:
            raise EngineFailed("the engine sent what is no chunk") from error
        if chunk.usage is not None:
            self._meter.usage = chunk.usage
        return chunk.usage is not None and not chunk.choices

    def finish(self) -> bytes:
        """See `Relay.finish`."""
        if self._finished < self._choices:
            raise incomplete()
        return self._last + DONE_EVENT


class RewriteRelay:
    """For chunks that have to be changed, and for answers that take several engine requests."""

    __slots__ = (
        "_choices",
        "_done",
        "_finished",
        "_imprint",
        "_meters",
        "_rewriters",
        "_wants_usage",
    )

    def __init__(
        self, meters: list[Meter], imprint: Imprint, *, wants_usage: bool, choices: int
    ) -> None:
        self._meters = meters
        self._imprint = imprint
        self._rewriters = [
            ChunkRewriter(imprint, index_offset=index) for index in range(len(meters))
        ]
        self._wants_usage = wants_usage
        self._choices = choices
        self._finished = 0
        self._done: set[int] = set()

    def feed(self, index: int, events: bytes) -> bytes:
        """See `Relay.feed`."""
        meter, rewriter = self._meters[index], self._rewriters[index]

        def rewritten(event: bytes) -> bytes:
            data = data_of(event)
            if not data:
                return event
            if data == DONE:
                self._done.add(index)
            if index in self._done:
                return b""
            raise_error(data)
            chunk, facts = rewriter.rewrite(data)
            meter.see(facts)
            self._finished += facts.finish_reason is not None
            return event_of(chunk) if chunk else b""

        return each(events, rewritten)

    def finish(self) -> bytes:
        """See `Relay.finish`."""
        if self._finished < self._choices:
            raise incomplete()
        usage = merge_usage([meter.usage for meter in self._meters if meter.usage is not None])
        if self._wants_usage and usage is not None:
            return event_of(usage_chunk(self._imprint, usage)) + DONE_EVENT
        return DONE_EVENT


class Gather:
    """For clients that asked for no stream, and engines that must be asked for one."""

    __slots__ = ("_assembler", "_choices", "_done", "_meters")

    def __init__(self, meters: list[Meter], imprint: Imprint, *, choices: int) -> None:
        self._meters = meters
        self._assembler = CompletionAssembler(imprint)
        self._choices = choices
        self._done: set[int] = set()

    def feed(self, index: int, events: bytes) -> bytes:
        """See `Relay.feed`; nothing is sent before the end."""

        def gathered(event: bytes) -> bytes:
            data = data_of(event)
            if data == DONE:
                self._done.add(index)
            elif data and index not in self._done:
                raise_error(data)
                self._meters[index].see(self._assembler.feed(data, index_offset=index))
            return b""

        return each(events, gathered)

    def finish(self) -> bytes:
        """The whole body."""
        if self._assembler.finished_choices < self._choices:
            raise incomplete()
        return self._assembler.finish()


def make_relay(request: ChatRequest, route: Route, imprint: Imprint, meters: list[Meter]) -> Relay:
    """The relay that this request and this engine need: the least that will do."""
    choices = request.choices
    if not request.stream:
        return Gather(meters, imprint, choices=choices)
    wants_usage = request.includes_usage
    if must_rewrite(request, route) or len(meters) > 1:
        return RewriteRelay(meters, imprint, wants_usage=wants_usage, choices=choices)
    return PassRelay(meters[0], wants_usage=wants_usage, choices=choices)


def must_rewrite(request: ChatRequest, route: Route) -> bool:
    """Whether what the engine answers cannot go to the client as it is."""
    return (
        route.quirks.rewrites_chunks
        or request.is_legacy
        or route.is_stand_in
        or route.served_model != request.model
    )


def make_imprint(request: ChatRequest, route: Route, request_id: str, created: int) -> Imprint:
    """What each piece of the answer carries, where it is changed at all."""
    if not must_rewrite(request, route) and not request.choices > 1:
        return _NO_IMPRINT
    return Imprint(
        id="chatcmpl-" + request_id.removeprefix("req_"),
        model=request.model,
        created=created,
        system_fingerprint=f"stand-in:{route.card.id}" if route.is_stand_in else "",
        is_legacy=request.is_legacy,
    )


def each(events: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Whole events, changed one by one.

    Raises:
        StreamBroken: `change` raised a WeftError for one of them.
    """
    out: list[bytes] = []
    try:
        for event in split_events(events):
            out.append(change(event))  # noqa: PERF401 - what came before an error is kept
    except WeftError as error:
        raise StreamBroken(b"".join(out), error) from error
    return b"".join(out)


def raise_error(data: bytes) -> None:
    """Raise what an event reports, if it reports an error."""
    if b'"error"' in data and (error := engine_errors.from_event(data)) is not None:
        raise error


def incomplete() -> EngineFailed:
    """What a client is told of an answer without an end."""
    return EngineFailed(
        "the engine stopped before the answer was complete", remedy="retry the request"
    )
