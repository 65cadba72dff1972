"""Framing: what a peer may send, in which pieces, and what it may not."""

import asyncio

import pytest

from upstream.peer import Peer
from weft.upstream import ConnectionClosed, ProtocolViolation, request_head

CHUNKED = (
    b"HTTP/1.1 200 Fine\r\nContent-Type: text/plain\r\nX-Empty:\r\nX-Two: a\r\nx-two: b\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
    b'5;name="va;lue"\r\nhello\r\n01\r\n \r\n5\r\nworld\r\n0\r\nX-Trailer: late\r\nX-More: t\r\n\r\n'
)
PLAIN = b"HTTP/1.1 404 No\r\nContent-Length: 11\r\nContent-Type: a/b\r\n\r\nhello world"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"


@pytest.mark.parametrize("wire", [CHUNKED, PLAIN, INTERIM + PLAIN], ids=["chunked", "plain", "1xx"])
async def test_response_when_split_anywhere_then_is_the_same(peer: Peer, wire: bytes) -> None:
    pool = peer.pool()
    expected_status = 404 if wire.endswith(PLAIN) else 200
    link = None
    for cut in range(1, len(wire)):
        task = peer.ask(pool)
        link = link or await peer.accept()
        await link.answer(wire[:cut])
        await peer.consumed(pool, cut)
        await link.send(wire[cut:])
        answer = await task
        assert answer.status == expected_status
        assert answer.body == b"hello world"
        assert b"link" not in answer.headers
        assert b"x-trailer" not in answer.headers
    assert pool.dials == 1


@pytest.mark.parametrize("wire", [CHUNKED, PLAIN], ids=["chunked", "plain"])
async def test_response_when_byte_by_byte_then_is_the_same(peer: Peer, wire: bytes) -> None:
    pool = peer.pool()
    task = peer.ask(pool)
    link = await peer.accept()
    await link.request()
    for sent, byte in enumerate(wire, start=1):
        await link.send(bytes([byte]))
        await peer.consumed(pool, sent)
    assert (await task).body == b"hello world"


async def test_headers_when_repeated_then_lower_case_and_joined(peer: Peer) -> None:
    task = peer.ask(peer.pool())
    await (await peer.accept()).answer(CHUNKED)
    assert (await task).headers == {
        b"content-type": b"text/plain",
        b"x-empty": b"",
        b"x-two": b"a, b",
        b"transfer-encoding": b"chunked",
    }


async def test_chunks_of_one_read_then_are_one_piece(peer: Peer) -> None:
    sending = peer.send(peer.pool())
    await (await peer.accept()).answer(CHUNKED)
    response = await sending
    assert await response.next() == b"hello world"
    assert response.ended
    assert await response.next() == b""


async def test_body_when_no_length_then_ends_with_the_connection(peer: Peer) -> None:
    pool = peer.pool()
    task = peer.ask(pool)
    link = await peer.accept()
    await link.answer(b"HTTP/1.1 200 OK\r\n\r\nhello")
    await peer.consumed(pool, 24)
    await link.send(b" world")
    await link.close()
    assert (await task).body == b"hello world"
    task = peer.ask(pool)
    await (await peer.accept()).answer(PLAIN)
    assert (await task).body == b"hello world"
    assert pool.dials == 2


async def test_body_when_http_1_0_then_is_read_and_not_reused(peer: Peer) -> None:
    pool = peer.pool()
    task = peer.ask(pool)
    link = await peer.accept()
    await link.answer(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    assert (await task).body == b"hi"
    await link.gone()


@pytest.mark.parametrize("status", [204, 304])
async def test_body_when_status_has_none_then_ends_and_is_reused(peer: Peer, status: int) -> None:
    pool = peer.pool()
    link = None
    for _ in range(2):
        task = peer.ask(pool)
        link = link or await peer.accept()
        await link.answer(b"HTTP/1.1 %d X\r\nETag: 1\r\nContent-Length: 9\r\n\r\n" % status)
        answer = await task
        assert (answer.status, answer.body) == (status, b"")
    assert pool.dials == 1


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 99999999999",
        b"Transfer-Encoding: chunked",
        b"X: y",
        b"Content-Length: 4\r\n\r\nevil",
    ],
)
async def test_body_when_head_asked_then_none_is_awaited(peer: Peer, framing: bytes) -> None:
    head = request_head("HEAD", "/x", (), host=b"peer", content_length=None)
    task = peer.ask(peer.pool(), head)
    link = await peer.accept()
    await link.answer(b"HTTP/1.1 200 OK\r\n%b\r\n\r\n" % framing)
    answer = await task
    assert (answer.status, answer.body) == (200, b"")
    await link.gone()


GARBAGE = {
    "not http": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "not http/1": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
    "length and chunked": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    "chunked and length": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc",
    "length too long": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    "gzip coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "unknown coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\nabc",
    "nul in header": b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
    "space in name": b"HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
    "folded header": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 1\n\na",
    "status 099": b"HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n",
    "upgrade": b"HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\nabc",
    "bare 101": b"HTTP/1.1 101 X\r\n\r\nabc",
    "large header": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 5000 + b"\r\nContent-Length: 0\r\n\r\n",
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"Content-Length: 0\r\n\r\n",
    "interim flood": b"HTTP/1.1 100 X\r\n\r\n" * 17 + PLAIN,
    "interim that closes": b"HTTP/1.1 100 X\r\nConnection: close\r\n\r\n" + PLAIN,
}


@pytest.mark.parametrize("wire", GARBAGE.values(), ids=GARBAGE.keys())
async def test_head_when_garbage_then_violation_and_closed(peer: Peer, wire: bytes) -> None:
    sending = peer.send(peer.pool())
    link = await peer.accept()
    await link.answer(wire)
    with pytest.raises(ProtocolViolation) as caught:
        await sending
    assert caught.value.sent
    assert caught.value.responded
    await link.gone()


@pytest.mark.parametrize("endless", [b"HTTP/1.1 200 ", b"HTTP/1.1 200 OK\r\nX: "])
async def test_head_when_it_never_ends_then_violation(peer: Peer, endless: bytes) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(endless)
    for sent in range(1, 6):
        await link.send(b"a" * 1000)
        await peer.consumed(pool, len(endless) + 1000 * sent)
    with pytest.raises(ProtocolViolation, match="too large"):
        await sending
    await link.gone()


async def test_interim_responses_when_within_bound_then_skipped(peer: Peer) -> None:
    task = peer.ask(peer.pool())
    await (await peer.accept()).answer(b"HTTP/1.1 103 X\r\nA: b\r\n\r\n" * 16 + PLAIN)
    assert (await task).status == 404


BROKEN_CHUNKS = {
    "not hex": b"xyz\r\n",
    "negative": b"-1\r\n",
    "overflow": b"fffffffffffffffff\r\n",
    "longer than said": b"3\r\nabcd\r\n",
    "bare line feed": b"3\nabc\n",
    "length in trailer": b"0\r\nContent-Length: 5\r\n\r\n",
}


@pytest.mark.parametrize("wire", BROKEN_CHUNKS.values(), ids=BROKEN_CHUNKS.keys())
async def test_body_when_a_chunk_is_broken_then_what_came_and_violation(
    peer: Peer, wire: bytes
) -> None:
    sending = peer.send(peer.pool())
    link = await peer.accept()
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    await link.answer(head + b"4\r\ngood\r\n" + wire)
    response = await sending
    got = await response.next()
    assert got in (b"good", b"goodabc")
    with pytest.raises(ProtocolViolation):
        await response.next()
    assert not response.ended
    await link.gone()


@pytest.mark.parametrize("endless", [b"4;", b"0\r\nX-Trailer: ", b"0\r\n"])
@pytest.mark.parametrize("unread", [b"", b"2\r\nhi\r\n"])
async def test_body_when_framing_never_ends_then_violation(
    peer: Peer, endless: bytes, unread: bytes
) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    start = head + unread + endless
    await link.answer(start)
    await peer.consumed(pool, len(start))
    more = b"X: y\r\n" * 166 if endless.endswith(b"\r\n") else b"a" * 996
    for sent in range(1, 6):
        await link.send(more)
        await peer.consumed(pool, len(start) + 996 * sent)
    response = await sending
    if unread:
        assert await response.next() == b"hi"
    with pytest.raises(ProtocolViolation, match="endless"):
        await response.next()
    await link.gone()


SURPLUS = [b"x", b"H", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"]


@pytest.mark.parametrize("surplus", SURPLUS)
@pytest.mark.parametrize("keep", [b"keep-alive", b"close"])
async def test_bytes_after_the_end_when_in_one_read_then_violation(
    peer: Peer, surplus: bytes, keep: bytes
) -> None:
    sending = peer.send(peer.pool())
    link = await peer.accept()
    head = b"HTTP/1.1 200 OK\r\nConnection: %b\r\nContent-Length: 2\r\n\r\nhi" % keep
    await link.answer(head + surplus)
    response = await sending
    assert await response.next() == b"hi"
    with pytest.raises(ProtocolViolation, match="after the end"):
        await response.next()
    await link.gone()


EARLY = {
    "before any byte": b"",
    "in the status line": b"HTTP/1.1 2",
    "in the headers": b"HTTP/1.1 200 OK\r\nContent-Len",
    "after an interim": INTERIM,
}


@pytest.mark.parametrize("wire", EARLY.values(), ids=EARLY.keys())
@pytest.mark.parametrize("reset", [False, True], ids=["close", "reset"])
async def test_connection_when_it_ends_before_the_head_then_closed(
    peer: Peer, wire: bytes, reset: bool
) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(wire)
    await peer.consumed(pool, len(wire))
    link.reset() if reset else await link.close()
    with pytest.raises(ConnectionClosed) as caught:
        await sending
    assert caught.value.sent
    assert caught.value.responded == bool(wire)
    assert pool.dials == 1


TRUNCATED = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nsome",
    "in a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nsome",
    "between chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n",
    "in the trailer": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n0\r\n",
}


@pytest.mark.parametrize("wire", TRUNCATED.values(), ids=TRUNCATED.keys())
@pytest.mark.parametrize("reset", [False, True], ids=["close", "reset"])
async def test_connection_when_it_ends_inside_the_body_then_what_came_and_closed(
    peer: Peer, wire: bytes, reset: bool
) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(wire)
    await peer.consumed(pool, len(wire))
    link.reset() if reset else await link.close()
    response = await sending
    assert await response.next() == b"some"
    with pytest.raises(ConnectionClosed, match="inside the body") as caught:
        await response.next()
    assert caught.value.responded


async def test_body_without_length_when_reset_then_closed(peer: Peer) -> None:
    pool = peer.pool()
    sending = peer.send(pool)
    link = await peer.accept()
    await link.answer(b"HTTP/1.1 200 OK\r\n\r\nsome")
    response = await sending
    await peer.consumed(pool, 23)
    link.reset()
    assert await response.next() == b"some"
    with pytest.raises(ConnectionClosed):
        await response.next()


async def test_body_when_chunks_outnumber_all_bounds_then_is_whole(peer: Peer) -> None:
    """The bound on framing counts only reads without a byte of the body."""
    pool = peer.pool()
    task = peer.ask(pool)
    link = await peer.accept()
    await link.answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(200):
        await link.send(b"1;%b\r\nx\r\n" % (b"e" * 100))
        await asyncio.sleep(0)
    await link.send(b"0\r\n\r\n")
    assert (await task).body == b"x" * 200
