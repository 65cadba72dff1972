"""The server's side of a connection: uvicorn's protocol, hardened, with the door's short way through it.

uvicorn parses HTTP/1.1 with httptools, keeps connections alive, pipelines and shuts down. Added here:

* bounds that uvicorn lacks: size of the request's head and body, time to send them, and time to read an answer.
  One `Sweeper` looks at all connections once a second, so that no request pays for a timer;
* the data plane: a POST to one of the door's paths becomes an `Exchange` that writes to the transport directly, head
  and first bytes in one system call. All other requests go to the ASGI app as usual.

Relies on the insides of the pinned uvicorn: `HttpToolsProtocol` (its callbacks and `cycle`) and `RequestResponseCycle`
(`run_asgi`, `body`, `more_body`, `message_event`, `response_complete`, `keep_alive`). tests/app/test_http_protocol.py
fails when an upgrade changes them.
"""

import asyncio
import http
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from httptools import HttpRequestParser
from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from weft.gateway.exchange import Exchange
from weft.kit.errors import InvalidRequest, Overloaded, PayloadTooLarge, RequestTimeout, WeftError
from weft.kit.ids import uuid7_hex

SWEEP_INTERVAL_S = 1.0
_STATUS_LINES = {
    status.value: b"HTTP/1.1 %d %s\r\n" % (status.value, status.phrase.encode())
    for status in http.HTTPStatus
}


def _nothing() -> None:
    return


Handler = Callable[[Exchange], Awaitable[None]]
"""Answers one exchange; it must always end it, also when it fails."""


class HeadTooLarge(InvalidRequest):
    """The request line and headers are over the bound."""

    status = 431
    code = "headers_too_large"


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections there may be, and what one may cost."""

    connections: int
    head_bytes: int
    body_bytes: int
    head_timeout_s: float
    body_timeout_s: float
    write_timeout_s: float


class DoorCycle(RequestResponseCycle):
    """One request to the door: implements `gateway.Exchange` on the transport."""

    headers: list[tuple[bytes, bytes]]
    payload: bytes
    request_id: str
    arrived_s: float
    task: asyncio.Task[None] | None
    _head: bytes

    def open(self, handler: Handler, headers: list[tuple[bytes, bytes]], now_s: float) -> None:
        """Second half of the constructor, whose first half is uvicorn's."""
        self.handler = handler
        self.headers = headers
        self.payload = b""
        self.request_id = "req_" + uuid7_hex()
        self.arrived_s = now_s
        self.task = None
        self._head = b""

    @property
    def gone(self) -> bool:
        """Whether the client has hung up."""
        return self.disconnected

    @property
    def started(self) -> bool:
        """Whether any part of an answer may have left."""
        return self.response_started

    @override
    async def run_asgi(self, app: Any) -> None:
        """Run by uvicorn as the request's task; `app` is not asked."""
        self.task = asyncio.current_task()
        if self.waiting_for_100_continue and self.more_body:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        while self.more_body:
            self.message_event.clear()
            await self.message_event.wait()
            if self.disconnected:
                return
        self.payload = bytes(self.body)
        self.body = bytearray()
        try:
            await self.handler(self)
            assert self.disconnected or self.response_complete, "the handler left without an answer"
        finally:
            self.on_response = _nothing  # breaks the reference cycle, as uvicorn's own does

    def hang_up(self) -> None:
        """The client is gone: stop the work that was done for it."""
        if self.task is not None and not self.response_complete:
            self.task.cancel()

    def _head_lines(self, status: int, head: bytes) -> bytes:
        close = b"" if self.keep_alive else b"connection: close\r\n"
        defaults = b"".join(b"%b: %b\r\n" % header for header in self.default_headers)
        request_id = self.request_id.encode()
        line = _STATUS_LINES[status]
        return b"%b%bx-request-id: %b\r\n%b%b" % (line, defaults, request_id, head, close)

    def start(self, status: int, head: bytes) -> None:
        """See `Exchange.start`."""
        self._head = self._head_lines(status, head) + b"transfer-encoding: chunked\r\n\r\n"

    def write(self, data: bytes) -> None:
        """See `Exchange.write`."""
        if self.disconnected:
            return
        self.transport.write(b"%b%x\r\n%b\r\n" % (self._head, len(data), data))
        self._head = b""
        self.response_started = True

    async def drained(self) -> None:
        """See `Exchange.drained`."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()

    def end(self, data: bytes = b"") -> None:
        """See `Exchange.end`."""
        chunk = b"%x\r\n%b\r\n" % (len(data), data) if data else b""
        self._finish(b"%b%b0\r\n\r\n" % (self._head, chunk))

    def answer(self, status: int, head: bytes, body: bytes) -> None:
        """See `Exchange.answer`."""
        lines = self._head_lines(status, head)
        self._finish(b"%bcontent-length: %d\r\n\r\n%b" % (lines, len(body), body))

    def _finish(self, data: bytes) -> None:
        self.response_started = True
        self.response_complete = True
        if self.disconnected:
            return
        self.transport.write(data)
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's connection with our bounds, and the door's paths taken out of ASGI."""

    limits: ConnectionLimits
    handlers: Mapping[bytes, Handler]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.head_bytes = 0
        self.body_bytes = 0
        self.head_since_s: float | None = self.loop.time()
        self.body_since_s: float | None = None
        self.write_paused_since_s: float | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self.refuse(Overloaded("too many connections are open", retry_after_s=1))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if isinstance(self.cycle, DoorCycle):
            self.cycle.hang_up()

    @override
    def on_message_begin(self) -> None:
        self.head_bytes = 0
        self.body_bytes = 0
        self.head_since_s = self.loop.time()
        super().on_message_begin()

    @override
    def on_url(self, url: bytes) -> None:
        self._count_head(len(url))
        super().on_url(url)

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_head(len(name) + len(value) + 4)
        super().on_header(name, value)

    def _count_head(self, size_bytes: int) -> None:
        self.head_bytes += size_bytes
        if self.head_bytes > self.limits.head_bytes:
            self.refuse(HeadTooLarge(f"the request's head is over {self.limits.head_bytes} bytes"))

    @override
    def on_headers_complete(self) -> None:
        self.head_since_s = None
        self.body_since_s = self.loop.time()
        if self.transport.is_closing():
            return
        handler = self.handlers.get(self.url.partition(b"?")[0])
        if handler is None or cast("HttpRequestParser", self.parser).get_method() != b"POST":
            super().on_headers_complete()
            return
        app = cast("Any", self.app)  # pyright: ignore[reportUnknownMemberType]  # uvicorn leaves it untyped
        parser = cast("HttpRequestParser", self.parser)
        previous = cast("RequestResponseCycle | None", self.cycle)
        version = parser.get_http_version()
        cycle = DoorCycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        cycle.open(handler, self.headers, self.body_since_s)
        self.cycle = cycle
        if previous is None or previous.response_complete:
            self._start_asgi_task(cycle, app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, app))

    @override
    def on_body(self, body: bytes) -> None:
        self.body_bytes += len(body)
        if self.body_bytes > self.limits.body_bytes:
            self.refuse(
                PayloadTooLarge(
                    f"the request's body is over {self.limits.body_bytes} bytes",
                    remedy="send fewer or shorter messages, or ask for a larger max_body_bytes",
                )
            )
        elif isinstance(self.cycle, DoorCycle):
            self.cycle.body += body
        else:
            super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        self.body_since_s = None
        if not self.transport.is_closing():
            super().on_message_complete()

    @override
    def pause_writing(self) -> None:
        self.write_paused_since_s = self.loop.time()
        super().pause_writing()

    @override
    def resume_writing(self) -> None:
        self.write_paused_since_s = None
        super().resume_writing()

    @override
    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            self.refuse(InvalidRequest(msg))

    def refuse(self, error: WeftError) -> None:
        """Answer with `error` outside any exchange, and close: what follows cannot be trusted to be a request."""
        if self.transport.is_closing():
            return
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or cycle.response_complete or not cycle.response_started:
            body = error.envelope()
            lines = b"".join(b"%b: %b\r\n" % header for header in error.headers())
            self.transport.write(
                b"%bcontent-type: application/json\r\nx-request-id: req_%b\r\n%b"
                b"content-length: %d\r\nconnection: close\r\n\r\n%b"
                % (_STATUS_LINES[error.status], uuid7_hex().encode(), lines, len(body), body)
            )
        self.transport.close()

    def sweep(self, now_s: float) -> None:
        """End what takes too long: called once a second for each connection."""
        limits = self.limits
        if self.head_since_s is not None and now_s - self.head_since_s > limits.head_timeout_s:
            if self.head_bytes == 0:  # nothing was asked: nothing to answer
                self.transport.close()
            else:
                self.refuse(RequestTimeout("the request's head took too long to arrive"))
        elif self.body_since_s is not None and now_s - self.body_since_s > limits.body_timeout_s:
            self.refuse(RequestTimeout("the request's body took too long to arrive"))
        elif (
            self.write_paused_since_s is not None
            and now_s - self.write_paused_since_s > limits.write_timeout_s
        ):
            self.transport.abort()


async def sweep_forever(connections: set[Any]) -> None:
    """Look at every connection once a second, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(SWEEP_INTERVAL_S)
        now_s = loop.time()
        for connection in list(connections):
            if isinstance(connection, HttpProtocol):
                connection.sweep(now_s)


def protocol_class(
    limits: ConnectionLimits, handlers: Mapping[bytes, Handler]
) -> type[HttpProtocol]:
    """A protocol class for uvicorn's `http=` that knows our bounds and the door's paths."""
    return type("DoorProtocol", (HttpProtocol,), {"limits": limits, "handlers": dict(handlers)})
