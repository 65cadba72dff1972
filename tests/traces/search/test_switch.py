"""Who may switch an index on, and a server that works on it."""

import asyncio
import contextlib
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from identity.door import answer_error, by_key
from identity.house import SECRET, HandClock, House
from traces.search.indexed import has
from traces.stores import call
from weft.app.parts.mounts import Mount
from weft.app.traces.open import open_traces
from weft.catalog.catalog import Catalog
from weft.identity.principal import Gate
from weft.identity.routes import signed_in
from weft.identity.types import Role, Scope
from weft.kit.db import SQLITE, Database
from weft.kit.errors import WeftError
from weft.kit.routes.handing import hand_on
from weft.kit.settings import Settings
from weft.traces.calls.parts import WriteCalls
from weft.traces.search.trigrams import SearchUnavailable, make_place

PATH = "/api/projects/loom/cloth/search"


async def test_search_when_an_admin_switches_it_then_the_server_makes_the_index(
    database: Database, tmp_path: Path
) -> None:
    house = House(database, HandClock())
    team = house.team("loom")
    project = house.project(team, "cloth")
    ada, bob = house.user("ada", team, role=Role.ADMIN), house.user("bob", team)
    eve = house.user("eve")
    place = str(database.place) if database.dialect != SQLITE else f"sqlite:///{database.path}"
    settings = Settings.model_validate(
        {"data_dir": tmp_path / "data", "database_url": place, "trace_database_url": place}
    )
    async with contextlib.AsyncExitStack() as stack:
        gate = Gate(database, SECRET, house.clock, require_project=False)
        stack.callback(gate.close)
        traces = await open_traces(stack, settings, database, SECRET, house.clock, Catalog(()))
        app = FastAPI()
        app.add_exception_handler(WeftError, answer_error)
        switches = traces.search_routers(database, signed_in(gate))
        for mount in (*map(Mount, switches), *traces.mounts()):
            hand_on(mount.router, app, prefix=mount.prefix)
        transport = httpx.ASGITransport(app)
        client = httpx.AsyncClient(transport=transport, base_url="http://test")
        await stack.enter_async_context(client)
        wish, hers, his = {"search": True}, by_key(house, ada), by_key(house, bob)
        assert (await client.get(PATH, headers=his)).json()["state"] == "off"
        refused = [
            await client.put(PATH, json=wish, headers=his),
            await client.put(PATH, json=wish, headers=by_key(house, eve)),
            await client.put(PATH, json=wish),
        ]
        assert [answer.status_code for answer in refused] == [403, 404, 401]
        calls = [call(id=f"c{n}", inputs=f'{{"text":"word {n}"}}') for n in range(30)]
        await traces.store.writer.write(WriteCalls(project.id, calls))
        assert (await client.put(PATH, json=wish, headers=hers)).json()["search"] is True
        async with asyncio.timeout(30):
            while (told := (await client.get(PATH, headers=his)).json())["state"] != "on":
                await asyncio.sleep(0.02)
            while told["waiting"]:
                await asyncio.sleep(0.02)
                told = (await client.get(PATH, headers=his)).json()
        assert told == {"search": True, "state": "on", "progress": 1.0, "waiting": 0}
        body = {"project_id": "loom/cloth", "query": has("word 1")}
        reader = by_key(house, bob, Scope.TRACES)
        answer = await client.post("/calls/query_stats", json=body, headers=reader)
        assert answer.json()["count"] == 11
        answer = await client.put(PATH, json={"search": False}, headers=hers)
        assert answer.json()["state"] == "off"


def test_index_when_the_user_may_not_make_it_then_says_what_to_do(database: Database) -> None:
    if database.dialect == SQLITE:
        pytest.skip("every user of a file may")
    role = f"poor_{uuid4().hex}"
    with (
        pytest.raises(SearchUnavailable, match="permission denied"),
        database.write() as connection,
    ):
        connection.execute(text(f"CREATE ROLE {role}"))
        connection.execute(text(f"SET LOCAL ROLE {role}"))
        make_place(connection)
