"""Reading a body: to its end, up to a bound, slowly, or not at all."""

import asyncio

import pytest

from upstream.peer import Peer
from weft.upstream import BodyTooLarge, ConnectionClosed

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
STREAM = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"
HIGH_WATER_BYTES = 256 * 1024
READ_BYTES = 256 * 1024  # what either event loop reads at once, at most


async def test_send_when_cancelled_then_the_connection_is_closed(peer: Peer) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.request()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert pool.in_flight == 0
    await link.gone()


async def test_next_when_cancelled_then_the_connection_is_closed(peer: Peer) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(STREAM)
    response = await sending
    assert await response.next() == b"hi"
    waiting = asyncio.create_task(response.next())
    await asyncio.sleep(0)
    assert pool.in_flight == 1
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert pool.in_flight == 0
    await link.gone()


async def test_task_when_cancelled_as_the_head_arrives_then_nothing_leaks(peer: Peer) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(STREAM)
    # The head wakes the task and the cancellation reaches it before it runs.
    (connection,) = pool.connections
    await peer.until(lambda: bool(connection.received_bytes))
    sending.cancel()
    await asyncio.wait([sending])
    if not sending.cancelled():
        (await sending).abort()
    await link.gone()


async def test_task_when_cancelled_while_dialling_then_nothing_leaks(peer: Peer) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    await asyncio.sleep(0)
    assert pool.in_flight == 1
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert pool.in_flight == 0


async def test_abort_when_streaming_then_the_peer_sees_it(peer: Peer) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(STREAM)
    response = await sending
    response.abort()
    response.abort()
    await link.gone()
    assert await response.next() == b"hi"
    with pytest.raises(ConnectionClosed, match="aborted"):
        await response.next()
    assert pool.in_flight == 0


async def test_abort_when_ended_then_the_connection_stays(peer: Peer) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(OK)
    response = await sending
    response.abort()
    assert await response.next() == b"hi"
    task = peer.ask(pool)
    await link.answer(OK)
    await task
    assert pool.dials == 1


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n",
    ],
    ids=["announced", "announced and here", "chunked", "chunked and here"],
)
async def test_read_when_the_body_exceeds_the_limit_then_body_too_large(
    peer: Peer, wire: bytes
) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(wire)
    await peer.consumed(pool, len(wire))
    response = await sending
    with pytest.raises(BodyTooLarge, match="10 bytes"):
        await response.read(10)
    assert pool.in_flight == 0
    assert response.chunks == []
    if not response.ended:
        await link.gone()


async def test_read_when_the_body_is_as_long_as_the_limit_then_whole(peer: Peer) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(STREAM)
    response = await sending
    reading = asyncio.create_task(response.read(4))
    await link.send(b"2\r\nho\r\n0\r\n\r\n")
    assert await reading == b"hiho"


async def test_read_when_the_body_breaks_off_then_raises(peer: Peer) -> None:
    sending = peer.send(peer.pool())
    link = await peer.accept()
    await link.answer(STREAM)
    response = await sending
    reading = asyncio.create_task(response.read(100))
    await link.close()
    with pytest.raises(ConnectionClosed):
        await reading


async def test_body_when_the_consumer_is_slow_then_memory_is_bounded(peer: Peer) -> None:
    size_bytes = 50 << 20
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.request()

    async def flood() -> None:
        await link.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size_bytes)
        for _ in range(50):
            await link.send(bytes(1 << 20))

    flooding = asyncio.create_task(flood())
    response = await sending
    (connection,) = pool.connections
    received_bytes = largest_bytes = pauses = 0
    while received_bytes < size_bytes:
        # Let the peer send until this side stops reading or has everything.
        await peer.until(lambda: connection.paused or response.ended)
        pauses += connection.paused
        largest_bytes = max(largest_bytes, response.buffered_bytes)
        received_bytes += len(await response.next())
    await flooding
    assert response.ended
    assert received_bytes == size_bytes
    assert pauses > 10
    assert HIGH_WATER_BYTES < largest_bytes <= HIGH_WATER_BYTES + READ_BYTES


async def test_body_when_the_peer_dies_during_a_pause_then_what_came_and_error(
    peer: Peer,
) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
    link.writer.write(bytes(4 << 20))
    response = await sending
    (connection,) = pool.connections
    await peer.until(lambda: bool(connection.paused))
    link.reset()
    with pytest.raises(ConnectionClosed):
        await response.read(1 << 30)


async def test_next_when_two_consumers_wait_then_assertion(peer: Peer) -> None:
    sending = peer.send(peer.pool())
    link = await peer.accept()
    await link.answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    response = await sending
    first = asyncio.create_task(response.next())
    await asyncio.sleep(0)
    with pytest.raises(AssertionError, match="one consumer"):
        await response.next()
    response.abort()
    with pytest.raises(ConnectionClosed):
        await first
