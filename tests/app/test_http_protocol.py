"""A real server on a loopback socket, spoken to in raw bytes: what clients never do on purpose."""

import asyncio
import gc
import socket
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from weft.app.http_protocol import sweep_forever
from weft.app.server import Server, bind, make_server
from weft.gateway.exchange import Exchange
from weft.kit.settings import Settings

DOOR = b"/v1/chat/completions"


class Door:
    """A handler that echoes, and remembers what became of its exchanges."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.cancelled = asyncio.Event()
        self.entered = asyncio.Event()

    async def __call__(self, exchange: Exchange) -> None:
        self.seen.append(exchange.payload)
        self.entered.set()
        if exchange.payload == b"wait":
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled.set()
                if not exchange.gone:
                    exchange.answer(503, b"content-type: text/plain\r\n", b"bye")
        elif exchange.payload.startswith(b"stream"):
            exchange.start(200, b"content-type: text/plain\r\n")
            exchange.write(b"one")
            await exchange.drained()
            exchange.write(b"two")
            exchange.end(b"three")
        elif exchange.payload == b"flood":
            exchange.start(200, b"")
            while not exchange.gone:
                exchange.write(b"x" * 65536)
                await exchange.drained()
        else:
            exchange.answer(200, b"content-type: text/plain\r\n", exchange.payload)


@dataclass(frozen=True)
class Running:
    """A server and its port."""

    server: Server
    port: int


async def other(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("asgi")(scope, receive, send)


@asynccontextmanager
async def serving(
    door: Callable[[Exchange], Coroutine[None, None, None]], **overrides: object
) -> AsyncGenerator[Running]:
    settings = Settings.model_validate({"port": 0, "data_dir": Path("/nonexistent"), **overrides})
    with bind(settings) as listener:
        server = make_server(other, settings, {DOOR: door})
        sweeper = asyncio.create_task(sweep_forever(server.server_state.connections))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield Running(server, listener.getsockname()[1])
        finally:
            server.should_exit = True
            await running
            sweeper.cancel()


class Client:
    """One raw connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> bytes:
        """One answer with a content length, or everything until the peer closes."""
        async with asyncio.timeout(10):
            head = await self.reader.readuntil(b"\r\n\r\n")
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    return head + await self.reader.readexactly(int(line[15:]))
            return head + await self.reader.readuntil(b"0\r\n\r\n")

    async def rest(self) -> bytes:
        async with asyncio.timeout(10):
            return await self.reader.read()

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


@asynccontextmanager
async def connected(running: Running) -> AsyncGenerator[Client]:
    client = Client(*await asyncio.open_connection("127.0.0.1", running.port))
    try:
        yield client
    finally:
        await client.close()


def post(body: bytes, extra: bytes = b"", path: bytes = DOOR) -> bytes:
    return b"POST %b HTTP/1.1\r\nHost: x\r\n%bContent-Length: %d\r\n\r\n%b" % (
        path,
        extra,
        len(body),
        body,
    )


async def test_post_when_to_the_door_then_the_handler_answers() -> None:
    async with serving(door := Door()) as running, connected(running) as client:
        await client.send(post(b"hello"))
        answer = await client.answer()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"x-request-id: req_" in answer
    assert answer.endswith(b"\r\n\r\nhello")
    assert door.seen == [b"hello"]


async def test_post_when_the_path_has_a_query_then_the_handler_answers() -> None:
    async with serving(Door()) as running, connected(running) as client:
        await client.send(post(b"hello", path=DOOR + b"?api-version=1"))
        assert (await client.answer()).endswith(b"hello")


async def test_get_when_to_the_door_then_the_app_answers() -> None:
    async with serving(Door()) as running, connected(running) as client:
        await client.send(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % DOOR)
        assert (await client.answer()).endswith(b"asgi")


async def test_stream_when_written_then_is_chunked_and_whole() -> None:
    async with serving(Door()) as running, connected(running) as client:
        await client.send(post(b"stream"))
        answer = await client.answer()
    assert answer.endswith(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n")


async def test_requests_when_pipelined_then_are_answered_in_order() -> None:
    async with serving(door := Door()) as running, connected(running) as client:
        await client.send(
            post(b"a") + post(b"b") + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + post(b"c")
        )
        answers = [await client.answer() for _ in range(4)]
    assert [answer.rpartition(b"\r\n")[2] for answer in answers] == [b"a", b"b", b"asgi", b"c"]
    assert door.seen == [b"a", b"b", b"c"]


async def test_request_when_sent_byte_by_byte_then_is_answered() -> None:
    async with serving(Door()) as running, connected(running) as client:
        for byte in post(b"slow but sure"):
            await client.send(bytes([byte]))
        assert (await client.answer()).endswith(b"slow but sure")


async def test_request_when_it_expects_100_then_is_told_to_continue() -> None:
    async with serving(Door()) as running, connected(running) as client:
        head, _, body = post(b"hello", b"Expect: 100-continue\r\n").partition(b"\r\n\r\n")
        await client.send(head + b"\r\n\r\n")
        async with asyncio.timeout(10):
            assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await client.send(body)
        assert (await client.answer()).endswith(b"hello")


async def test_client_when_it_hangs_up_then_the_handler_is_cancelled() -> None:
    async with serving(door := Door()) as running:
        async with connected(running) as client:
            await client.send(post(b"wait"))
            await door.entered.wait()
        async with asyncio.timeout(5):
            await door.cancelled.wait()


async def test_client_when_it_stops_reading_then_the_connection_is_cut() -> None:
    async with serving(Door(), idle_timeout_s=1) as running, connected(running) as client:
        await client.send(post(b"flood"))
        assert isinstance(client.writer.transport, asyncio.Transport)
        client.writer.transport.pause_reading()
        async with asyncio.timeout(10):
            while running.server.server_state.connections:
                await asyncio.sleep(0.05)


async def test_body_when_over_the_bound_then_413_and_close() -> None:
    async with (
        serving(door := Door(), max_body_bytes=1024) as running,
        connected(running) as client,
    ):
        await client.send(post(b"x" * 2000))
        answer = await client.rest()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"payload_too_large"' in answer
    assert door.seen == []


async def test_body_when_chunked_and_over_the_bound_then_413() -> None:
    async with serving(Door(), max_body_bytes=1024) as running, connected(running) as client:
        await client.send(
            b"POST %b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" % DOOR
            + b"400\r\n%b\r\n" % (b"x" * 1024) * 2
        )
        assert (await client.rest()).startswith(b"HTTP/1.1 413 ")


async def test_head_when_over_the_bound_then_431_and_close() -> None:
    async with serving(Door(), max_header_bytes=1024) as running, connected(running) as client:
        await client.send(post(b"x", b"X-Long: " + b"y" * 2000 + b"\r\n"))
        answer = await client.rest()
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b'"code":"headers_too_large"' in answer


async def test_head_when_it_never_ends_then_408() -> None:
    async with serving(Door(), header_timeout_s=0.5) as running, connected(running) as client:
        await client.send(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n")
        assert (await client.rest()).startswith(b"HTTP/1.1 408 ")


async def test_connection_when_it_says_nothing_then_is_closed() -> None:
    async with serving(Door(), header_timeout_s=0.5) as running, connected(running) as client:
        assert await client.rest() == b""


async def test_body_when_it_never_ends_then_408() -> None:
    async with serving(Door(), body_timeout_s=0.5) as running, connected(running) as client:
        await client.send(post(b"hello")[:-2])
        assert (await client.rest()).startswith(b"HTTP/1.1 408 ")


async def test_request_when_it_is_no_http_then_400_in_our_envelope() -> None:
    async with serving(Door()) as running, connected(running) as client:
        await client.send(b"NONSENSE\r\n\r\n")
        answer = await client.rest()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"type":"invalid_request_error"' in answer


async def test_connections_when_too_many_then_503() -> None:
    async with (
        serving(Door(), max_connections=1) as running,
        connected(running) as first,
        connected(running) as second,
    ):
        answer = await second.rest()
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 1" in answer
        await first.send(post(b"still here"))
        assert (await first.answer()).endswith(b"still here")


async def test_drain_when_a_request_outlives_it_then_gets_a_clear_end() -> None:
    async with serving(door := Door(), drain_timeout_s=1) as running, connected(running) as client:
        await client.send(post(b"wait"))
        await door.entered.wait()
        running.server.should_exit = True
        answer = await client.answer()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert answer.endswith(b"bye")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_bind_when_given_a_host_then_listens_there(host: str) -> None:
    settings = Settings.model_validate({"port": 0, "host": host, "data_dir": Path("/nonexistent")})
    with bind(settings) as listener:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as client:
            client.connect((host, listener.getsockname()[1]))


async def test_body_when_announced_too_large_then_413_instead_of_100_continue() -> None:
    async with serving(Door(), max_body_bytes=1024) as running, connected(running) as client:
        await client.send(post(b"", b"Expect: 100-continue\r\n").replace(b": 0\r\n", b": 9999\r\n"))
        assert (await client.rest()).startswith(b"HTTP/1.1 413 ")


async def test_bodies_when_too_many_bytes_at_once_then_503() -> None:
    async with serving(Door(), max_body_bytes=1024) as running, AsyncExitStack() as stack:
        for _ in range(17):  # each holds back its last byte
            client = await stack.enter_async_context(connected(running))
            await client.send(post(b"x" * 1024)[:-1])
        last = await stack.enter_async_context(connected(running))
        await last.send(post(b"x"))
        assert (await last.rest()).startswith(b"HTTP/1.1 503 ")


async def test_bodies_when_their_senders_hang_up_then_there_is_room_again() -> None:
    async with serving(Door(), max_body_bytes=1024) as running:
        for _ in range(40):
            async with connected(running) as client:
                await client.send(post(b"x" * 1024)[:-1])
        async with asyncio.timeout(5):
            while running.server.server_state.connections:
                await asyncio.sleep(0.01)
        async with connected(running) as client:
            await client.send(post(b"hello"))
            assert (await client.answer()).endswith(b"hello")


async def test_connection_when_closed_then_is_freed_without_the_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        async with serving(Door()) as running:
            async with connected(running) as whole, connected(running) as part:
                await whole.send(post(b"hello"))
                await whole.answer()
                await part.send(post(b"hello")[:-1])
                seen = [weakref.ref(c) for c in running.server.server_state.connections]
                assert len(seen) == 2
            async with asyncio.timeout(5):
                while any(ref() is not None for ref in seen):
                    await asyncio.sleep(0.01)
    finally:
        gc.enable()


async def test_stream_when_the_client_speaks_http_1_0_then_is_not_chunked() -> None:
    async with serving(Door()) as running, connected(running) as client:
        await client.send(post(b"stream").replace(b"HTTP/1.1", b"HTTP/1.0"))
        answer = await client.rest()
    assert answer.endswith(b"\r\n\r\nonetwothree")
    assert b"chunked" not in answer


@pytest.mark.parametrize("offer", [b"h2c", b"websocket"])
async def test_upgrade_when_offered_then_is_left_unanswered(offer: bytes) -> None:
    async with serving(Door()) as running, connected(running) as client:
        await client.send(post(b"hello", b"Connection: Upgrade\r\nUpgrade: %b\r\n" % offer))
        assert (await client.answer()).endswith(b"hello")


@pytest.mark.parametrize(
    "target", [b"/v1/chat%2Fcompletions", b"http://x/v1/chat/completions", DOOR + b"?a=b"]
)
async def test_target_when_in_another_form_then_reaches_the_door(target: bytes) -> None:
    async with serving(Door()) as running, connected(running) as client:
        await client.send(post(b"hello", path=target))
        assert (await client.answer()).endswith(b"hello")


async def test_signal_when_it_comes_twice_then_open_requests_end_at_once() -> None:
    async with serving(door := Door(), drain_timeout_s=60) as running, connected(running) as client:
        await client.send(post(b"wait"))
        await door.entered.wait()
        running.server.stop()
        running.server.stop()
        assert (await client.answer()).endswith(b"bye")
