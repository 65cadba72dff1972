"""The wandb room's routes, and two teams: ada is a member of red, bob only reads there, eve is outside."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from identity.house import SECRET, HandClock, House
from weft.identity.projects.gate import ProjectGate
from weft.identity.types import Role
from weft.kit.db import Database
from weft.kit.routes.handing import hand_on
from weft.traces.calls.parts import WriteCalls
from weft.traces.calls.write import CallWriter
from weft.traces.projects import ProjectKeys
from weft.traces.store import TraceStore
from weft.traces.writing.ops import Kinds
from weft.traces.writing.spool import Spool
from weft.traces.writing.writer import TraceWriter
from weft.wandb.front import Front
from weft.wandb.routes import router

MIB = 1024 * 1024


@pytest.fixture
def house(database: Database) -> House:
    house = House(database, HandClock())
    red, blue = house.team("red", "one"), house.team("blue", "secret")
    house.user("ada", red)
    house.user("bob", red, role=Role.VIEWER)
    house.user("eve", blue)
    return house


class Asking:
    """Asks as somebody."""

    def __init__(self, client: httpx.AsyncClient, house: House) -> None:
        self.client = client
        self.house = house

    async def graphql(self, who: str, query: str, /, **variables: Any) -> dict[str, Any]:
        """The body of an answer, asked with a new key of the user `who`."""
        made = self.house.key(self.house.user(who))
        return await self.graphql_with(made.api_key, query, **variables)

    async def graphql_with(self, api_key: str, query: str, /, **variables: Any) -> dict[str, Any]:
        """The body of an answer."""
        response = await self.client.post(
            "/graphql", json={"query": query, "variables": variables}, auth=("api", api_key)
        )
        assert response.status_code == 200
        return response.json()


@pytest.fixture
async def asking(house: House, tmp_path: Path) -> AsyncIterator[Asking]:
    database, clock = house.database, house.clock
    gate = ProjectGate(database, SECRET, clock)
    writer = TraceWriter(
        database,
        Kinds({WriteCalls: CallWriter(ProjectKeys()).apply}),
        Spool(tmp_path / "spool", MIB),
    )
    await writer.start()
    app = FastAPI()
    store = TraceStore(database, writer, ProjectKeys())
    hand_on(router(Front(gate, database, store, clock, "")), app)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://weft.test") as client:
        yield Asking(client, house)
    await writer.close()
    gate.close()
