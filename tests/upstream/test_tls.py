"""TLS and unix sockets, over the same exchanges as plain TCP."""

import asyncio
import dataclasses
import ssl
from pathlib import Path

import pytest

from upstream.peer import Peer
from weft.upstream import ConnectFailed, ConnectionClosed, ConnectTimeout, Timeouts, request_head

CERTS = Path(__file__).parent / "certs"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
BODY = bytes(range(256)) * 4096


async def listen(peer: Peer) -> None:
    """Let the peer speak TLS as localhost, and trust its authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTS / "server.pem")
    await peer.listen(tls=context)
    peer.origin = dataclasses.replace(peer.origin, ca_file=str(CERTS / "authority.pem"))


async def test_tls_when_the_authority_is_trusted_then_serves_and_is_reused(
    quiet_peer: Peer,
) -> None:
    await listen(quiet_peer)
    pool = quiet_peer.pool()
    head = request_head("POST", "/x", (), host=b"peer", content_length=len(BODY))
    link = None
    for _ in range(2):
        task = quiet_peer.ask(pool, head, BODY)
        link = link or await quiet_peer.accept()
        assert await link.answer(OK) == head + BODY
        assert (await task).body == b"hi"
    assert pool.dials == 1


@pytest.mark.parametrize(
    "change", [{"ca_file": None}, {"server_name": "other.example"}], ids=["authority", "name"]
)
async def test_tls_when_the_certificate_does_not_fit_then_connect_failed(
    quiet_peer: Peer, change: dict[str, str | None]
) -> None:
    await listen(quiet_peer)
    pool = quiet_peer.pool(origin=dataclasses.replace(quiet_peer.origin, **change))
    with pytest.raises(ConnectFailed, match="certificate") as caught:
        await quiet_peer.send(pool)
    assert not caught.value.sent


async def test_tls_when_the_name_is_another_but_given_then_serves(quiet_peer: Peer) -> None:
    await listen(quiet_peer)
    origin = dataclasses.replace(quiet_peer.origin, server_name="localhost")
    task = quiet_peer.ask(quiet_peer.pool(origin=origin))
    await (await quiet_peer.accept()).answer(OK)
    assert (await task).body == b"hi"


async def test_tls_when_the_peer_speaks_plain_http_then_connect_failed(peer: Peer) -> None:
    origin = dataclasses.replace(peer.origin, tls=True, ca_file=str(CERTS / "authority.pem"))
    sending = peer.send(peer.pool(origin=origin))
    await (await peer.accept()).send(b"HTTP/1.1 400 Plain\r\n\r\n")
    with pytest.raises(ConnectFailed):
        await sending


async def test_tls_when_the_handshake_stalls_then_connect_timeout(peer: Peer) -> None:
    origin = dataclasses.replace(peer.origin, tls=True, ca_file=str(CERTS / "authority.pem"))
    sending = peer.send(peer.pool(origin=origin, timeouts=Timeouts(connect_s=0.05)))
    link = await peer.accept()
    with pytest.raises(ConnectTimeout) as caught:
        await sending
    assert not caught.value.sent
    await link.gone()


async def test_tls_when_aborted_then_the_peer_sees_it(quiet_peer: Peer) -> None:
    await listen(quiet_peer)
    pool = quiet_peer.pool()
    sending = quiet_peer.send(pool)
    link = await quiet_peer.accept()
    await link.answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")
    response = await sending
    response.abort()
    await link.gone()


async def test_tls_body_without_length_when_closed_in_form_then_ends(quiet_peer: Peer) -> None:
    await listen(quiet_peer)
    task = quiet_peer.ask(quiet_peer.pool())
    link = await quiet_peer.accept()
    await link.answer(b"HTTP/1.1 200 OK\r\n\r\nhello")
    await link.close()
    assert (await task).body == b"hello"


async def test_tls_body_without_length_when_cut_off_then_connection_closed(
    quiet_peer: Peer,
) -> None:
    """RFC 9112 section 9.8: without close_notify the end may be an attacker's."""
    await listen(quiet_peer)
    pool = quiet_peer.pool()
    sending = quiet_peer.send(pool)
    link = await quiet_peer.accept()
    await link.answer(b"HTTP/1.1 200 OK\r\n\r\nhello")
    response = await sending
    assert await response.next() == b"hello"
    link.writer.transport.abort()
    with pytest.raises(ConnectionClosed):
        await response.next()


async def test_tls_body_when_the_consumer_is_slow_then_memory_is_bounded(
    quiet_peer: Peer,
) -> None:
    await listen(quiet_peer)
    size_bytes = 8 << 20
    pool = quiet_peer.pool()
    sending = quiet_peer.send(pool)
    link = await quiet_peer.accept()
    await link.request()
    link.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size_bytes)
    link.writer.write(bytes(size_bytes))
    response = await sending
    (connection,) = pool.connections
    await quiet_peer.until(lambda: connection.paused)
    for _ in range(100):
        await asyncio.sleep(0)
    assert response.buffered_bytes <= 1 << 20
    assert len(await response.read(size_bytes)) == size_bytes


async def test_unix_socket_when_asked_then_serves(quiet_peer: Peer, tmp_path: Path) -> None:
    await quiet_peer.listen(unix_path=tmp_path / "s")
    pool = quiet_peer.pool()
    link = None
    for _ in range(2):
        task = quiet_peer.ask(pool)
        link = link or await quiet_peer.accept()
        await link.answer(OK)
        assert (await task).body == b"hi"
    assert pool.dials == 1


async def test_unix_socket_when_missing_then_connect_failed(peer: Peer, tmp_path: Path) -> None:
    origin = dataclasses.replace(peer.origin, unix_path=str(tmp_path / "none"))
    with pytest.raises(ConnectFailed, match="unix socket"):
        await peer.send(peer.pool(origin=origin))
