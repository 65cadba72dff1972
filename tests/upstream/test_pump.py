"""Handing a body on in the moment in which it arrives."""

import asyncio

import pytest

from upstream.peer import Peer
from weft.upstream import ConnectionClosed

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Sink:
    """Takes pieces; can ask for a pause, or fail."""

    def __init__(self, *, hold: bool = False, failure: Exception | None = None) -> None:
        self.data = b""
        self.hold = hold
        self.failure = failure
        self.room = asyncio.Event()
        self.waits = 0

    def __call__(self, piece: bytes) -> bool:
        if self.failure is not None:
            raise self.failure
        self.data += piece
        return self.hold

    async def drained(self) -> None:
        self.waits += 1
        await self.room.wait()


async def test_pump_when_pieces_arrive_then_the_sink_has_them_in_order(peer: Peer) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(HEAD + b"2\r\nab\r\n")
    response, sink = await sending, Sink()
    pumping = asyncio.create_task(response.pump(sink, sink.drained))
    await peer.until(lambda: sink.data == b"ab")
    await link.send(b"1\r\nc\r\n")
    await peer.until(lambda: sink.data == b"abc")
    await link.send(b"1\r\nd\r\n0\r\n\r\n")
    await pumping
    assert sink.data == b"abcd"
    assert pool.in_flight == 0
    assert sink.waits == 0


async def test_pump_when_the_sink_is_full_then_reading_stops_until_there_is_room(
    peer: Peer,
) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(HEAD)
    response, sink = await sending, Sink(hold=True)
    pumping = asyncio.create_task(response.pump(sink, sink.drained))
    await link.send(b"2\r\nab\r\n")
    await peer.until(lambda: sink.waits == 1)
    (connection,) = pool.connections
    assert connection.paused
    await link.send(b"1\r\nc\r\n0\r\n\r\n")
    assert sink.data == b"ab"
    sink.hold = False
    sink.room.set()
    await pumping
    assert sink.data == b"abc"


async def test_pump_when_the_sink_fails_then_raises_it_and_the_peer_is_told(peer: Peer) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(HEAD)
    response, sink = await sending, Sink(failure=ValueError("no"))
    pumping = asyncio.create_task(response.pump(sink, sink.drained))
    await link.send(b"2\r\nab\r\n")
    with pytest.raises(ValueError, match="no"):
        await pumping
    await link.gone()
    assert pool.in_flight == 0


async def test_pump_when_the_body_breaks_off_then_raises_after_what_came(peer: Peer) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(HEAD + b"2\r\nab\r\n")
    response, sink = await sending, Sink()
    await link.close()
    with pytest.raises(ConnectionClosed):
        await response.pump(sink, sink.drained)
    assert sink.data == b"ab"


async def test_pump_when_cancelled_then_the_peer_is_told(peer: Peer) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(HEAD + b"2\r\nab\r\n")
    response, sink = await sending, Sink()
    pumping = asyncio.create_task(response.pump(sink, sink.drained))
    await peer.until(lambda: sink.data == b"ab")
    pumping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pumping
    await link.gone()
