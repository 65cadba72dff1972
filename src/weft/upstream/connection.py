"""One HTTP/1.1 connection: writes a request, parses the response into a `Response`, then rests.

Owns the parser (llhttp, through httptools) and the framing rules of RFC 9112 sections 6 to 9 that
llhttp leaves to its user: bodies that end with the connection, answers to HEAD, interim responses,
bounds. Knows nothing of other connections: a pool hears of it through `Hooks`. Invariant: it is
reusable only if the last response ended cleanly, keep-alive was agreed and no byte is left over.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from weft.upstream.errors import (
    ConnectionClosed,
    FirstByteTimeout,
    IdleTimeout,
    ProtocolViolation,
    UpstreamError,
    WriteTimeout,
)
from weft.upstream.response import Response
from weft.upstream.timeouts import Timeouts

__all__ = ["SLICE_BYTES", "Connection", "Hooks"]

SLICE_BYTES = 64 * 1024
"""A larger request goes out in slices of this size, each when the one before it has left."""
HIGH_WATER_BYTES = 256 * 1024
"""Reading pauses when a consumer has left more than this; one read more may have arrived."""
MAX_INTERIM = 16
"""Interim (1xx) responses that one request may get: some send 103 more than once."""

_SURPLUS = "bytes after the end of the response"
_HEAD_TOO_LARGE = "the response head is too large"
_ENDLESS = "endless chunk framing"


@dataclass(frozen=True, slots=True)
class Hooks:
    """How a connection behaves, and whom it tells. One per pool."""

    max_header_bytes: int
    reuse_after_stream: bool
    made: "Callable[[Connection], None]"
    settled: "Callable[[Connection], None]"
    """An exchange is over; `reusable` says whether another may follow."""
    lost: "Callable[[Connection], None]"


class Connection(asyncio.Protocol):
    """One connection to one server, with at most one exchange at a time."""

    __slots__ = (
        "_bodiless",
        "_done",
        "_framing_bytes",
        "_head_done",
        "_header_room",
        "_headers",
        "_hooks",
        "_inbox",
        "_interim",
        "_keep",
        "_loop",
        "_parser",
        "_response",
        "_stamp",
        "_unsent_bytes",
        "_until_close",
        "_uploading",
        "_write_paused",
        "alive",
        "on_body",
        "paused",
        "received_bytes",
        "reusable",
        "transport",
    )

    def __init__(self, hooks: Hooks, loop: asyncio.AbstractEventLoop) -> None:
        self._hooks = hooks
        self._loop = loop
        self._response: Response | None = None
        self._inbox: list[bytes] = []
        # The parser calls this once per chunk of the body: a built-in keeps that cheap.
        self.on_body = self._inbox.append
        self._stamp = 0.0
        self._headers: dict[bytes, bytes] = {}
        self._done = True
        self._write_paused = False
        self._uploading = False
        self.alive = False
        self.paused = False
        self.reusable = False
        # One parser for the connection's life: llhttp starts afresh after each message.
        self._parser = HttpResponseParser(self)

    # What the pool does with it

    def start(self, head: bytes, body: bytes) -> Response:
        """Write the request (of a large body the first slice) and return the response to fill."""
        response = Response(self)
        self._response = response
        self._bodiless = head.startswith(b"HEAD ")
        self._stamp = self._loop.time()
        self.received_bytes = 0
        self._framing_bytes = 0
        self._unsent_bytes = 0
        self._interim = 0
        self._header_room = self._hooks.max_header_bytes
        self._done = self._head_done = self._keep = self._until_close = self.reusable = False
        if not self.alive:
            self._fail(ConnectionClosed("closed before use", sent=False, responded=False))
            return response
        if len(body) <= SLICE_BYTES:
            self.transport.write(head + body)
        else:
            self._uploading = True
            self.transport.write(head + body[:SLICE_BYTES])
        return response

    async def upload(self, response: Response, body: bytes) -> None:
        """Write the rest of a large body at the peer's pace; stop where an answer comes first."""
        view = memoryview(body)
        for start in range(SLICE_BYTES, len(view), SLICE_BYTES):
            while self._write_paused and self._response is response and not response.status:
                await response.arrival()
            if self._response is not response or response.status:
                return  # `_uploading` stays set: this connection cannot carry another request
            self.transport.write(view[start : start + SLICE_BYTES])
            self._stamp = self._loop.time()
        self._uploading = False

    def expire(self, now: float, timeouts: Timeouts, idle_lifetime_s: float) -> None:
        """Fail the exchange, or close the resting connection, whose time is over."""
        quiet_s = now - self._stamp
        if self._response is None:
            if quiet_s > idle_lifetime_s:
                self.kill()
        elif self._head_done:
            if not self.paused and quiet_s > timeouts.idle_s:
                self._fail_as(IdleTimeout, f"no byte of the body for {timeouts.idle_s:g} s")
        elif self._uploading or self.transport.get_write_buffer_size():
            unsent_bytes = self.transport.get_write_buffer_size()
            if unsent_bytes != self._unsent_bytes:
                self._unsent_bytes = unsent_bytes
                self._stamp = now
            elif quiet_s > timeouts.write_s:
                self._fail_as(WriteTimeout, f"no byte could be sent for {timeouts.write_s:g} s")
        elif quiet_s > timeouts.first_byte_s:
            self._fail_as(FirstByteTimeout, f"no response within {timeouts.first_byte_s:g} s")

    def abort(self) -> None:
        """Close the connection and fail what is open on it."""
        if self._response is None:
            self.kill()
        else:
            self._fail_as(ConnectionClosed, "aborted from this side")

    def kill(self) -> None:
        """Close the connection without ceremony: nothing that was promised is left to write."""
        self.alive = False
        self.transport.abort()

    def pause(self) -> None:
        """Read no more until `resume`: whoever takes the body is behind."""
        if not self.paused:
            self.paused = True
            self.transport.pause_reading()

    def resume(self) -> None:
        """Read on after a pause."""
        if self.paused:
            self.paused = False
            self._stamp = self._loop.time()
            self.transport.resume_reading()

    # What the event loop tells it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport, with Nagle's algorithm off."""
        # uvloop's transports are asyncio's in all but their base class.
        self.transport = cast("asyncio.Transport", transport)
        self._stamp = self._loop.time()
        self.alive = True
        peer: socket.socket | None = transport.get_extra_info("socket")
        if peer is not None and peer.family in (socket.AF_INET, socket.AF_INET6):
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._hooks.made(self)

    def data_received(self, data: bytes) -> None:
        """Parse one read; wake the consumer once, however many chunks it held."""
        response = self._response
        if response is None:
            # RFC 9112 section 9.2: bytes on a resting connection answer nothing that was asked.
            self.kill()
            return
        self.received_bytes += len(data)
        self._framing_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            # What a callback of ours raised stops the parser and comes back as the context.
            violation = str(error.__context__ or error)
        else:
            violation = None
        inbox = self._inbox
        if inbox:
            piece = inbox[0] if len(inbox) == 1 else b"".join(inbox)
            inbox.clear()
            if not self._bodiless:
                self._framing_bytes = 0
                if response.sink is not None:
                    response.push(piece)
                else:
                    response.chunks.append(piece)
                    response.buffered_bytes += len(piece)
        if violation is not None:
            self._fail_as(ProtocolViolation, _SURPLUS if self._done else violation)
        elif self._done:
            self._finish(response)
        elif self._framing_bytes > self._hooks.max_header_bytes:
            # Neither an unfinished head nor chunk extensions and trailers, which are dropped, ever
            # fill a buffer of ours, but the parser keeps an unfinished field in memory.
            self._fail_as(ProtocolViolation, _ENDLESS if self._head_done else _HEAD_TOO_LARGE)
        elif self._head_done:
            self._stamp = self._loop.time()
            if response.sink is None:
                if response.buffered_bytes > HIGH_WATER_BYTES:
                    self.pause()
                response.wake()

    def eof_received(self) -> bool:
        """Take the peer's end of sending: where nothing else frames the body, it is its end."""
        response = self._response
        self.alive = False
        if response is not None:
            if self._head_done and self._until_close and self._ends_in_form():
                self._finish(response)
            else:
                self._fail_closed("closed")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what was open, and let the pool forget this connection."""
        self.alive = False
        if self._response is not None:
            self._fail_closed("closed" if exc is None else "broke")
        self._hooks.lost(self)

    def pause_writing(self) -> None:
        """Hold the upload: the peer reads more slowly than it is written to."""
        self._write_paused = True

    def resume_writing(self) -> None:
        """Go on with the upload."""
        self._write_paused = False
        self._stamp = self._loop.time()
        if self._uploading and self._response is not None:
            self._response.wake()

    # What the parser tells it

    def on_message_begin(self) -> None:
        """Start a head: the first, or the one after an interim response."""
        if self._done:
            # Stop here: a second response must not add to the first one's head or body.
            raise HttpParserError(_SURPLUS)
        self._headers = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header field; trailer fields are dropped, as nobody asked for them."""
        if self._head_done:
            return
        self._header_room -= len(name) + len(value) + 4
        if self._header_room < 0:
            raise HttpParserError(_HEAD_TOO_LARGE)
        name = name.lower()
        headers = self._headers
        if name in headers:
            value = headers[name] + b", " + value
        headers[name] = value

    def on_headers_complete(self) -> None:
        """Publish the head, unless it is interim, and settle how the body is framed."""
        # llhttp forgets keep-alive after the message end, so it is asked here.
        status = self._parser.get_status_code()
        if status < 200:
            self._interim += 1
            if status < 100 or status == 101:
                raise HttpParserError(f"a response with status {status} was not asked for")
            if self._interim > MAX_INTERIM:
                raise HttpParserError("too many interim responses")
            return
        headers = self._headers
        if b"transfer-encoding" in headers:
            # Only what was offered: a coding beneath chunked would have to be undone.
            if headers[b"transfer-encoding"].lower() != b"chunked":
                raise HttpParserError("a transfer coding other than chunked")
            framed = False
        else:
            framed = b"content-length" in headers or status in (204, 304)
            self._until_close = not framed
        self._keep = self._parser.should_keep_alive() and (framed or self._hooks.reuse_after_stream)
        self._head_done = True
        self._framing_bytes = 0
        if self._bodiless:
            # llhttp cannot be told that this answers HEAD and would wait for the body's bytes.
            self._done = True
            self._keep = False
        response = self._response
        if response is not None:
            response.headers = headers
            response.status = status

    def on_message_complete(self) -> None:
        """Note the end of the response; an interim one ends without an effect."""
        self._done = self._head_done

    # The ends of an exchange

    def _finish(self, response: Response) -> None:
        self._response = None
        self._stamp = self._loop.time()
        self.reusable = self._keep and self.alive and not self._uploading
        self._uploading = False
        self.resume()  # a resting connection listens for its end
        response.ended = True
        self._hooks.settled(self)
        response.wake()

    def _ends_in_form(self) -> bool:
        """Whether an end of stream is the peer's word: over TLS, anyone on the way can fake one.

        RFC 9112 section 9.8. asyncio reports both ends alike, but the TLS object knows whether it
        was told: with close_notify it reads an end, without one it wants more.
        """
        tls: ssl.SSLObject | None = self.transport.get_extra_info("ssl_object")
        if tls is None:
            return True
        try:
            return not tls.read(1)
        except ssl.SSLError:
            return False

    def _fail_closed(self, verb: str) -> None:
        when = "inside the body" if self._head_done else "before a complete response head"
        self._fail_as(ConnectionClosed, f"the peer {verb} the connection {when}")

    def _fail_as(self, kind: type[UpstreamError], message: str) -> None:
        self._fail(kind(message, sent=True, responded=self.received_bytes > 0))

    def _fail(self, error: UpstreamError) -> None:
        response = self._response
        assert response is not None, "only an open exchange can fail"
        self._response = None
        self._uploading = self.paused = False
        self.kill()
        response.error = error
        self._hooks.settled(self)
        response.wake()
