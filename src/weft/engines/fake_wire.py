"""The fake engine's HTTP/1.1: one connection, its requests and the bytes of its answers, well- or ill-formed.

Owns framing. Knows nothing of chat completions. Just enough of RFC 9112 for clients that send Content-Length; what the
fake must do wrong on purpose (odd chunks, sudden ends) is done here.
"""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import msgspec

from weft.kit.errors import Json

_HEAD_BYTES = 64 * 1024
_BODY_BYTES = 64 * 1024 * 1024
_ODD_SIZES = (1, 2, 3, 5, 7, 1, 4)
_IDLE_S = 300.0


class Aborted(Exception):
    """The client has hung up."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Channel:
    """One connection with a client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._sizes: itertools.cycle[int] | None = None

    async def receive(self) -> HttpRequest | None:
        """The next request; None when the client is done."""
        try:
            async with asyncio.timeout(_IDLE_S):
                head = await self._reader.readuntil(b"\r\n\r\n")
                first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
                headers = {
                    name.strip().lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in lines)
                }
                size = min(int(headers.get("content-length", "0")), _BODY_BYTES)
                body = await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, OSError):
            return None
        method, path, _ = first.split(" ", 2)
        return HttpRequest(method, path, headers, body)

    async def reply(
        self, status: int, content: Json, *, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """A whole answer in JSON."""
        body = msgspec.json.encode(content)
        lines = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        await self._send(_head(status, [*lines, *headers]) + body)

    async def begin_stream(self, *, odd: bool) -> None:
        """The head of an event stream; `odd` cuts what follows at odd places."""
        self._sizes = itertools.cycle(_ODD_SIZES) if odd else None
        lines = [("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")]
        await self._send(_head(200, lines))

    async def stream(self, data: bytes) -> None:
        """A part of the stream."""
        if self._sizes is None:
            await self._send(b"%x\r\n%b\r\n" % (len(data), data))
            return
        at = 0
        while at < len(data):
            piece = data[at : at + next(self._sizes)]
            at += len(piece)
            await self._send(b"%x\r\n%b\r\n" % (len(piece), piece))

    async def end_stream(self) -> None:
        """The end of the stream."""
        await self._send(b"0\r\n\r\n")

    async def pause(self, wait_ms: int) -> None:
        """Do nothing for a while, but notice when the client hangs up."""
        try:
            async with asyncio.timeout(wait_ms / 1000):
                await self._reader.read(1)
        except TimeoutError:
            return
        except OSError as error:
            raise Aborted from error
        raise Aborted

    def cut(self) -> None:
        """Close at once, in the middle of whatever it is."""
        self._writer.transport.abort()

    async def _send(self, data: bytes) -> None:
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise Aborted from error
        await asyncio.sleep(0)  # lets the loop tell us that the client is gone
        if self._reader.at_eof() or self._writer.is_closing():
            raise Aborted


def _head(status: int, headers: Sequence[tuple[str, str]]) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
