"""Large request bodies: at the peer's pace, and given up when an answer comes first."""

import asyncio

import pytest

from upstream.peer import Peer
from weft.upstream import ConnectionClosed, request_head

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
BODY = bytes(range(256)) * 64 * 1024  # 16 MiB, more than socket buffers hold


def head_for(body: bytes) -> bytes:
    return request_head("POST", "/x", (), host=b"peer", content_length=len(body))


@pytest.mark.parametrize("size_bytes", [0, 1, 65535, 65536, 65537, 131072, 131073, 1 << 20])
async def test_body_when_of_any_size_then_arrives_unchanged(peer: Peer, size_bytes: int) -> None:
    body = BODY[:size_bytes]
    pool = peer.pool()
    link = None
    for _ in range(2):
        task = peer.ask(pool, head_for(body), body)
        link = link or await peer.accept()
        assert await link.answer(OK) == head_for(body) + body
        assert (await task).body == b"hi"
    assert pool.dials == 1


async def test_upload_when_the_peer_reads_slowly_then_memory_is_bounded(peer: Peer) -> None:
    pool = peer.pool()
    task = peer.ask(pool, head_for(BODY), BODY)
    link = await peer.accept()
    (connection,) = pool.connections
    for _ in range(100):  # time enough to write it all, were there no bound
        await asyncio.sleep(0)
    assert 0 < connection.transport.get_write_buffer_size() <= 3 * 65536
    assert await link.answer(OK) == head_for(BODY) + BODY
    await task


async def test_upload_when_answered_early_then_answer_and_no_reuse(peer: Peer) -> None:
    pool = peer.pool()
    task = peer.ask(pool, head_for(BODY), BODY)
    link = await peer.accept()
    await link.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
    answer = await task
    assert (answer.status, answer.body) == (413, b"no")
    await link.gone()
    task = peer.ask(pool)
    await (await peer.accept()).answer(OK)
    await task
    assert pool.dials == 2


async def test_upload_when_the_peer_closes_then_connection_closed(peer: Peer) -> None:
    pool = peer.pool()
    sending = peer.send(pool, head_for(BODY), BODY)
    link = await peer.accept()
    link.reset()
    with pytest.raises(ConnectionClosed) as caught:
        await sending
    assert caught.value.sent
    assert pool.dials == 1


async def test_upload_when_the_reused_connection_was_stale_then_sent_once_more(
    peer: Peer,
) -> None:
    pool = peer.pool()
    task = peer.ask(pool)
    link = await peer.accept()
    await link.answer(OK)
    await task
    task = peer.ask(pool, head_for(BODY), BODY)
    link.reset()
    assert await (await peer.accept()).answer(OK) == head_for(BODY) + BODY
    assert (await task).body == b"hi"
    assert pool.dials == 2


async def test_upload_when_cancelled_then_the_connection_is_closed(peer: Peer) -> None:
    pool = peer.pool()
    sending = peer.send(pool, head_for(BODY), BODY)
    link = await peer.accept()
    await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert pool.in_flight == 0
    await link.gone()
