"""A person's own user: e-mail, password and sessions."""

from collections.abc import AsyncIterator

import httpx
import pytest

from identity.door import PASSWORD, by_key, give_password, log_in, make_app
from identity.house import HandClock, House
from weft.identity.account.store import SEEN_EVERY
from weft.identity.logins import DEVICE_LIMIT_CHARS, FAILURES_LIMIT
from weft.identity.principal import Gate
from weft.identity.types import User

NEW = "battery staple"


@pytest.fixture
async def client(house: House, gate: Gate, secret: bytes) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(house, gate, secret))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
def ada(house: House) -> User:
    ada = house.user("ada")
    give_password(house, ada)
    return ada


async def change(
    client: httpx.AsyncClient, headers: dict[str, str], old: str = PASSWORD
) -> httpx.Response:
    wanted = {"old_password": old, "new_password": NEW}
    return await client.post("/api/me/password", headers=headers, json=wanted)


async def test_password_when_changed_then_the_old_is_asked_for_and_other_sessions_end(
    client: httpx.AsyncClient, house: House, ada: User, secret: bytes
) -> None:
    here, elsewhere = log_in(house, ada, secret), log_in(house, ada, secret)
    wrong = await change(client, here, "wrong")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "wrong_old_password")
    assert (await change(client, here)).status_code == 204
    assert (await client.get("/api/me", headers=here)).status_code == 200
    assert (await client.get("/api/me", headers=elsewhere)).status_code == 401
    for password, status in ((PASSWORD, 401), (NEW, 200)):
        login = {"username": "ada", "password": password}
        assert (await client.post("/api/login", json=login)).status_code == status


async def test_password_when_the_old_is_guessed_then_has_to_wait(
    client: httpx.AsyncClient, house: House, ada: User, secret: bytes, clock: HandClock
) -> None:
    headers = log_in(house, ada, secret)
    for _ in range(FAILURES_LIMIT):
        assert (await change(client, headers, "wrong")).status_code == 400
    assert (await change(client, headers)).json()["error"]["code"] == "too_many_logins"
    clock.advance(900)
    assert (await change(client, headers)).status_code == 204


async def test_password_when_there_is_none_then_says_how_to_get_one(
    client: httpx.AsyncClient, house: House, secret: bytes
) -> None:
    headers = log_in(house, house.user("sso"), secret)
    refused = await change(client, headers)
    assert refused.json()["error"]["code"] == "no_password"
    assert "reset-link" in refused.json()["error"]["metadata"]["remedy"]


async def test_email_when_changed_then_is_that_or_refused(
    client: httpx.AsyncClient, house: House, ada: User, secret: bytes
) -> None:
    headers = log_in(house, ada, secret)
    for email, status in (("ada@example.com", 204), ("none", 400), ("", 204)):
        answer = await client.patch("/api/me", headers=headers, json={"email": email})
        assert answer.status_code == status
    assert (await client.get("/api/me", headers=headers)).json()["email"] == ""
    foreign = {**headers, "sec-fetch-site": "cross-site"}
    wanted = {"email": "x@example.com"}
    assert (await client.patch("/api/me", headers=foreign, json=wanted)).status_code == 403


async def test_sessions_when_listed_then_tell_device_and_time_and_can_be_ended(
    client: httpx.AsyncClient, house: House, ada: User, secret: bytes, clock: HandClock
) -> None:
    login = {"username": "ada", "password": PASSWORD}
    browser = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64)\x7f" + "y" * 400}
    assert (await client.post("/api/login", json=login, headers=browser)).status_code == 200
    clock.advance(60)
    other, third = log_in(house, ada, secret), log_in(house, house.user("bob"), secret)
    by_manage = by_key(house, ada)
    sessions = "/api/me/sessions"
    newest, first = (await client.get(sessions)).json()["sessions"]
    assert (newest["device"], newest["is_this"]) == ("Testzilla", False)
    assert first["is_this"]
    assert first["device"].startswith("Mozilla/5.0")
    assert len(first["device"]) == DEVICE_LIMIT_CHARS
    assert "\x7f" not in first["device"]
    clock.advance(SEEN_EVERY.total_seconds())
    await client.get("/api/me")
    seen = (await client.get(sessions)).json()["sessions"][1]["seen_at"]
    assert seen > first["seen_at"]
    # A key sees them too, and none of them is its own.
    listed = (await client.get(sessions, headers=by_manage)).json()["sessions"]
    assert not any(one["is_this"] for one in listed)
    # Nobody ends another's.
    ended = await client.delete(f"{sessions}/{newest['id']}", headers=third)
    assert ended.status_code == 404
    assert (await client.delete(f"{sessions}/{newest['id']}")).status_code == 204
    assert (await client.get("/api/me", headers=other)).status_code == 401
    log_in(house, ada, secret)
    log_in(house, ada, secret)
    assert (await client.delete(sessions)).json() == {"ended": 2}
    assert (await client.get("/api/me")).status_code == 200
    assert (await client.get("/api/me", headers=third)).status_code == 200
