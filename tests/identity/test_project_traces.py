from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from identity.door import answer_error, by_key
from identity.house import House
from weft.identity.principal import Gate
from weft.identity.projects.routes import router
from weft.identity.projects.tracing import set_trace
from weft.identity.routes import signed_in
from weft.identity.teams import list_projects
from weft.identity.types import Role, Scope, TraceLevel
from weft.kit.errors import WeftError
from weft.kit.routes.handing import hand_on

OFF, METADATA, FULL = TraceLevel.OFF, TraceLevel.METADATA, TraceLevel.FULL
BOTH = frozenset({Scope.INFERENCE, Scope.TRACES})


REMOVED: list[str] = []


@pytest.fixture
async def client(house: House, gate: Gate) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    REMOVED.clear()
    hand_on(
        router(house.database, signed_in(gate), house.clock, lambda: REMOVED.append("one")),
        app,
    )
    app.add_exception_handler(WeftError, answer_error)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.mark.parametrize(
    ("project", "key", "scopes", "expected"),
    [
        (None, None, BOTH, (OFF, FULL)),
        (OFF, FULL, BOTH, (OFF, OFF)),
        (METADATA, None, BOTH, (METADATA, METADATA)),
        (METADATA, FULL, BOTH, (METADATA, METADATA)),
        (FULL, None, BOTH, (FULL, FULL)),
        (FULL, OFF, BOTH, (OFF, OFF)),
        (FULL, METADATA, BOTH, (METADATA, METADATA)),
        (None, METADATA, BOTH, (METADATA, METADATA)),
        (None, FULL, BOTH, (FULL, FULL)),
        (None, FULL, frozenset({Scope.INFERENCE}), (OFF, OFF)),
        (FULL, None, frozenset({Scope.INFERENCE}), (FULL, FULL)),
    ],
)
async def test_trace_when_project_and_key_say_levels_then_the_lesser_holds(
    house: House,
    gate: Gate,
    project: TraceLevel | None,
    key: TraceLevel | None,
    scopes: frozenset[Scope],
    expected: tuple[TraceLevel, TraceLevel],
) -> None:
    red = house.team("red")
    one = house.project(red, "one")
    with house.database.write() as connection:
        set_trace(connection, one.id, project)
    made = house.key(house.user("ada", red), scopes=scopes, trace=key)
    principal = await gate.authorize(house.header(made), b"red/one")
    assert (principal.trace, principal.trace_ceiling) == expected


async def test_trace_when_set_by_an_admin_then_the_next_request_knows(
    house: House, gate: Gate, client: httpx.AsyncClient
) -> None:
    red = house.team("red", "one")
    ada = house.user("ada", red, role=Role.ADMIN)
    header = house.header(house.key(ada))
    assert (await gate.authorize(header, b"red/one")).trace is OFF
    path, headers = "/api/projects/red/one/trace", by_key(house, ada)
    told = await client.put(path, json={"trace": "full"}, headers=headers)
    assert told.json() == {"trace": "full"}
    house.catch_up(gate)
    assert gate.find(header, b"red/one") is None
    assert (await gate.authorize(header, b"red/one")).trace is FULL
    assert (await client.get(path, headers=headers)).json() == {"trace": "full"}
    told = await client.put(path, json={"trace": None}, headers=headers)
    assert (await client.get(path, headers=headers)).json() == {"trace": None}


async def test_trace_when_set_by_others_then_is_refused(
    house: House, client: httpx.AsyncClient
) -> None:
    red = house.team("red", "one")
    member, stranger = house.user("ada", red), house.user("bob")
    path, wish = "/api/projects/red/one/trace", {"trace": "full"}
    denied = await client.put(path, json=wish, headers=by_key(house, member))
    assert denied.status_code == 403
    hidden = await client.put(path, json=wish, headers=by_key(house, stranger))
    missing = await client.get("/api/projects/no/thing/trace", headers=by_key(house, stranger))
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert (await client.put(path, json=wish)).status_code == 401
    got = await client.get(path, headers=by_key(house, member))
    assert got.json() == {"trace": None}


@pytest.mark.parametrize(("role", "status"), [(Role.ADMIN, 204), (Role.MEMBER, 403), (None, 404)])
async def test_removal_when_asked_then_it_takes_an_admin_of_the_team(
    client: httpx.AsyncClient, house: House, role: Role | None, status: int
) -> None:
    red = house.team("red", "one", "two")
    asker = house.user("ada") if role is None else house.user("ada", red, role=role)
    answer = await client.delete("/api/projects/red/one", headers=by_key(house, asker))
    assert answer.status_code == status
    with house.database.read() as connection:
        left = [project.name for project in list_projects(connection)]
    assert left == (["two"] if status == 204 else ["one", "two"])
    assert len(REMOVED) == (status == 204)
