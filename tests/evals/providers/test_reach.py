"""The way to a provider where names and servers do not play fair."""

import asyncio
import socket
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from weft.evals.providers.book import Way, refused_by
from weft.evals.providers.reach import ProviderAddressRefused, Reach, place_of
from weft.evals.providers.seal import KeySeal, KeyUnreadable
from weft.evals.providers.shelf import model_object_id
from weft.evals.providers.types import Provider, parse_custom
from weft.upstream.guard import Guard

OPEN = Guard.of(["127.0.0.1"])


class Answers(BaseHTTPRequestHandler):
    """Redirects everything, and keeps what it was asked."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        """Lead to another place."""
        self.asked.append((self.path, self.headers["host"]))
        self.send_response(302)
        self.send_header("location", "http://169.254.169.254/latest/meta-data")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
        """Say nothing."""


@pytest.fixture
def server() -> Generator[int]:
    Answers.asked.clear()
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join(5)


def lead_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Have names lead to one address after the other; the names that were looked up."""
    left, names = list(addresses), list[str]()

    async def getaddrinfo(host: str, port: int, **_more: object) -> list[object]:
        names.append(host)
        found = left.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    return names


async def test_name_when_it_is_bound_anew_then_judged_address_is_dialled_and_the_new_one_refused(
    monkeypatch: pytest.MonkeyPatch, server: int
) -> None:
    names = lead_to(monkeypatch, "127.0.0.1", "127.0.0.2")
    reach, place = Reach(OPEN), place_of(f"http://rebound.example:{server}/v1", {})
    pool = await reach.pool(place)
    response = await pool.send(place.head("GET", "/models", "").render(None))
    await response.read(1024)
    assert names == ["rebound.example"], "looked up once for the request"
    assert Answers.asked == [("/v1/models", f"rebound.example:{server}")]
    with pytest.raises(ProviderAddressRefused, match=r"127\.0\.0\.2"):
        await reach.pool(place)
    await reach.close()


async def test_redirect_when_answered_then_not_followed_and_told(server: int) -> None:
    reach, place = Reach(OPEN), place_of(f"http://127.0.0.1:{server}/v1", {})
    pool = await reach.pool(place)
    response = await pool.send(place.head("GET", "/models", "").render(None))
    raw = await response.read(1024)
    assert response.status == 302
    assert len(Answers.asked) == 1
    way = Way(Provider("p", "", {}, "", (), "", 0, 0, ""), place, "")
    assert "redirect" in refused_by(way, response.status, raw).message
    await reach.close()


def test_error_when_a_provider_repeats_the_key_then_left_out() -> None:
    way = Way(
        Provider("p", "", {}, "", (), "", 0, 0, ""), place_of("http://example.org", {}), "sk-1"
    )
    error = refused_by(way, 401, b"no such key: sk-1")
    assert b"sk-1" not in error.envelope()


def test_key_when_sealed_by_an_earlier_version_then_opens_and_else_says_what_to_do() -> None:
    context = ("project", "provider", "https://example.org")
    sealed = bytes.fromhex("4b0731e36f7fba24be0e76b71434548dbc05f8d59fb4df548e79843a2f2ae58f")
    assert KeySeal(b"a" * 32).open(sealed, context) == "sk-1"
    with pytest.raises(KeyUnreadable, match="cannot be read"):
        KeySeal(b"b" * 32).open(sealed, context)


def test_names_when_taken_apart_then_as_they_were_put_together() -> None:
    found = parse_custom("custom::router::vendor/model:free::beta")
    assert found is not None
    assert (found.provider, found.model) == ("router", "vendor/model:free::beta")
    assert str(found) == "custom::router::vendor/model:free::beta"
    for other in ("weft/tiny-chat", "custom::", "custom::a", "custom::a::", "custom::a b::c"):
        assert parse_custom(other) is None
    ids = {model_object_id("p", "m" * 200 + end) for end in "ab"}
    assert len(ids) == 2
    assert all(len(one) <= 128 for one in ids)
