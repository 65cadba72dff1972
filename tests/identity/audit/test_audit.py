"""The audit log: what enters it, who sees which part, page by page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from sqlalchemy import inspect

from identity.house import HandClock, House
from weft.identity.audit.routes import router
from weft.identity.audit.schema import METADATA
from weft.identity.audit.store import PAGE_LIMIT, list_entries, record
from weft.identity.audit.types import Actor, Wanted
from weft.identity.types import Role, User
from weft.kit.db import Database
from weft.kit.errors import WeftError
from weft.kit.routes.handing import hand_on

Tell = Callable[..., None]
KEY = "weft_" + "a" * 35


@pytest.fixture
def tell(house: House, clock: HandClock) -> Tell:
    def run(action: str, by: Actor | User, team: str | None = None, **detail: str) -> None:
        clock.advance(1)
        with house.database.write() as connection:
            record(
                connection,
                by=by,
                action=action,
                subject=action,
                team=team,
                detail=detail,
                now=clock.now(),
            )

    return run


def ask(house: House, caller: User) -> httpx.AsyncClient:
    async def signed_in(_request: Request) -> User:
        return caller

    async def on_error(_request: Request, error: Exception) -> Response:
        assert isinstance(error, WeftError)
        return Response(error.envelope(), error.status, media_type="application/json")

    app = FastAPI()
    hand_on(router(house.database, signed_in), app)
    app.add_exception_handler(WeftError, on_error)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


def test_tables_when_migrated_then_are_those_of_the_schema(database: Database) -> None:
    (table,) = METADATA.sorted_tables
    columns = inspect(database.engine).get_columns(table.name)
    assert [one["name"] for one in columns] == [one.name for one in table.columns]


def test_record_when_a_key_or_a_novel_is_in_it_then_hidden_or_cut(house: House, tell: Tell) -> None:
    tell("key.revoke", Actor("root (command line)"), note=f"was {KEY}.", long="x" * 10_000)
    with pytest.raises(AssertionError):
        tell("key.create", Actor("root (command line)"), api_key=KEY)
    with house.database.read() as connection:
        (entry,) = list_entries(connection, Wanted(), limit=1).entries
    assert entry.detail["note"] == "was (key)."
    assert len(str(entry.detail["long"])) == 500


def test_record_when_the_change_fails_then_neither_is_there(house: House, clock: HandClock) -> None:
    with pytest.raises(ZeroDivisionError), house.database.write() as connection:
        record(connection, by=Actor("x"), action="team.remove", subject="x", now=clock.now())
        raise ZeroDivisionError
    with house.database.read() as connection:
        assert list_entries(connection, Wanted(), limit=1).entries == []


async def test_list_when_many_then_page_by_page_without_a_gap(house: House, tell: Tell) -> None:
    root = Actor("root")
    for number in range(7):
        tell(f"thing.number_{'abcdefg'[number]}", root)
    seen: list[str] = []
    admin = replace(house.user("root"), is_admin=True)
    async with ask(house, admin) as client:
        cursor = None
        while cursor is not None or not seen:
            query = {"limit": 3, **({"cursor": cursor} if cursor else {})}
            page = (await client.get("/api/audit", params=query)).json()
            seen += [one["action"][-1] for one in page["entries"]]
            cursor = page["next_cursor"]
        for bad in ({"limit": 0}, {"limit": PAGE_LIMIT + 1}, {"cursor": "1-x"}, {"action": "A"}):
            assert (await client.get("/api/audit", params=bad)).status_code == 422
    assert "".join(seen) == "gfedcba"


async def test_list_when_a_teams_admin_asks_then_only_what_concerns_the_team(
    house: House,
    tell: Tell,
    clock: HandClock,
) -> None:
    red, blue = house.team("red"), house.team("blue")
    cap = house.user("cap", red, role=Role.ADMIN)
    viewer = house.user("vera", red, role=Role.VIEWER)
    tell("project.create", cap, red.id)
    tell("project.create", Actor("root (command line)"), blue.id)
    tell("user.disable", Actor("root (command line)"))
    async with ask(house, cap) as client:
        told = (await client.get("/api/audit")).json()["entries"]
        assert [(one["by"], one["by_user_id"], one["team"]) for one in told] == [
            ("cap", cap.id, "red")
        ]
        assert (await client.get("/api/audit?team=red")).json()["entries"] == told
        assert (await client.get("/api/audit?team=blue")).status_code == 404
    async with ask(house, viewer) as client:
        assert (await client.get("/api/audit")).status_code == 403
        assert (await client.get("/api/audit?team=red")).status_code == 403
    root = house.user("root")
    root = User(root.id, "root", "", root.kind, True, root.created_at, None)
    async with ask(house, root) as client:

        async def count(**query: str) -> int:
            return len((await client.get("/api/audit", params=query)).json()["entries"])

        assert await count() == 3
        assert await count(team="blue") == 1
        assert await count(by="ROOT") == 2
        assert await count(by="%") == 0
        assert await count(action="project") == 2
        assert await count(action="user.disable") == 1
        last = clock.now()
        assert await count(since=last.isoformat()) == 1
        assert await count(until=(last - timedelta(seconds=1)).isoformat()) == 1
