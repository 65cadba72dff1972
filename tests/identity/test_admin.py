"""Teams, members, projects and users over the API: what `app/matrix` does not say, which is who may."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from identity.door import answer_error
from identity.house import HandClock, House
from weft.identity.admin import teams, users
from weft.identity.admin.store import set_server_admin
from weft.identity.keys import DEFAULT_SCOPES
from weft.identity.people import get_user
from weft.identity.principal import Gate
from weft.identity.types import Role, User, UserKind
from weft.kit.errors import WeftError
from weft.kit.routes.handing import hand_on


@pytest.fixture
def root(house: House) -> User:
    made = house.user("root")
    with house.database.write() as connection:
        set_server_admin(connection, made.id, is_admin=True)
        return get_user(connection, "root")


@pytest.fixture
async def client(house: House, clock: HandClock, root: User) -> AsyncIterator[httpx.AsyncClient]:
    async def signed_in() -> User:
        with house.database.read() as connection:
            return get_user(connection, root.username)

    app = FastAPI()
    hand_on(teams.router(house.database, signed_in, clock), app)  # pyright: ignore[reportArgumentType] - asks for no request
    hand_on(users.router(house.database, lambda _request: signed_in(), clock), app)
    app.add_exception_handler(WeftError, answer_error)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_team_when_made_then_its_maker_is_its_admin_until_it_is_removed(
    client: httpx.AsyncClient,
) -> None:
    made = await client.post("/api/teams", json={"name": "red"})
    assert made.json()["role"] == "admin"
    assert (await client.post("/api/teams", json={"name": "RED"})).status_code == 409
    assert (await client.post("/api/teams", json={"name": "api"})).status_code == 400
    listed = (await client.get("/api/teams")).json()
    assert [(one["name"], one["members"]) for one in listed["teams"]] == [("red", 1)]
    assert (await client.delete("/api/teams/red")).status_code == 204
    assert (await client.get("/api/teams")).json() == {"teams": [], "next": None}


async def test_member_when_the_last_admin_would_go_then_refused(
    client: httpx.AsyncClient, house: House
) -> None:
    red = house.team("red")
    house.user("cap", red, role=Role.ADMIN)
    path = "/api/teams/red/members/cap"
    for answer in (await client.delete(path), await client.put(path, json={"role": "viewer"})):
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "last_admin")
    off = house.user("off", red, role=Role.ADMIN)
    assert (await client.patch("/api/users/off", json={"disabled": True})).status_code == 200
    assert off.username
    assert (await client.delete(path)).status_code == 409  # who is shut out manages nothing
    house.user("bob")
    assert (
        await client.put("/api/teams/red/members/bob", json={"role": "admin"})
    ).status_code == 204
    assert (await client.delete(path)).status_code == 204
    nobody = await client.put("/api/teams/red/members/nobody", json={"role": "admin"})
    assert nobody.status_code == 404


async def test_member_when_taken_out_then_the_next_request_of_their_key_is_refused(
    client: httpx.AsyncClient, house: House, gate: Gate
) -> None:
    red = house.team("red", "one")
    bob = house.user("bob", red)
    header = house.header(house.key(bob, scopes=DEFAULT_SCOPES))
    assert (await gate.authorize(header, b"red/one")).role is Role.MEMBER
    await client.put("/api/teams/red/members/bob", json={"role": "viewer"})
    house.catch_up(gate)
    with pytest.raises(WeftError, match="Viewers"):
        await gate.authorize(header, b"red/one")
    await client.delete("/api/teams/red/members/bob")
    house.catch_up(gate)
    with pytest.raises(WeftError):
        await gate.authorize(header, b"red/one")


async def test_lists_when_long_then_page_by_page_and_searched(
    client: httpx.AsyncClient, house: House
) -> None:
    red = house.team("red")
    for name in ("Ann", "bob", "Cem", "dan"):
        house.user(name, red)
    house.team("reddish")
    seen: list[str] = []
    after = ""
    while True:
        page = (await client.get(f"/api/teams/red/members?limit=3&after={after}")).json()
        seen += [one["username"] for one in page["members"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == ["Ann", "bob", "Cem", "dan"]
    found = (await client.get("/api/teams/red/members?q=AN")).json()["members"]
    assert [one["username"] for one in found] == ["Ann", "dan"]
    assert (await client.get("/api/teams/red/members?q=%25")).json()["members"] == []
    assert len((await client.get("/api/teams?q=ish")).json()["teams"]) == 1
    (bob,) = (await client.get("/api/users?q=bob")).json()["users"]
    assert bob["teams"] == [{"team": "red", "role": "member"}]
    assert (await client.get("/api/users?limit=1000")).status_code == 422


async def test_project_when_made_then_listed_once(client: httpx.AsyncClient, house: House) -> None:
    house.team("red", "one")
    assert (await client.post("/api/teams/red/projects", json={"name": "two"})).status_code == 201
    assert (await client.post("/api/teams/red/projects", json={"name": "TWO"})).status_code == 409
    assert (await client.post("/api/teams/red/projects", json={"name": "a b"})).status_code == 400
    listed = (await client.get("/api/teams/red/projects")).json()
    assert [one["name"] for one in listed["projects"]] == ["one", "two"]


async def test_user_when_changed_then_only_what_was_named_and_never_the_last_admin(
    client: httpx.AsyncClient, house: House
) -> None:
    made = await client.post("/api/users", json={"username": "eve", "email": "eve@x.test"})
    assert (made.status_code, made.json()["email"]) == (201, "eve@x.test")
    for change in ({"disabled": True}, {"is_admin": False}):
        refused = await client.patch("/api/users/root", json=change)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "last_admin")
    changed = (await client.patch("/api/users/eve", json={"is_admin": True})).json()
    assert (changed["is_admin"], changed["disabled_at"], changed["email"]) == (
        True,
        None,
        "eve@x.test",
    )
    assert (await client.patch("/api/users/eve", json={"disabled": True})).json()["disabled_at"]
    assert (await client.patch("/api/users/root", json={"is_admin": False})).status_code == 409
    house.user("bot", kind=UserKind.SERVICE)
    assert (await client.patch("/api/users/bot", json={"is_admin": True})).status_code == 400
    nobody = await client.patch("/api/users/nobody", json={"disabled": True})
    assert nobody.status_code == 404
