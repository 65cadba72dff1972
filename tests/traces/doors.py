"""The trace store's routes as the server puts them together, on a database of either kind, and callers to ask them.

Two teams that know nothing of each other: `loom` with the project `cloth`, where `ada` is a member and `vic` a viewer;
and `mill` with a project of the same name, where `mel` is a member.
"""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from identity.house import SECRET, HandClock, House
from weft.app.traces.open import Traces, open_traces
from weft.catalog.load import load_catalog
from weft.identity.teams import find_project
from weft.identity.types import Project, Role, Scope, Team
from weft.kit.db import POSTGRESQL, Database
from weft.kit.routes.handing import hand_on
from weft.kit.settings import Settings

OURS, THEIRS = "loom/cloth", "mill/cloth"
CATALOG = load_catalog()
_TRACES = frozenset({Scope.TRACES})


@dataclass
class Door:
    """The routes, and who asks them."""

    house: House
    traces: Traces
    client: httpx.AsyncClient
    keys: dict[str, str]
    users: dict[str, str]
    """Ids by name."""
    projects: dict[str, str]
    """Identity's ids by `team/project`."""

    def add_member(self, name: str) -> None:
        """One more member of `loom`."""
        user = self.house.user(name, self.house.team("loom"))
        self.users[name] = user.id
        self.keys[name] = self.house.key(user, scopes=_TRACES).api_key

    async def ask(
        self, path: str, body: object = None, *, user: str = "ada", method: str = "POST"
    ) -> httpx.Response:
        """Ask a route as a client asks it."""
        return await self.client.request(
            method, path, json=body, headers={"authorization": f"Bearer {self.keys[user]}"}
        )

    async def get(self, path: str, body: object = None, **how: Any) -> Any:
        """Ask a route, and what it answers."""
        response = await self.ask(path, body, **how)
        assert response.status_code == 200, response.text
        return response.json()


@contextlib.asynccontextmanager
async def open_door(
    database: Database, folder: Path, *, clickhouse: str = ""
) -> AsyncGenerator[Door]:
    """The routes on a migrated database, where traces are guests; teams that are there already are used."""
    url = str(database.place) if database.dialect == POSTGRESQL else f"sqlite:///{database.path}"
    place = SecretStr(url)
    settings = Settings(
        data_dir=folder,
        database_url=place,
        trace_database_url=place,
        trace_clickhouse_url=SecretStr(clickhouse),
    )
    house = House(database, HandClock())
    keys: dict[str, str] = {}
    users: dict[str, str] = {}
    projects: dict[str, str] = {}
    for team_name, members in (
        ("loom", {"ada": Role.MEMBER, "vic": Role.VIEWER}),
        ("mill", {"mel": Role.MEMBER}),
    ):
        team = house.team(team_name)
        projects[f"{team_name}/cloth"] = _project(house, team).id
        for name, role in members.items():
            user = house.user(name, team, role=role)
            users[name] = user.id
            keys[name] = house.key(user, scopes=_TRACES).api_key
    async with contextlib.AsyncExitStack() as stack:
        traces = await open_traces(stack, settings, database, SECRET, house.clock, CATALOG)
        app = FastAPI()
        for mount in traces.mounts():
            hand_on(mount.router, app, prefix=mount.prefix)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")
        yield Door(house, traces, await stack.enter_async_context(client), keys, users, projects)


def _project(house: House, team: Team) -> Project:
    with house.database.read() as connection:
        found = find_project(connection, team.id, "cloth")
    return found or house.project(team, "cloth")
