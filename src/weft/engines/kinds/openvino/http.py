"""The child's HTTP/1.1: one connection, its requests and the bytes of its answers.

Owns framing and its bounds. Knows nothing of chat completions. A protocol and not streams, because each token of each
answer is a write of its own: a write here costs one call and no task. Invariants: requests of a connection are answered
in turn; whoever answers is told once when the client is gone before the end.
RFC 9112, for clients that send Content-Length or chunks.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast

import httptools

from weft.kit.errors import Json

MAX_BODY_BYTES = 64 * 1024 * 1024
MAX_HEAD_BYTES = 64 * 1024
_EVENT_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)


@dataclass(slots=True)
class Exchange:
    """One request, and the way to answer it."""

    method: str
    path: str
    """Without its query."""
    authorization: str
    body: bytes
    _transport: asyncio.Transport
    _ended: Callable[[], None]
    on_gone: Callable[[], None] | None = field(default=None)
    """Called when the client hangs up before the answer has ended."""
    is_over: bool = False
    """The answer has ended, or nobody is left to get it."""

    def reply(self, status: int, content: Json) -> None:
        """A whole answer in JSON."""
        if self.is_over:
            return
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        self.reply_as(status, "application/json", body)

    def reply_as(self, status: int, kind: str, body: bytes) -> None:
        """A whole answer of any kind."""
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._transport.write(head.encode("latin-1") + body)
        self._end()

    def begin_stream(self) -> None:
        """The head of an event stream."""
        if not self.is_over:
            self._transport.write(_EVENT_HEAD)

    def event(self, data: bytes) -> None:
        """One event of the stream."""
        if not self.is_over:
            self._transport.write(b"%x\r\ndata: %b\n\n\r\n" % (len(data) + 8, data))

    def end_stream(self) -> None:
        """The end of the stream."""
        if not self.is_over:
            self._transport.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
            self._end()

    def lose(self) -> None:
        """The client is gone."""
        if not self.is_over:
            self.is_over = True
            if self.on_gone is not None:
                self.on_gone()

    def _end(self) -> None:
        self.is_over = True
        self._ended()


Handler = Callable[[Exchange], None]


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._exchange: Exchange | None = None
        self._waiting: Exchange | None = None
        """The same, until it is handed on."""
        self._url = b""
        self._authorization = b""
        self._closes = False
        self._head_bytes = 0
        self._body = bytearray()

    # What the event loop tells it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse on; what is no HTTP ends the connection."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._close()
            return
        waiting, self._waiting = self._waiting, None
        if (
            waiting is not None
        ):  # outside of the parser, which would take our errors for the client's
            self._handler(waiting)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """Stop the work for this client."""
        if self._exchange is not None:
            self._exchange.lose()

    def eof_received(self) -> bool:
        """A client that has said its last word waits for no answer."""
        return False

    # What the parser tells it

    def on_message_begin(self) -> None:
        """A request begins."""
        self._url = self._authorization = b""
        self._head_bytes = 0
        self._body.clear()

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self._url += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._count(len(name) + len(value))
        if name.lower() == b"authorization":
            self._authorization = value

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body += body
        if len(self._body) > MAX_BODY_BYTES:
            self._close()

    def on_message_complete(self) -> None:
        """The request is whole: have it answered."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if (
            self._exchange is not None
        ):  # the next request before this answer: nobody of ours does that
            self._close()
            return
        self._closes = not self._parser.should_keep_alive()
        self._exchange = Exchange(
            method=self._parser.get_method().decode("latin-1"),
            path=self._url.partition(b"?")[0].decode("latin-1"),
            authorization=self._authorization.decode("latin-1"),
            body=bytes(self._body),
            _transport=transport,
            _ended=self._answered,
        )
        self._waiting = self._exchange

    def _answered(self) -> None:
        self._exchange = None
        if self._closes:
            self._close()

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD_BYTES:
            self._close()

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()
