"""One request to the door on its connection: the server's side of `gateway.Exchange`."""

import asyncio
import http
from typing import TYPE_CHECKING

from weft.kit.ids import uuid7_hex

if TYPE_CHECKING:
    from weft.app.http_protocol import HttpProtocol

STATUS_LINES = {
    status.value: b"HTTP/1.1 %d %s\r\n" % (status.value, status.phrase.encode())
    for status in http.HTTPStatus
}


class DoorExchange:
    """One request to the door: implements `gateway.Exchange` on the transport.

    Its task starts once the body is whole and the answers to earlier requests of the connection have left. uvicorn's
    own bookkeeping reads `response_complete`, `keep_alive` and `disconnected`, as it does of its cycles.
    """

    __slots__ = (
        "_head",
        "_more",
        "body_bytes",
        "chunked",
        "disconnected",
        "has_turn",
        "headers",
        "is_whole",
        "keep_alive",
        "message_event",
        "path",
        "payload",
        "protocol",
        "request_id",
        "response_complete",
        "response_started",
        "task",
    )

    def __init__(
        self,
        protocol: "HttpProtocol",
        headers: list[tuple[bytes, bytes]],
        *,
        keep_alive: bool,
        chunked: bool,
    ) -> None:
        self.protocol = protocol
        self.headers = headers
        self.path = b""
        """Decoded: what a handler reads that answers at many paths."""
        self.keep_alive = keep_alive
        self.chunked = chunked
        """Whether a stream is framed in chunks; to HTTP/1.0 its end is that of the connection."""
        self.payload = b""
        self.request_id = "req_" + uuid7_hex()
        self.task: asyncio.Task[None] | None = None
        self.message_event = _NOBODY_WAITS
        self.has_turn = self.is_whole = False
        self.disconnected = self.response_started = self.response_complete = False
        self.body_bytes = 0
        self._more: list[bytes] = []
        self._head = b""

    def add(self, body: bytes) -> None:
        """Take in a piece of the body."""
        self.body_bytes += len(body)
        self.protocol.buffered.size_bytes += len(body)
        if self.payload or self._more:
            self._more.append(body)
        else:
            self.payload = body

    def close_body(self) -> None:
        """The body is whole."""
        if self._more:
            self.payload = b"".join([self.payload, *self._more])
            self._more.clear()
        self.is_whole = True

    @property
    def peer(self) -> str:
        """See `Exchange.peer`."""
        client = self.protocol.client
        return client[0] if client else ""

    @property
    def gone(self) -> bool:
        """Whether the client has hung up."""
        return self.disconnected

    @property
    def started(self) -> bool:
        """Whether any part of an answer may have left."""
        return self.response_started

    def hang_up(self) -> None:
        """The client is gone: stop the work that was done for it."""
        if self.task is not None and not self.response_complete:
            self.task.cancel()
        self.let_go()

    def let_go(self) -> None:
        """Forget the body: nobody will ask for it any more. Idempotent."""
        self.protocol.buffered.size_bytes -= self.body_bytes
        self.body_bytes = 0
        self.payload = b""
        self._more.clear()

    def start(self, status: int, head: bytes) -> None:
        """See `Exchange.start`."""
        framing = b"transfer-encoding: chunked\r\n\r\n" if self.chunked else b"\r\n"
        self._head = self._head_lines(status, head) + framing

    def write(self, data: bytes) -> None:
        """See `Exchange.write`."""
        if self.disconnected:
            return
        if self.chunked:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        self.protocol.transport.write(self._head + data if self._head else data)
        self._head = b""
        self.response_started = True

    @property
    def congested(self) -> bool:
        """See `Exchange.congested`."""
        return self.protocol.flow.write_paused

    async def drained(self) -> None:
        """See `Exchange.drained`."""
        if not self.disconnected:
            await self.protocol.flow.drain()

    def end(self, data: bytes = b"") -> None:
        """See `Exchange.end`."""
        if self.chunked:
            data = b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data) if data else b"0\r\n\r\n"
        self._finish(self._head + data)

    def seal(self, status: int, head: bytes, last: bytes, *, is_stream: bool) -> None:
        """See `Exchange.seal`: nobody asks for this answer again."""

    def answer(self, status: int, head: bytes, body: bytes) -> None:
        """See `Exchange.answer`."""
        lines = self._head_lines(status, head)
        self._finish(b"%bcontent-length: %d\r\n\r\n%b" % (lines, len(body), body))

    def _head_lines(self, status: int, head: bytes) -> bytes:
        close = b"" if self.keep_alive else b"connection: close\r\n"
        return b"%b%bx-request-id: %b\r\n%b%b" % (
            STATUS_LINES[status],
            self.protocol.default_lines(),
            self.request_id.encode(),
            head,
            close,
        )

    def _finish(self, data: bytes) -> None:
        self.response_started = self.response_complete = True
        self.let_go()
        if self.disconnected:
            return
        transport = self.protocol.transport
        transport.write(data)
        if not self.keep_alive:
            transport.close()
        self.protocol.on_response_complete()


class _Unheard:
    """In the place of uvicorn's event: an exchange has no task before its body is whole."""

    def set(self) -> None:
        """Wake nobody."""


_NOBODY_WAITS = _Unheard()
