"""Password resets as an administrator and the user see them."""

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import text

from identity.door import PASSWORD, give_password, log_in, make_app
from identity.house import HandClock, House
from weft.identity.people import disable_user
from weft.identity.principal import Gate
from weft.identity.resets.store import RESET_TTL
from weft.identity.types import User, UserKind

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


@pytest.fixture
def as_root(house: House, secret: bytes) -> dict[str, str]:
    root = house.user("root")
    with house.database.write() as connection:
        connection.execute(text("UPDATE identity_user SET is_admin = true WHERE username = 'root'"))
    return log_in(house, root, secret)


async def make(client: httpx.AsyncClient, headers: dict[str, str], name: str = "ada") -> str:
    answer = await client.post(f"/api/users/{name}/reset-link", headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["url"].removeprefix("http://test/reset/")


async def use(client: httpx.AsyncClient, token: str, password: str = NEW) -> int:
    answer = await client.post("/api/resets/use", json={"token": token, "password": password})
    return answer.status_code


async def test_reset_when_used_then_sets_the_password_once_and_ends_every_session(
    client: httpx.AsyncClient, house: House, ada: User, as_root: dict[str, str], secret: bytes
) -> None:
    elsewhere = log_in(house, ada, secret)
    token = await make(client, as_root)
    shown = await client.post("/api/resets/find", json={"token": token})
    assert shown.json()["username"] == "ada"
    assert await use(client, token, "short") == 400
    foreign = await client.post(
        "/api/resets/use",
        json={"token": token, "password": NEW},
        headers={"sec-fetch-site": "cross-site"},
    )
    assert foreign.status_code == 403
    assert await use(client, token) == 200
    assert (await client.get("/api/me")).json()["username"] == "ada"
    client.cookies.clear()
    assert (await client.get("/api/me", headers=elsewhere)).status_code == 401
    assert await use(client, token, "another one") == 404
    for password, status in ((PASSWORD, 401), (NEW, 200)):
        login = {"username": "ada", "password": password}
        assert (await client.post("/api/login", json=login)).status_code == status


async def test_reset_when_no_longer_meant_then_is_no_good(
    client: httpx.AsyncClient, house: House, ada: User, as_root: dict[str, str], clock: HandClock
) -> None:
    first = await make(client, as_root)
    second = await make(client, as_root)
    assert await use(client, first) == 404  # a newer one replaced it
    give_password(house, ada)  # a new password ends links as well
    assert await use(client, second) == 404
    third = await make(client, as_root)
    clock.advance(RESET_TTL.total_seconds())
    assert await use(client, third) == 404
    fourth = await make(client, as_root)
    with house.database.write() as connection:
        kept = repr(connection.execute(text("SELECT * FROM identity_reset")).all())
        disable_user(connection, ada.id, clock.now())
    assert fourth not in kept
    assert await use(client, fourth) == 404


async def test_reset_when_not_an_administrator_asks_then_refuses(
    client: httpx.AsyncClient, house: House, ada: User, as_root: dict[str, str], secret: bytes
) -> None:
    house.user("bot", kind=UserKind.SERVICE)
    path = "/api/users/ada/reset-link"
    assert (await client.post(path)).status_code == 401
    assert (await client.post(path, headers=log_in(house, ada, secret))).status_code == 403
    for name, status in (("nobody", 404), ("bot", 400)):
        answer = await client.post(f"/api/users/{name}/reset-link", headers=as_root)
        assert answer.status_code == status
