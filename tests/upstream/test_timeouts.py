"""Each stage of an exchange against a peer that is slower than it may be."""

import asyncio
import socket

import pytest

from upstream.peer import Peer
from weft.upstream import (
    ConnectTimeout,
    FirstByteTimeout,
    IdleTimeout,
    Origin,
    Timeouts,
    WriteTimeout,
    request_head,
)

STREAM = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"


def test_timeouts_when_not_above_zero_then_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        Timeouts(idle_s=0)


async def test_send_when_nobody_accepts_then_connect_timeout(quiet_peer: Peer) -> None:
    await quiet_peer.listen()
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port: int = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]  # Linux completes backlog + 1, then is mute
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        origin = Origin("127.0.0.1", port)
        pool = quiet_peer.pool(origin=origin, timeouts=Timeouts(connect_s=0.05))
        with pytest.raises(ConnectTimeout) as caught:
            await quiet_peer.send(pool)
        for filler in fillers:
            filler.close()
    assert (caught.value.sent, caught.value.responded) == (False, False)


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 2", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_head_when_it_does_not_come_then_first_byte_timeout(peer: Peer, start: bytes) -> None:
    sending = peer.send(peer.pool(timeouts=Timeouts(first_byte_s=0.05)))
    link = await peer.accept()
    await link.answer(start)
    with pytest.raises(FirstByteTimeout) as caught:
        await sending
    assert caught.value.sent
    assert caught.value.responded == bool(start)
    await link.gone()


async def test_head_when_it_drips_then_first_byte_timeout_all_the_same(peer: Peer) -> None:
    pool = peer.pool(timeouts=Timeouts(first_byte_s=0.2))
    sending = peer.send(pool)
    link = await peer.accept()
    await link.request()
    sent = 0
    while not sending.done():
        await link.send(b"HTTP/1.1 200 OK\r\nX: "[sent : sent + 1] or b"a")
        sent += 1
        await asyncio.wait([sending], timeout=0.01)
    with pytest.raises(FirstByteTimeout):
        await sending
    assert sent > 1


async def test_body_when_it_stops_then_idle_timeout(peer: Peer) -> None:
    sending = peer.send(peer.pool(timeouts=Timeouts(idle_s=0.05)))
    link = await peer.accept()
    await link.answer(STREAM)
    response = await sending
    assert await response.next() == b"hi"
    with pytest.raises(IdleTimeout):
        await response.next()
    await link.gone()


async def test_upload_when_the_peer_does_not_read_then_write_timeout(peer: Peer) -> None:
    body = bytes(32 << 20)
    head = request_head("POST", "/x", (), host=b"peer", content_length=len(body))
    sending = peer.send(peer.pool(timeouts=Timeouts(write_s=0.1)), head, body)
    link = await peer.accept()
    link.pause_reading()
    with pytest.raises(WriteTimeout) as caught:
        await sending
    assert caught.value.sent


async def test_body_when_the_consumer_is_slow_then_no_idle_timeout(peer: Peer) -> None:
    pool = peer.pool(timeouts=Timeouts(idle_s=0.1))
    sending = peer.send(pool)
    link = await peer.accept()
    size_bytes = 8 << 20
    await link.request()
    link.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size_bytes)
    link.writer.write(bytes(size_bytes))
    response = await sending
    await asyncio.sleep(0.3)  # the time itself is what is tested: three times the bound
    assert len(await response.read(size_bytes)) == size_bytes
