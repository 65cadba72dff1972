"""One response, from its head to its last byte.

Owns the buffer between the connection that fills it and the one consumer that empties it. Knows
nothing of sockets or parsing: it asks its `Source` to read on or to stop. Invariant: body bytes are
handed out once, in order, and before the error that ended them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from weft.upstream.errors import BodyTooLarge, UpstreamError

__all__ = ["Response", "Source"]


Sink = Callable[[bytes], bool]
"""Takes a piece of a body; True asks for a pause."""


def _drop(_piece: bytes) -> bool:
    return False


class Source(Protocol):
    """What a response needs from the connection that it arrives on."""

    paused: bool

    def pause(self) -> None:
        """Stop reading: the consumer is behind."""
        ...

    def resume(self) -> None:
        """Read on: the consumer has caught up."""
        ...

    def abort(self) -> None:
        """Close the connection and fail the response, if it has not ended."""
        ...


class Response:
    """The answer to one request. Read it to its end or `abort()` it; one consumer only.

    `chunks`, `buffered_bytes`, `error` and `waiter` are the connection's side of it.
    """

    __slots__ = (
        "_source",
        "buffered_bytes",
        "chunks",
        "ended",
        "error",
        "failure",
        "headers",
        "sink",
        "status",
        "waiter",
    )

    def __init__(self, source: Source) -> None:
        self._source = source
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        """Names in lower case; the values of a repeated name joined with b", "."""
        self.ended = False
        """The whole response has arrived. After `next()` it means that nothing follows."""
        self.chunks: list[bytes] = []
        self.buffered_bytes = 0
        self.error: UpstreamError | None = None
        self.waiter: asyncio.Future[None] | None = None
        self.sink: Sink | None = None
        """Takes the body while `pump` runs."""
        self.failure: Exception | None = None
        """What the sink raised."""

    async def next(self) -> bytes:
        """Return what has arrived since the last call, waiting if that is nothing; b"" at the end.

        Raises an UpstreamError where the body broke off. Cancelling it aborts the response.
        """
        chunks = self.chunks
        while not chunks:
            if self.error is not None:
                raise self.error
            if self.ended:
                return b""
            try:
                await self.arrival()
            except asyncio.CancelledError:
                self._source.abort()
                raise
        data = self._take()
        if not self.ended and self._source.paused:
            self._source.resume()
        return data

    def _take(self) -> bytes:
        chunks = self.chunks
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        self.buffered_bytes = 0
        return data

    async def pump(self, sink: Sink, drained: Callable[[], Awaitable[None]]) -> None:
        """Hand every piece of the body to `sink` in the very moment in which it arrives, until the clean end.

        For relays: no task has to wake up for a piece. When `sink` returns True it wants no more for now: reading
        stops until `drained` is over. Raises an UpstreamError where the body broke off, and what `sink` raised.
        Cancelling it aborts the response, as an error of the sink does.
        """
        self.sink = sink
        try:
            held = sink(self._take()) if self.chunks else False
            while True:
                if self.failure is not None:
                    raise self.failure
                if held or (self._source.paused and not self.ended):
                    held = False
                    if not self.ended:  # after the end the connection serves somebody else
                        self._source.pause()
                    await drained()
                    if not self.ended:
                        self._source.resume()
                elif self.error is not None:
                    raise self.error
                elif self.ended:
                    return
                else:
                    await self.arrival()
        except BaseException:
            self.abort()
            raise
        finally:
            self.sink = None

    def push(self, piece: bytes) -> None:
        """Hand a piece to the sink; called by the connection."""
        assert self.sink is not None
        try:
            held = self.sink(piece)
        except Exception as error:  # noqa: BLE001 - travels to the caller of `pump`
            self.failure = error
            self.sink = _drop
            self.wake()
        else:
            if held:
                self._source.pause()
                self.wake()

    async def read(self, limit_bytes: int) -> bytes:
        """Return the whole body; raises BodyTooLarge, and aborts, beyond `limit_bytes`."""
        declared = self.headers.get(b"content-length")
        if declared is not None and not self.ended and int(declared) > limit_bytes:
            self._refuse(limit_bytes)
        data = await self.next()
        if self.ended and not self.chunks and len(data) <= limit_bytes:
            return data
        parts = [data]
        size_bytes = len(data)
        while data:
            if size_bytes > limit_bytes:
                self._refuse(limit_bytes)
            data = await self.next()
            size_bytes += len(data)
            parts.append(data)
        return b"".join(parts)

    def abort(self) -> None:
        """Close the connection at once, which tells the peer to stop; nothing after a clean end."""
        if not self.ended:
            self._source.abort()

    def arrival(self) -> asyncio.Future[None]:
        """Return a future for the next change: a head, bytes, the end, an error, room to write."""
        assert self.waiter is None, "a response has one consumer"
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiter = waiter
        return waiter

    def wake(self) -> None:
        """Tell whoever waits for `arrival()`."""
        waiter = self.waiter
        if waiter is not None:
            self.waiter = None
            if not waiter.done():
                waiter.set_result(None)

    def _refuse(self, limit_bytes: int) -> None:
        self.abort()
        self.chunks.clear()
        raise BodyTooLarge(
            f"the response body is longer than {limit_bytes} bytes", sent=True, responded=True
        )
