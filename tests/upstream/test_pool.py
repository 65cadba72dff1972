"""Reuse, the one unseen retry, timeouts, cancellation and closing."""

import asyncio
import gc
import socket
import weakref

import pytest

from upstream.peer import Link, Peer
from weft.upstream import (
    ConnectFailed,
    ConnectionClosed,
    FirstByteTimeout,
    Origin,
    Pool,
    ProtocolViolation,
    Timeouts,
    request_head,
)

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
STREAM = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"
LAST_CHUNK = b"0\r\n\r\n"


async def rested_link(peer: Peer, pool: Pool) -> Link:
    """The peer's side of a connection that has served one request and rests."""
    task = peer.ask(pool)
    link = await peer.accept()
    await link.answer(OK)
    assert (await task).body == b"hi"
    return link


async def test_connection_when_rested_then_is_reused(peer: Peer) -> None:
    pool = peer.pool()
    link = await rested_link(peer, pool)
    for _ in range(3):
        task = peer.ask(pool)
        await link.answer(OK)
        assert (await task).body == b"hi"
    assert (pool.dials, peer.links_made) == (1, 1)


async def two_rested_links(peer: Peer, pool: Pool) -> tuple[Link, Link]:
    """Two resting connections, the second of which was used last."""
    tasks = [peer.ask(pool), peer.ask(pool)]
    links = (await peer.accept(), await peer.accept())
    for task, link in zip(tasks, links, strict=True):
        await link.answer(OK)
        await task
    return links


async def test_connections_when_several_rest_then_the_last_one_serves(peer: Peer) -> None:
    pool = peer.pool()
    _, last = await two_rested_links(peer, pool)
    task = peer.ask(pool)
    await last.answer(OK)
    assert (await task).body == b"hi"
    assert pool.dials == 2


@pytest.mark.parametrize("header", [b"Connection: close", b"X: y"])
async def test_connection_when_close_announced_then_is_not_reused(
    peer: Peer, header: bytes
) -> None:
    pool = peer.pool()
    task = peer.ask(pool)
    link = await peer.accept()
    closing = header.startswith(b"Connection")
    await link.answer(b"HTTP/1.1 200 OK\r\n%b\r\nContent-Length: 2\r\n\r\nhi" % header)
    await task
    if closing:
        await link.gone()
    task = peer.ask(pool)
    await (await peer.accept() if closing else link).answer(OK)
    await task
    assert pool.dials == (2 if closing else 1)


@pytest.mark.parametrize("reuse", [True, False])
async def test_connection_when_streams_are_not_to_be_reused_then_only_lengths_are(
    peer: Peer, reuse: bool
) -> None:
    pool = peer.pool(reuse_after_stream=reuse)
    link = await rested_link(peer, pool)
    task = peer.ask(pool)
    await link.answer(STREAM + LAST_CHUNK)
    assert (await task).body == b"hi"
    assert pool.dials == 1
    if not reuse:
        await link.gone()
    task = peer.ask(pool)
    await (link if reuse else await peer.accept()).answer(OK)
    await task
    assert pool.dials == (1 if reuse else 2)


async def test_resting_connection_when_peer_closes_then_is_dropped_at_once(peer: Peer) -> None:
    pool = peer.pool()
    link = await rested_link(peer, pool)
    await link.close()
    await link.gone()
    await peer.until(lambda: not pool.connections)
    task = peer.ask(pool)
    await (await peer.accept()).answer(OK)
    await task


async def test_resting_connection_when_bytes_arrive_then_is_closed(peer: Peer) -> None:
    pool = peer.pool()
    link = await rested_link(peer, pool)
    await link.send(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
    await link.gone()
    task = peer.ask(pool)
    await (await peer.accept()).answer(OK)
    assert (await task).status == 200


async def test_resting_connections_when_beyond_max_idle_then_closed(peer: Peer) -> None:
    pool = peer.pool(max_idle=1)
    tasks = [peer.ask(pool) for _ in range(3)]
    links = [await peer.accept() for _ in tasks]
    for link in links:
        await link.answer(OK)
    await asyncio.gather(*tasks)
    gone = {asyncio.create_task(link.gone()) for link in links}
    while len(gone) > 1:
        _, gone = await asyncio.wait(gone, return_when=asyncio.FIRST_COMPLETED)
    assert len(pool.connections) == 1
    await pool.close()
    await asyncio.gather(*gone)


async def test_resting_connection_when_its_lifetime_is_over_then_closed(peer: Peer) -> None:
    pool = peer.pool(idle_lifetime_s=0.05)
    await (await rested_link(peer, pool)).gone()


@pytest.mark.parametrize("reset", [False, True], ids=["close", "reset"])
async def test_reused_connection_when_it_ends_unanswered_then_sent_once_more(
    peer: Peer, reset: bool
) -> None:
    pool = peer.pool()
    link = await rested_link(peer, pool)
    task = peer.ask(pool)
    first = await link.request()
    link.reset() if reset else await link.close()
    second = await (await peer.accept()).answer(OK)
    assert (await task).body == b"hi"
    assert first == second
    assert pool.dials == 2


async def test_reused_connection_when_the_retry_ends_unanswered_too_then_fails(
    peer: Peer,
) -> None:
    pool = peer.pool()
    # The retry must not land on the other resting connection, which may be as stale.
    _, last = await two_rested_links(peer, pool)
    sending = peer.send(pool)
    await last.request()
    await last.close()
    fresh = await peer.accept()
    await fresh.request()
    await fresh.close()
    with pytest.raises(ConnectionClosed) as caught:
        await sending
    assert (caught.value.sent, caught.value.responded) == (True, False)
    assert (pool.dials, peer.links_made) == (3, 3)


async def test_reused_connection_when_the_retry_cannot_connect_then_sent_is_still_true(
    peer: Peer,
) -> None:
    pool = peer.pool()
    link = await rested_link(peer, pool)
    sending = peer.send(pool)
    await link.request()
    peer.stop_listening()
    await link.close()
    with pytest.raises(ConnectFailed) as caught:
        await sending
    assert (caught.value.sent, caught.value.responded) == (True, False)


@pytest.mark.parametrize("byte", [b"H", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_reused_connection_when_a_byte_was_seen_then_is_not_retried(
    peer: Peer, byte: bytes
) -> None:
    pool = peer.pool()
    link = await rested_link(peer, pool)
    sending = peer.send(pool)
    await link.answer(byte)
    await peer.consumed(pool, len(byte))
    await link.close()
    with pytest.raises(ConnectionClosed) as caught:
        await sending
    assert caught.value.responded
    assert pool.dials == 1


async def test_reused_connection_when_garbage_or_silence_then_is_not_retried(peer: Peer) -> None:
    pool = peer.pool(timeouts=Timeouts(first_byte_s=0.05))
    link = await rested_link(peer, pool)
    sending = peer.send(pool)
    await link.answer(b"nonsense\r\n\r\n")
    with pytest.raises(ProtocolViolation):
        await sending
    link = await rested_link(peer, pool)
    sending = peer.send(pool)
    await link.request()
    with pytest.raises(FirstByteTimeout):
        await sending
    assert pool.dials == 2


async def test_send_when_refused_then_connect_failed(quiet_peer: Peer) -> None:
    await quiet_peer.listen()
    with socket.socket() as taken:  # bound but not listening: nobody else gets this port
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        pool = quiet_peer.pool(origin=Origin("127.0.0.1", port))
        with pytest.raises(ConnectFailed) as caught:
            await quiet_peer.send(pool)
    assert (caught.value.sent, caught.value.responded) == (False, False)


async def test_close_when_exchanges_are_open_then_they_fail_and_no_more_start(
    peer: Peer,
) -> None:
    pool = peer.pool()
    await rested_link(peer, pool)
    waiting = [peer.send(pool), peer.send(pool)]  # one on the connection that rested
    await peer.accept()
    await asyncio.sleep(0)
    dialling = peer.send(pool)
    await asyncio.sleep(0)
    await pool.close()
    await pool.close()
    for task in waiting:
        with pytest.raises((ConnectionClosed, ConnectFailed)):
            await task
    with pytest.raises(ConnectFailed, match="closed"):
        await dialling
    with pytest.raises(ConnectFailed, match="closed"):
        await peer.send(pool)
    assert pool.connections == frozenset()


async def test_pool_when_nothing_is_open_then_no_timer_holds_it(peer: Peer) -> None:
    pool = Pool(peer.origin, idle_lifetime_s=0.05)
    link = await rested_link(peer, pool)
    await link.gone()
    dropped = asyncio.Event()
    weakref.finalize(pool, dropped.set)
    del pool
    async with asyncio.timeout(10):
        while not dropped.is_set():
            gc.collect()
            await asyncio.sleep(0.01)


async def test_streams_when_two_hundred_run_at_once_then_each_gets_its_own(peer: Peer) -> None:
    pool = peer.pool()

    async def serve(link: Link) -> None:
        name = (await link.request()).partition(b"\r\n\r\n")[2]
        await link.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(20):
            await link.send(b"%x\r\n%b\r\n" % (len(name), name))
            await asyncio.sleep(0)
        await link.send(LAST_CHUNK)

    bodies = [b"stream-%d." % number for number in range(200)]
    tasks = [
        peer.ask(pool, request_head("POST", "/x", (), host=b"peer", content_length=len(body)), body)
        for body in bodies
    ]
    async with asyncio.TaskGroup() as group:
        for _ in bodies:
            group.create_task(serve(await peer.accept()))
    answers = await asyncio.gather(*tasks)
    assert [answer.body for answer in answers] == [body * 20 for body in bodies]
    assert (pool.dials, pool.in_flight, len(pool.connections)) == (200, 0, 200)


async def test_connection_when_made_then_nagle_is_off(peer: Peer) -> None:
    pool = peer.pool()
    await rested_link(peer, pool)
    (connection,) = pool.connections
    ours: socket.socket = connection.transport.get_extra_info("socket")
    assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
