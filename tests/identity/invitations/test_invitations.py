"""Invitations as who invites and who was invited see them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from identity.door import PASSWORD, by_key, log_in, make_app
from identity.house import HandClock, House
from weft.identity.invitations.types import EXPIRY_LIMIT, OPEN_LIMIT
from weft.identity.login.cookie import COOKIE
from weft.identity.login.entrance import WRONG_LINKS_LIMIT
from weft.identity.people import disable_user
from weft.identity.principal import Gate
from weft.identity.teams import find_role, remove_member, set_member
from weft.identity.types import Role, Team, User

RED = "/api/teams/red/invitations"


@pytest.fixture
async def client(house: House, gate: Gate, secret: bytes) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(house, gate, secret))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
def red(house: House) -> Team:
    return house.team("red")


@pytest.fixture
def ada(house: House, red: Team) -> User:
    return house.user("ada", red, role=Role.ADMIN)


@pytest.fixture
def as_ada(house: House, ada: User, secret: bytes) -> dict[str, str]:
    return log_in(house, ada, secret)


async def invite(client: httpx.AsyncClient, headers: dict[str, str], **wanted: Any) -> str:
    answer = await client.post(RED, headers=headers, json=wanted)
    assert answer.status_code == 201, answer.text
    client.cookies.clear()
    return answer.json()["url"].removeprefix("http://test/invite/")


async def join(client: httpx.AsyncClient, token: str, name: str) -> httpx.Response:
    wanted = {"token": token, "username": name, "password": PASSWORD}
    return await client.post("/api/invitations/join", json=wanted)


def role_of(house: House, team: Team, user: User) -> Role | None:
    with house.database.read() as connection:
        return find_role(connection, team.id, user.id)


async def test_invitation_when_used_by_somebody_new_then_makes_a_member_who_is_signed_in_once(
    client: httpx.AsyncClient, house: House, as_ada: dict[str, str]
) -> None:
    token = await invite(client, as_ada, role="viewer", email="new@example.com")
    shown = (await client.post("/api/invitations/find", json={"token": token})).json()
    assert (shown["team"], shown["role"], shown["invited_by"]) == ("red", "viewer", "ada")
    assert "url" not in shown
    weak = await client.post(
        "/api/invitations/join", json={"token": token, "username": "new", "password": "short"}
    )
    assert weak.json()["error"]["code"] == "weak_password"
    assert (await join(client, token, "Ada")).json()["error"]["code"] == "name_taken"
    assert (await join(client, token, "api")).json()["error"]["code"] == "invalid_name"
    assert (await join(client, token, "new")).status_code == 201
    me = (await client.get("/api/me")).json()
    assert (me["username"], me["email"], me["has_password"]) == ("new", "new@example.com", True)
    assert {"name": "red", "kind": "team", "role": "viewer", "projects": []} in me["teams"]
    client.cookies.clear()
    again = await join(client, token, "other")
    assert (again.status_code, again.json()["error"]["code"]) == (404, "no_invitation")
    assert again.json()["error"]["metadata"]["remedy"]
    (listed,) = (await client.get(RED, headers=as_ada)).json()["invitations"]
    assert (listed["state"], listed["used_by"]) == ("used", "new")
    login = {"username": "new", "password": PASSWORD}
    assert (await client.post("/api/login", json=login)).status_code == 200
    with house.database.read() as connection:
        kept = repr(connection.execute(text("SELECT * FROM identity_invitation")).all())
    assert token not in kept


async def test_invitation_when_used_by_a_user_then_joins_unless_they_are_in(
    client: httpx.AsyncClient,
    house: House,
    as_ada: dict[str, str],
    ada: User,
    red: Team,
    secret: bytes,
) -> None:
    token = await invite(client, as_ada, role="member")
    accept = "/api/invitations/accept"
    assert (await client.post(accept, json={"token": token})).status_code == 401
    own = await client.post(accept, headers=as_ada, json={"token": token})
    assert (own.status_code, own.json()["error"]["code"]) == (409, "already_member")
    assert role_of(house, red, ada) is Role.ADMIN
    bob = house.user("bob")
    foreign = {**log_in(house, bob, secret), "sec-fetch-site": "cross-site"}
    assert (await client.post(accept, headers=foreign, json={"token": token})).status_code == 403
    done = await client.post(accept, headers=log_in(house, bob, secret), json={"token": token})
    assert done.json() == {"team": "red", "username": "bob"}
    assert role_of(house, red, bob) is Role.MEMBER


async def test_invitation_when_several_use_it_at_once_then_one_comes_in(
    client: httpx.AsyncClient, as_ada: dict[str, str]
) -> None:
    token = await invite(client, as_ada)
    answers = await asyncio.gather(*(join(client, token, f"new{n}") for n in range(4)))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(201) == 1
    # A busy machine hashes no more passwords at once than it can.
    assert set(statuses) <= {201, 404, 503}


async def test_invitation_when_no_longer_meant_then_is_no_good(
    client: httpx.AsyncClient,
    house: House,
    as_ada: dict[str, str],
    ada: User,
    red: Team,
    clock: HandClock,
) -> None:
    async def is_good(token: str) -> bool:
        found = await client.post("/api/invitations/find", json={"token": token})
        return found.status_code == 200

    withdrawn = await invite(client, as_ada)
    (listed,) = (await client.get(RED, headers=as_ada)).json()["invitations"]
    assert (await client.delete(f"{RED}/{listed['id']}", headers=as_ada)).status_code == 204
    assert (await client.delete(f"{RED}/{listed['id']}", headers=as_ada)).status_code == 404
    assert not await is_good(withdrawn)
    short = await invite(client, as_ada, expires_in_s=60)
    long = await invite(client, as_ada, expires_in_s=int(EXPIRY_LIMIT.total_seconds()))
    assert await is_good(short)
    clock.advance(60)
    assert not await is_good(short)
    states = [one["state"] for one in (await client.get(RED, headers=as_ada)).json()["invitations"]]
    assert sorted(states) == ["expired", "open", "withdrawn"]
    assert await is_good(long)
    # Whoever made it is no admin any more.
    with house.database.write() as connection:
        set_member(connection, red, ada.id, role=Role.MEMBER, now=clock.now())
    assert not await is_good(long)
    with house.database.write() as connection:
        set_member(connection, red, ada.id, role=Role.ADMIN, now=clock.now())
    assert await is_good(long)
    with house.database.write() as connection:
        disable_user(connection, ada.id, clock.now())
    assert not await is_good(long)


async def test_invitations_when_no_admin_asks_then_refuses_or_knows_no_team(
    client: httpx.AsyncClient, house: House, as_ada: dict[str, str], red: Team, secret: bytes
) -> None:
    await invite(client, as_ada)
    member, stranger = house.user("member", red), house.user("stranger")
    root = house.user("root")
    with house.database.write() as connection:
        connection.execute(text("UPDATE identity_user SET is_admin = true WHERE username = 'root'"))
    for user, status in ((member, 403), (stranger, 404), (root, 201)):
        headers = log_in(house, user, secret)
        assert (await client.post(RED, headers=headers, json={})).status_code == status
        listed = await client.get(RED, headers=headers)
        assert listed.status_code == (200 if status == 201 else status)
    assert (await client.post(RED, json={})).status_code == 401
    by_manage = by_key(house, root)
    assert (await client.post(RED, headers=by_manage, json={})).status_code == 201
    own = await client.post("/api/teams/root/invitations", headers=by_manage, json={})
    assert own.json()["error"]["code"] == "invalid_name"
    with house.database.write() as connection:
        remove_member(connection, red, member.id)


@pytest.mark.parametrize(
    "wanted",
    [
        {"expires_in_s": 59},
        {"expires_in_s": int((EXPIRY_LIMIT + timedelta(seconds=1)).total_seconds())},
        {"role": "owner"},
        {"email": "none"},
        {"more": 1},
    ],
)
async def test_invitation_when_out_of_bounds_then_is_not_made(
    client: httpx.AsyncClient, as_ada: dict[str, str], wanted: dict[str, Any]
) -> None:
    answer = await client.post(RED, headers=as_ada, json=wanted)
    assert answer.status_code in {400, 422}


async def test_invitations_when_too_many_are_open_then_no_more_are_made(
    client: httpx.AsyncClient, as_ada: dict[str, str], house: House, red: Team
) -> None:
    with house.database.write() as connection:
        for number in range(OPEN_LIMIT):
            connection.execute(
                text(
                    "INSERT INTO identity_invitation (id, digest, team_id, role, email,"
                    " created_at_us, expires_at_us)"
                    " VALUES (:id, :id, :team, 'member', '', 1, 99999999999999999)"
                ),
                {"id": f"i{number}", "team": red.id},
            )
    answer = await client.post(RED, headers=as_ada, json={})
    assert answer.status_code == 400
    assert answer.json()["error"]["metadata"]["remedy"] == "withdraw some of them"


async def test_links_when_many_are_made_up_then_the_place_has_to_wait(
    client: httpx.AsyncClient, as_ada: dict[str, str], clock: HandClock
) -> None:
    token = await invite(client, as_ada)
    for number in range(WRONG_LINKS_LIMIT):
        path = "/api/invitations/find" if number % 2 else "/api/resets/find"
        assert (await client.post(path, json={"token": f"x{number}"})).status_code == 404
    for path in ("/api/invitations/find", "/api/resets/find"):
        told = await client.post(path, json={"token": token})
        assert told.json()["error"]["code"] == "too_many_logins"
        assert int(told.json()["error"]["metadata"]["retry_after_s"]) > 0
    clock.advance(900)
    assert (await join(client, token, "new")).status_code == 201
    assert COOKIE in client.cookies
