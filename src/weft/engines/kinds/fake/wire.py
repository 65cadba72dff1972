"""The fake engine's HTTP/1.1: one connection, its requests and the bytes of its answers, well- or ill-formed.

Owns framing. Knows nothing of chat completions. Just enough of RFC 9112 for clients that send Content-Length; what the
fake must do wrong on purpose (odd chunks, sudden ends) is done here.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import msgspec

from weft.kit.errors import Json

_HEAD_BYTES = 64 * 1024
_BODY_BYTES = 64 * 1024 * 1024
_ODD_STEP = 41
_ODD_PAUSE_S = 0.001
"""Long enough for the other side to read one piece before the next."""
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
        self._odd = False
        self.is_deaf = False
        """Nobody notices that the client has hung up."""

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

    async def reply_text(self, status: int, text: str) -> None:
        """A whole answer in plain text."""
        lines = [("Content-Type", "text/plain"), ("Content-Length", str(len(text.encode())))]
        await self._send(_head(status, lines) + text.encode())

    async def begin_stream(self, *, odd: bool) -> None:
        """The head of an event stream; `odd` cuts what follows at odd places."""
        self._odd = odd
        lines = [("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")]
        await self._send(_head(200, lines))

    async def stream(self, data: bytes) -> None:
        """A part of the stream."""
        for piece in _odd_pieces(data) if self._odd else (data,):
            await self._send(b"%x\r\n%b\r\n" % (len(piece), piece))
            if self._odd:
                await asyncio.sleep(_ODD_PAUSE_S)

    async def end_stream(self) -> None:
        """The end of the stream."""
        await self._send(b"0\r\n\r\n")

    async def pause(self, wait_ms: int) -> None:
        """Do nothing for a while, but notice when the client hangs up."""
        if self.is_deaf:
            await asyncio.sleep(wait_ms / 1000)
            return
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
            if self.is_deaf:
                return
            raise Aborted from error
        await asyncio.sleep(0)  # lets the loop tell us that the client is gone
        if self.is_deaf:
            return
        if self._reader.at_eof() or self._writer.is_closing():
            raise Aborted


def _odd_pieces(data: bytes) -> Iterator[bytes]:
    """`data` cut inside of every character of more than one byte, between line ends, and here and there."""
    start = 0
    for at, byte in enumerate(data):
        continues_character = 0x80 <= byte < 0xC0
        if at and (continues_character or byte in b"\r\n" or at % _ODD_STEP == 0):
            yield data[start:at]
            start = at
    yield data[start:]


def _head(status: int, headers: Sequence[tuple[str, str]]) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
