"""The server's side of a connection: uvicorn's protocol, hardened, with the door's short way through it.

uvicorn parses HTTP/1.1 with httptools, keeps connections alive, pipelines and shuts down. Added here:

* bounds that uvicorn lacks: size of the request's head and body, time to send them, and time to read an answer.
  `sweep_forever` looks at all connections once a second, so that no request pays for a timer;
* the data plane: a POST to one of the door's paths becomes an `Exchange` that writes to the transport directly, head
  and first bytes in one system call. All other requests go to the ASGI app as usual.

Relies on the insides of the pinned uvicorn's `HttpToolsProtocol`: its parser callbacks, `cycle`, `pipeline`, `flow` and
`tasks`. tests/app/test_http_protocol.py fails when an upgrade changes them.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from httptools import (
    HttpParserError,
    HttpParserInvalidURLError,
    HttpParserUpgrade,
    HttpRequestParser,
    parse_url,
)
from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from weft.app.door_exchange import STATUS_LINES, DoorExchange
from weft.app.traces.paths import is_trace, registered
from weft.gateway.dialects.exchange import TranslatedDoor
from weft.gateway.exchange import Exchange
from weft.kit.errors import InvalidRequest, Overloaded, PayloadTooLarge, RequestTimeout, WeftError
from weft.kit.ids import uuid7_hex

SWEEP_INTERVAL_S = 1.0
_UPGRADE = re.compile(rb"\r\nupgrade:[^\r\n]*", re.IGNORECASE)
Handler = Callable[[Exchange], Coroutine[None, None, None]]
"""Answers one exchange; it must always end it, also when it fails."""


class HeadTooLarge(InvalidRequest):
    """The request line and headers are over the bound."""

    status = 431
    code = "headers_too_large"


class _Stage(Enum):
    """What a connection waits for."""

    HEAD = auto()
    BODY = auto()
    ANSWER = auto()
    IDLE = auto()
    """The next request."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections there may be, and what one may cost."""

    connections: int
    head_bytes: int
    body_bytes: int
    trace_body_bytes: int
    """Of a request to the trace store, whose clients send batches."""
    head_timeout_s: float
    body_timeout_s: float
    write_timeout_s: float
    idle_timeout_s: float
    """Between two requests."""
    buffered_bytes: int
    """Bodies of all requests that are being received or answered, together."""


class Buffered:
    """How many bytes of bodies are held at the moment, over all connections."""

    __slots__ = ("size_bytes",)

    def __init__(self) -> None:
        self.size_bytes = 0


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's connection with our bounds, and the door's paths taken out of ASGI."""

    limits: ConnectionLimits
    handlers: Mapping[bytes, Handler]
    body_limits: Mapping[bytes, int]
    buffered: Buffered

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.url = self.announced = b""
        self.head_bytes = self.partial_bytes = self.body_bytes = 0
        self.stage = _Stage.HEAD
        self.since_s = self.loop.time()
        """When the connection came into its stage."""
        self.write_paused_since_s: float | None = None
        self._max_head_bytes = self.limits.head_bytes
        self.body_limit = self.limits.body_bytes
        self._default_lines: tuple[list[tuple[bytes, bytes]] | None, bytes] = (None, b"")

    def default_lines(self) -> bytes:
        """The headers that uvicorn adds (the date) and makes anew once a second."""
        headers = self.server_state.default_headers
        if self._default_lines[0] is not headers:
            lines = b"".join(b"%b: %b\r\n" % header for header in headers)
            self._default_lines = (headers, lines)
        return self._default_lines[1]

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            self.refuse(Overloaded("too many connections are open", retry_after_s=1))

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if isinstance(self.cycle, DoorExchange):
            self.cycle.hang_up()
        # Exchanges and connections know each other: parted here, so that a body is not kept until the garbage
        # collector comes by.
        for waiting, _app in self.pipeline:
            if isinstance(waiting, DoorExchange):
                waiting.let_go()
        self.pipeline.clear()
        self.cycle = cast("Any", None)

    @override
    def data_received(self, data: bytes) -> None:
        # curl --http2 and Java's HttpClient offer to go on in HTTP/2. Declining any offer means leaving it unanswered
        # (RFC 9110, 7.8), but httptools takes what follows for another protocol: the request would have no body.
        if b"pgrade:" in data and self.stage in (_Stage.HEAD, _Stage.IDLE):
            head, end, body = data.partition(b"\r\n\r\n")
            data = _UPGRADE.sub(b"", head) + end + body
        in_head = self.stage is _Stage.HEAD
        try:
            cast("HttpRequestParser", self.parser).feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self.send_400_response("Invalid HTTP request received.")
        if in_head and self.stage is _Stage.HEAD:  # all that was read belongs to a head without end
            self.partial_bytes += len(data)
            if self.partial_bytes > self._max_head_bytes:
                self._refuse_head()

    def _refuse_head(self) -> None:
        self.refuse(HeadTooLarge(f"the request's head is over {self._max_head_bytes} bytes"))

    @override
    def on_message_begin(self) -> None:
        # What uvicorn's own version sets up for ASGI is done in `on_headers_complete`, where it is needed.
        self.url = self.announced = b""
        self.headers = []
        self.expect_100_continue = False
        self.head_bytes = self.partial_bytes = self.body_bytes = 0
        self.stage = _Stage.HEAD
        self.since_s = self.loop.time()

    @override
    def on_url(self, url: bytes) -> None:
        self.url += url
        if len(self.url) > self._max_head_bytes:
            self._refuse_head()

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        self.head_bytes += len(name) + len(value) + 4
        if self.head_bytes > self._max_head_bytes:
            self._refuse_head()
        name = name.lower()
        if name == b"content-length":
            self.announced = value
        elif name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    @override
    def on_headers_complete(self) -> None:
        self.stage = _Stage.BODY
        if self.transport.is_closing():
            return
        parser = cast("HttpRequestParser", self.parser)
        handler, path = self.handlers.get(self.url), self.url
        if handler is None:
            path = _path_of(path)
            handler = self._find(path)
        else:
            self.body_limit = self.body_limits[self.url]
        if len(self.announced) > 3 and int(self.announced) > self.body_limit:
            self._refuse_body()  # before any of it is read, or asked for
            return
        if handler is None or parser.get_method() != b"POST":
            self._go_to_asgi()
            return
        previous = cast("RequestResponseCycle | DoorExchange | None", self.cycle)
        is_old = parser.get_http_version() == "1.0"
        keep_alive = not is_old and parser.should_keep_alive()
        exchange = DoorExchange(self, self.headers, keep_alive=keep_alive, chunked=not is_old)
        exchange.path = path
        self.handler = handler
        self.cycle = cast("Any", exchange)
        if previous is None or previous.response_complete:
            exchange.has_turn = True
            if self.expect_100_continue:
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cast("Any", exchange), cast("Any", handler)))

    def _find(self, path: bytes) -> Handler | None:
        """What answers at a path, which also decides how large a body may be."""
        self.body_limit = body_limit(self.limits, path)
        return self.handlers.get(registered(path))

    def _refuse_body(self) -> None:
        self.refuse(
            PayloadTooLarge(
                f"the request's body is over {self.body_limit} bytes",
                remedy="send less, or ask for a larger max_trace_body_bytes"
                if is_trace(_path_of(self.url))
                else "send fewer or shorter messages, or ask for a larger max_body_bytes",
            )
        )

    def _go_to_asgi(self) -> None:
        """Take the way of uvicorn itself, from the start of a request."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        super().on_headers_complete()

    @override
    def on_body(self, body: bytes) -> None:
        self.body_bytes += len(body)
        if self.body_bytes > self.body_limit:
            self._refuse_body()
        elif isinstance(self.cycle, DoorExchange):
            if self.buffered.size_bytes > self.limits.buffered_bytes:
                self.refuse(Overloaded("too much is being received at once", retry_after_s=1))
            else:
                self.cycle.add(body)
        else:
            super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        self.stage = _Stage.ANSWER
        if self.transport.is_closing():
            return
        exchange = cast("Any", self.cycle)
        if isinstance(exchange, DoorExchange):
            exchange.close_body()
            if exchange.has_turn:
                self._begin(exchange, self.handler)
        else:
            super().on_message_complete()

    def _begin(self, exchange: DoorExchange, handler: Handler) -> None:
        task = self.loop.create_task(handler(exchange))
        exchange.task = task
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    @override
    def on_response_complete(self) -> None:
        # uvicorn's version, without a timer for each answer: the sweep looks after idle connections.
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            waiting = cast("Any", cycle)
            if not isinstance(waiting, DoorExchange):
                self._start_asgi_task(cycle, app)
                return
            waiting.has_turn = True
            if waiting.is_whole:
                self._begin(waiting, cast("Handler", app))
        elif self.stage is _Stage.ANSWER:
            self.stage = _Stage.IDLE
            self.since_s = self.loop.time()

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
            request_id = "req_" + uuid7_hex()
            door = self.handlers.get(_path_of(self.url))
            is_translated = isinstance(door, TranslatedDoor)
            body = door.refusal(error, request_id) if is_translated else error.envelope()
            lines = b"".join(b"%b: %b\r\n" % header for header in error.headers())
            self.transport.write(
                b"%bcontent-type: application/json\r\nx-request-id: %b\r\n%b"
                b"content-length: %d\r\nconnection: close\r\n\r\n%b"
                % (STATUS_LINES[error.status], request_id.encode(), lines, len(body), body)
            )
        self.transport.close()

    def sweep(self, now_s: float) -> None:
        """End what takes too long: called once a second for each connection."""
        limits = self.limits
        passed_s = now_s - self.since_s
        if self.stage is _Stage.HEAD and passed_s > limits.head_timeout_s:
            if not self.url:  # nothing was asked: nothing to answer
                self.transport.close()
            else:
                self.refuse(RequestTimeout("the request's head took too long to arrive"))
        elif self.stage is _Stage.BODY and passed_s > limits.body_timeout_s:
            self.refuse(RequestTimeout("the request's body took too long to arrive"))
        elif self.stage is _Stage.IDLE and passed_s > limits.idle_timeout_s:
            self.transport.close()
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


def body_limit(limits: ConnectionLimits, path: bytes) -> int:
    """How large the body of a request to `path` may be."""
    return limits.trace_body_bytes if is_trace(path) else limits.body_bytes


def protocol_class(
    limits: ConnectionLimits, handlers: Mapping[bytes, Handler]
) -> type[HttpProtocol]:
    """A protocol class for uvicorn's `http=` that knows our bounds and the door's paths."""
    members = {
        "limits": limits,
        "handlers": dict(handlers),
        "body_limits": {path: body_limit(limits, path) for path in handlers},
        "buffered": Buffered(),
    }
    return type("DoorProtocol", (HttpProtocol,), members)


def _path_of(url: bytes) -> bytes:
    """The decoded path of a request target in any of its forms (RFC 9112, section 3.2); empty for nonsense."""
    try:
        path: bytes = parse_url(url).path or b""
    except HttpParserInvalidURLError:
        return b""
    return unquote_to_bytes(path)
