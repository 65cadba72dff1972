"""Where a streamed answer comes from: one engine response, or several whose events are taken as they come.

Owns the responses and gives out whole events with the index of the response they belong to. Knows framing, not meaning.
Invariant: after `abort` or the end no response is left open, so no engine goes on working for nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from weft.gateway import engine_errors
from weft.gateway.sse import EventSplitter, EventTooLarge
from weft.kit.errors import EngineFailed
from weft.upstream import Response, UpstreamError

_ENDLESS = "the engine sent an event without end"


Take = Callable[[int, bytes], bool]
"""Takes whole events of the engine request with that index; True asks for a pause."""

Send = Callable[[bytes], Awaitable[Response]]
"""Sends one body to the engine and checks that it answers with success."""

Drained = Callable[[], Awaitable[None]]
"""Waits until there is room for more."""


class Source(Protocol):
    """A stream of events with an end."""

    async def pump(self, take: Take, drained: Drained) -> None:
        """Hand whole events to `take` as they arrive, until all responses have ended.

        Raises:
            WeftError: the engine broke off; also whatever `take` raises.
        """
        ...

    def abort(self) -> None:
        """Stop the engine's work. Idempotent; a no-op after the end."""
        ...


class SingleSource:
    """The events of one response."""

    __slots__ = ("_response", "_splitter")

    def __init__(self, response: Response) -> None:
        self._response = response
        self._splitter = EventSplitter()

    async def pump(self, take: Take, drained: Drained) -> None:
        """See `Source.pump`. Runs in the callbacks of the connection: no task wakes up for an event."""
        feed = self._splitter.feed

        def sink(data: bytes) -> bool:
            events = feed(data)
            return bool(events) and take(0, events)

        try:
            await self._response.pump(sink, drained)
        except UpstreamError as error:
            raise engine_errors.from_upstream(error) from error
        except EventTooLarge as error:
            raise EngineFailed(_ENDLESS) from error
        _check_end(self._splitter)

    def abort(self) -> None:
        """See `Source.abort`."""
        self._response.abort()


class MergedSource:
    """The events of several engine requests, as they come; each is relayed from its own first event on."""

    __slots__ = ("_pending", "_responses", "_splitters")

    def __init__(self, send: Send, bodies: tuple[bytes, ...]) -> None:
        self._responses: list[Response | None] = [None] * len(bodies)
        self._splitters = [EventSplitter() for _ in bodies]
        self._pending: dict[asyncio.Task[bytes], int] = {}
        for index, body in enumerate(bodies):
            self._pending[asyncio.ensure_future(self._begin(send, body, index))] = index

    async def _begin(self, send: Send, body: bytes, index: int) -> bytes:
        response = self._responses[index] = await send(body)
        return await _next_events(response, self._splitters[index])

    async def pump(self, take: Take, drained: Drained) -> None:
        """See `Source.pump`."""
        while self._pending:
            # Each response has timeouts of its own, so this wait is bounded by theirs.
            done, _ = await asyncio.wait(self._pending, return_when=asyncio.FIRST_COMPLETED)
            task = done.pop()
            index = self._pending.pop(task)
            events, response = task.result(), self._responses[index]
            if events and response is not None:
                following = asyncio.ensure_future(_next_events(response, self._splitters[index]))
                self._pending[following] = index
                if take(index, events):
                    await drained()

    def abort(self) -> None:
        """See `Source.abort`."""
        for task in self._pending:
            if not task.cancel() and not task.cancelled():
                task.exception()  # taken note of: the first failure has already been reported
        self._pending.clear()
        for response in self._responses:
            if response is not None:
                response.abort()


async def _next_events(response: Response, splitter: EventSplitter) -> bytes:
    try:
        while data := await response.next():
            if events := splitter.feed(data):
                return events
    except UpstreamError as error:
        raise engine_errors.from_upstream(error) from error
    except EventTooLarge as error:
        response.abort()
        raise EngineFailed(_ENDLESS) from error
    _check_end(splitter)
    return b""


def _check_end(splitter: EventSplitter) -> None:
    if splitter.rest.strip():
        raise EngineFailed(
            "the engine stopped in the middle of an event", remedy="retry the request"
        )
