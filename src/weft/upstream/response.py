"""One response, from its head to its last byte.

Owns the buffer between the connection that fills it and the one consumer that empties it. Knows
nothing of sockets or parsing: it asks its `Source` to read on or to stop. Invariant: body bytes are
handed out once, in order, and before the error that ended them.
"""

import asyncio
from typing import Protocol

from weft.upstream.errors import BodyTooLarge, UpstreamError

__all__ = ["Response", "Source"]


class Source(Protocol):
    """What a response needs from the connection that it arrives on."""

    paused: bool

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
        "headers",
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
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        self.buffered_bytes = 0
        if not self.ended and self._source.paused:
            self._source.resume()
        return data

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
