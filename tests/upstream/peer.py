"""A scripted peer: a server on loopback that sends exactly the bytes that a test tells it to."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from weft.upstream import Origin, Pool, Response, Timeouts, request_head

HEAD = request_head("POST", "/x", (), host=b"peer", content_length=0)
PATIENCE_S = 10.0  # far above what loopback needs; reached only by a failing test


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[bytes, bytes]
    body: bytes


class Link:
    """One connection, seen from the peer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def request(self) -> bytes:
        """Read one request whose head has the usual form of Content-Length."""
        async with asyncio.timeout(PATIENCE_S):
            head = await self._reader.readuntil(b"\r\n\r\n")
            _, _, length = head.partition(b"Content-Length: ")
            body = await self._reader.readexactly(int(length.split(b"\r\n")[0] or b"0"))
        return head + body

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        async with asyncio.timeout(PATIENCE_S):
            await self.writer.drain()

    async def answer(self, data: bytes) -> bytes:
        """Read one request and answer it with `data`."""
        request = await self.request()
        await self.send(data)
        return request

    async def gone(self) -> None:
        """Wait until the client has closed this connection."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while await self._reader.read(65536):
                    pass
            except ConnectionError:
                pass  # a reset says the same

    def pause_reading(self) -> None:
        """Let the socket's buffer fill up."""
        cast("asyncio.ReadTransport", self.writer.transport).pause_reading()

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):  # the client was faster
            await self.writer.wait_closed()

    def reset(self) -> None:
        """Close with a TCP reset instead of an end of stream."""
        peer: socket.socket = self.writer.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Peer:
    """A server, the pools that talk to it, and the check that they leave nothing behind."""

    def __init__(self) -> None:
        self._links: asyncio.Queue[Link] = asyncio.Queue()
        self._all: list[Link] = []
        self._pools: list[Pool] = []
        self._server: asyncio.Server | None = None
        self.origin = Origin("127.0.0.1", 1)
        self.links_made = 0

    async def listen(
        self, *, tls: ssl.SSLContext | None = None, unix_path: Path | None = None
    ) -> None:
        if unix_path is not None:
            self._server = await asyncio.start_unix_server(self._linked, unix_path)
            self.origin = Origin("peer", 80, unix_path=str(unix_path))
            return
        self._server = await asyncio.start_server(self._linked, "127.0.0.1", 0, ssl=tls)
        port: int = self._server.sockets[0].getsockname()[1]
        self.origin = Origin("127.0.0.1", port, tls=tls is not None)

    async def accept(self) -> Link:
        async with asyncio.timeout(PATIENCE_S):
            return await self._links.get()

    def pool(
        self,
        *,
        origin: Origin | None = None,
        timeouts: Timeouts | None = None,
        max_idle: int = 256,
        idle_lifetime_s: float = 30.0,
        reuse_after_stream: bool = True,
    ) -> Pool:
        pool = Pool(
            origin or self.origin,
            timeouts=timeouts or Timeouts(),
            max_idle=max_idle,
            idle_lifetime_s=idle_lifetime_s,
            max_header_bytes=4096,
            reuse_after_stream=reuse_after_stream,
        )
        self._pools.append(pool)
        return pool

    def send(self, pool: Pool, head: bytes = HEAD, body: bytes = b"") -> asyncio.Task[Response]:
        return asyncio.create_task(pool.send(head, body))

    def ask(self, pool: Pool, head: bytes = HEAD, body: bytes = b"") -> asyncio.Task[Answer]:
        """Send one request and read its answer, beside the script that answers it."""

        async def run() -> Answer:
            response = await pool.send(head, body)
            whole = await response.read(1 << 26)
            assert response.ended
            return Answer(response.status, response.headers, whole)

        return asyncio.create_task(run())

    async def until(self, happened: Callable[[], bool]) -> None:
        """Let the event loop turn until something without an event of its own has happened."""
        async with asyncio.timeout(PATIENCE_S):
            while not happened():
                await asyncio.sleep(0)

    async def consumed(self, pool: Pool, sent_bytes: int) -> None:
        """Wait until the pool's one connection has read all that was sent to it, or is closed."""
        (connection,) = pool.connections
        await self.until(lambda: not connection.alive or connection.received_bytes >= sent_bytes)

    def stop_listening(self) -> None:
        assert self._server is not None
        self._server.close()

    async def leave(self) -> None:
        for pool in self._pools:
            assert pool.in_flight == 0
            await pool.close()
            assert pool.connections == frozenset()
        for link in self._all:
            await link.close()
        self.stop_listening()

    def _linked(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(reader, writer)
        self.links_made += 1
        self._all.append(link)
        self._links.put_nowait(link)
