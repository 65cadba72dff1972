"""The connections to one server: who is open, who rests, and whose time is over.

Owns dialling, reuse, the one retry that HTTP allows unseen, and the sweep that enforces timeouts.
Knows nothing of the meaning of a request or of other servers. Invariant: every exchange ends in
exactly one of: a clean end, an error, an abort; its connection then rests here or is closed.
"""

import asyncio

from weft.upstream.connection import SLICE_BYTES, Connection, Hooks
from weft.upstream.errors import ConnectFailed, ConnectionClosed, ConnectTimeout
from weft.upstream.origin import Origin
from weft.upstream.response import Response
from weft.upstream.timeouts import Timeouts

__all__ = ["Pool"]

_SWEEP_S = 0.5
_CLOSE_S = 1.0


class Pool:
    """Connections to one origin, on one event loop.

    Any number of `send()` may run at once and each has a connection of its own: how many that may
    be is the caller's to bound.
    """

    def __init__(
        self,
        origin: Origin,
        *,
        timeouts: Timeouts = Timeouts(),  # noqa: B008  frozen, so one may be shared
        max_idle: int = 256,
        idle_lifetime_s: float = 30.0,
        max_header_bytes: int = 32768,
        reuse_after_stream: bool = True,
    ) -> None:
        """Prepare; nothing is dialled before the first `send()`.

        `max_header_bytes` bounds a response head, and its trailers. `reuse_after_stream=False` is
        for servers that advertise keep-alive but close the socket after a body without a length.
        """
        self._origin = origin
        self._tls = origin.build_tls_context()
        self._timeouts = timeouts
        self._max_idle = max_idle
        self._idle_lifetime_s = idle_lifetime_s
        shortest_s = min(timeouts.first_byte_s, timeouts.idle_s, timeouts.write_s, idle_lifetime_s)
        self._sweep_s = min(_SWEEP_S, shortest_s / 4)
        self._hooks = Hooks(
            max_header_bytes=max_header_bytes,
            reuse_after_stream=reuse_after_stream,
            made=self._made,
            settled=self._settled,
            lost=self._lost,
        )
        self._idle: list[Connection] = []
        self._living: set[Connection] = set()
        self._dialling: set[asyncio.Timeout] = set()
        self._exchanges = 0
        self._sweeper: asyncio.TimerHandle | None = None
        self._emptied: asyncio.Future[None] | None = None
        self._closed = False
        self.dials = 0
        """Connections tried since the start."""

    @property
    def in_flight(self) -> int:
        """Requests that are dialling, sent, or being answered."""
        return self._exchanges + len(self._dialling)

    @property
    def connections(self) -> frozenset[Connection]:
        """All connections that have not been closed, in use or resting."""
        return frozenset(self._living)

    async def send(self, head: bytes, body: bytes = b"") -> Response:
        """Send one request and return its response as soon as the head has arrived.

        `head` comes from `request_head` and announces the length of `body`. Raises an
        UpstreamError. Cancelling it closes the connection.
        """
        reused = True
        sent = False
        while True:
            connection = self._take_idle() if reused else None
            if connection is None:
                reused = False
                connection = await self._dial(sent=sent)
            self._exchanges += 1
            response = connection.start(head, body)
            try:
                if len(body) > SLICE_BYTES:
                    await connection.upload(response, body)
                while not response.status and response.error is None:
                    await response.arrival()
            except asyncio.CancelledError:
                response.abort()
                raise
            if response.status:
                return response
            error = response.error
            assert error is not None, "an exchange without a status has an error"
            # RFC 9112 sections 9.3.1 and 9.6: a server may close a resting connection at any
            # moment, also while a request travels towards it. Where a reused connection ends
            # before any byte of a response, that is what has happened, and the request goes out
            # once more, on a connection that was not resting. A fresh connection that ends so has
            # failed on this request, and one that answered has read it: neither is repeated.
            if not reused or error.responded or not isinstance(error, ConnectionClosed):
                raise error
            reused = False
            sent = error.sent

    async def close(self) -> None:
        """Abort all that is open and close all that rests; further requests are refused."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        loop = asyncio.get_running_loop()
        for deadline in tuple(self._dialling):
            deadline.reschedule(loop.time())
        for connection in tuple(self._living):
            connection.abort()
        self._idle.clear()
        if self._living:
            self._emptied = self._emptied or loop.create_future()
            async with asyncio.timeout(_CLOSE_S):
                await asyncio.shield(self._emptied)

    def _take_idle(self) -> Connection | None:
        """Return the connection that rested last: the likeliest to be open still."""
        idle = self._idle
        while idle:
            connection = idle.pop()
            if connection.alive:
                return connection
        return None

    async def _dial(self, *, sent: bool) -> Connection:
        """Make a connection; `sent` tells the errors whether the request went out once before."""
        if self._closed:
            raise ConnectFailed("the pool is closed", sent=sent, responded=False)
        loop = asyncio.get_running_loop()
        origin = self._origin
        self.dials += 1
        try:
            async with asyncio.timeout(self._timeouts.connect_s) as deadline:
                self._dialling.add(deadline)
                try:
                    connection = await self._connect(loop)
                finally:
                    self._dialling.discard(deadline)
        except TimeoutError as error:
            if self._closed:
                raise ConnectFailed("the pool is closed", sent=sent, responded=False) from error
            message = f"no connection to {origin} within {self._timeouts.connect_s:g} s"
            raise ConnectTimeout(message, sent=sent, responded=False) from error
        except OSError as error:
            message = f"could not connect to {origin}: {error}"
            raise ConnectFailed(message, sent=sent, responded=False) from error
        if self._closed:
            connection.kill()
            raise ConnectFailed("the pool is closed", sent=sent, responded=False)
        return connection

    async def _connect(self, loop: asyncio.AbstractEventLoop) -> Connection:
        origin = self._origin
        name = (origin.server_name or origin.host) if origin.tls else None
        connection = Connection(self._hooks, loop)
        connected = False
        try:
            if origin.unix_path is not None:
                await loop.create_unix_connection(
                    lambda: connection, origin.unix_path, ssl=self._tls, server_hostname=name
                )
            else:
                await loop.create_connection(
                    lambda: connection,
                    origin.host,
                    origin.port,
                    ssl=self._tls,
                    server_hostname=name,
                )
            connected = True
        finally:
            if not connected:
                # Cancelled between the connection and our hearing of it: uvloop then closes the
                # transport without ever calling `connection_lost`.
                self._lost(connection)
        return connection

    def _made(self, connection: Connection) -> None:
        self._living.add(connection)
        if self._sweeper is None and not self._closed:
            self._sweeper = asyncio.get_running_loop().call_later(self._sweep_s, self._sweep)

    def _settled(self, connection: Connection) -> None:
        self._exchanges -= 1
        if connection.reusable and len(self._idle) < self._max_idle and not self._closed:
            self._idle.append(connection)
        else:
            connection.kill()

    def _lost(self, connection: Connection) -> None:
        self._living.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if not self._living and self._emptied is not None and not self._emptied.done():
            self._emptied.set_result(None)

    def _sweep(self) -> None:
        """Look at every connection, a few times a second: far cheaper than a timer per request."""
        self._sweeper = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in tuple(self._living):
            connection.expire(now, self._timeouts, self._idle_lifetime_s)
        if self._living:
            self._sweeper = loop.call_later(self._sweep_s, self._sweep)
