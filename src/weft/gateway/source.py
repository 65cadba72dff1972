"""Where a streamed answer comes from: one engine response, or several whose events are taken as they come.

Owns the responses and gives out whole events with the index of the response they belong to. Knows framing, not meaning.
Invariant: after `abort` or the end no response is left open, so no engine goes on working for nobody.
"""

import asyncio
from typing import Protocol

from weft.gateway import engine_errors
from weft.gateway.sse import EventSplitter, EventTooLarge
from weft.kit.errors import EngineFailed
from weft.upstream import Response, UpstreamError


class Source(Protocol):
    """A stream of events with an end."""

    async def next(self) -> tuple[int, bytes]:
        """The next whole events of one response, and its index; none mean that all have ended.

        Raises:
            WeftError: the engine broke off.
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

    async def next(self) -> tuple[int, bytes]:
        """See `Source.next`."""
        return 0, await _next_events(self._response, self._splitter)

    def abort(self) -> None:
        """See `Source.abort`."""
        self._response.abort()


class MergedSource:
    """The events of several responses, as they come."""

    __slots__ = ("_pending", "_responses", "_splitters")

    def __init__(self, responses: list[Response]) -> None:
        self._responses = responses
        self._splitters = [EventSplitter() for _ in responses]
        self._pending: dict[asyncio.Task[bytes], int] = {}
        for index in range(len(responses)):
            self._ask(index)

    def _ask(self, index: int) -> None:
        task = asyncio.ensure_future(_next_events(self._responses[index], self._splitters[index]))
        self._pending[task] = index

    async def next(self) -> tuple[int, bytes]:
        """See `Source.next`."""
        while self._pending:
            # Each response has timeouts of its own, so this wait is bounded by theirs.
            done, _ = await asyncio.wait(self._pending, return_when=asyncio.FIRST_COMPLETED)
            task = done.pop()
            index = self._pending.pop(task)
            events = task.result()
            if events:
                self._ask(index)
                return index, events
        return 0, b""

    def abort(self) -> None:
        """See `Source.abort`."""
        for task in self._pending:
            if not task.cancel() and not task.cancelled():
                task.exception()  # taken note of: the first failure has already been reported
        self._pending.clear()
        for response in self._responses:
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
        raise EngineFailed("the engine sent an event without end") from error
    if splitter.rest.strip():
        raise EngineFailed(
            "the engine stopped in the middle of an event", remedy="retry the request"
        )
    return b""
