"""However a valid response is cut into chunks and reads, the same head and body come out.

Drives a `Connection` by hand, in the place of the event loop, so that thousands of ways to cut can
be tried; the other files of this folder use sockets.
"""

import asyncio
import itertools
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from weft.upstream.connection import Connection, Hooks


class Wire(asyncio.Transport):
    """A transport to nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.aborted = False
        self.reading = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def abort(self) -> None:
        self.aborted = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


def connect(wire: Wire, settled: list[bool], *, max_header_bytes: int = 4096) -> Connection:
    """A connection over `wire` that notes after each exchange whether it may carry another."""
    hooks = Hooks(
        max_header_bytes=max_header_bytes,
        reuse_after_stream=True,
        made=lambda _: None,
        settled=lambda connection: settled.append(connection.reusable),
        lost=lambda _: None,
    )
    connection = Connection(hooks, asyncio.get_running_loop())
    connection.connection_made(wire)
    return connection


@st.composite
def responses(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A valid response, and its body."""
    body = draw(st.binary(max_size=300))
    interim = b"HTTP/1.1 103 Early\r\nLink: <x>\r\n\r\n" * draw(st.integers(0, 2))
    head = interim + b"HTTP/1.1 200 OK\r\nX-Name: value\r\n"
    if draw(st.booleans()):
        return head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body), body
    wire = head + b"transfer-encoding:  Chunked\r\n\r\n"
    rest = body
    while rest:
        size = draw(st.integers(1, len(rest)))
        extension = draw(st.sampled_from([b"", b";a", b";a=b", b';a="b;c"']))
        wire += b"%x%b\r\n%b\r\n" % (size, extension, rest[:size])
        rest = rest[size:]
    trailer = draw(st.sampled_from([b"", b"X-Late: 1\r\n", b"X-Late: 1\r\nX-Later: 2\r\n"]))
    return wire + b"0\r\n" + trailer + b"\r\n", body


def cut(wire: bytes, places: Sequence[int]) -> list[bytes]:
    """Cut at each place that lies inside."""
    edges = [0, *sorted({place for place in places if 0 < place < len(wire)}), len(wire)]
    return [wire[start:end] for start, end in itertools.pairwise(edges)]


@given(st.lists(st.tuples(responses(), st.lists(st.integers(1, 900), max_size=40)), max_size=4))
def test_responses_when_cut_anyhow_then_each_head_and_body_is_exact(
    script: list[tuple[tuple[bytes, bytes], list[int]]],
) -> None:
    async def run() -> None:
        settled: list[bool] = []
        wire = Wire()
        connection = connect(wire, settled)
        for (sent, body), places in script:
            response = connection.start(b"GET / HTTP/1.1\r\n\r\n", b"")
            for piece in cut(sent, places):
                assert not response.ended
                connection.data_received(piece)
            assert response.ended
            assert response.status == 200
            assert response.headers[b"x-name"] == b"value"
            assert set(response.headers) <= {b"x-name", b"content-length", b"transfer-encoding"}
            assert await response.read(1000) == body
        assert settled == [True] * len(script)
        assert not wire.aborted

    asyncio.run(run())


@given(st.binary(max_size=200), st.lists(st.integers(1, 200), max_size=10))
def test_bytes_when_random_then_an_end_or_one_error_and_no_exception(
    garbage: bytes, places: list[int]
) -> None:
    """No byte from a peer may raise into the event loop."""

    async def run() -> None:
        settled: list[bool] = []
        connection = connect(Wire(), settled, max_header_bytes=64)
        response = connection.start(b"GET / HTTP/1.1\r\n\r\n", b"")
        for piece in cut(b"HTTP/1.1 200 OK\r\n" + garbage, places):
            connection.data_received(piece)
        connection.eof_received()
        connection.connection_lost(None)
        assert len(settled) == 1
        assert response.ended is (response.error is None)

    asyncio.run(run())


async def test_response_when_it_ends_during_a_pause_then_the_connection_listens_again() -> None:
    """A transport may hand over one more read after it was told to pause."""
    settled: list[bool] = []
    wire = Wire()
    connection = connect(wire, settled)
    response = connection.start(b"GET / HTTP/1.1\r\n\r\n", b"")
    connection.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + bytes(299999))
    assert not wire.reading
    connection.data_received(b"!")
    assert wire.reading
    assert settled == [True]
    assert len(await response.read(300000)) == 300000
