"""A trace store behind its routes, with a team, a project, a member and a viewer."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from databases import new_sqlite
from identity.house import SECRET, HandClock, House
from traces.calls_admin.setting import key_of
from weft.app.traces.open import Traces, open_traces
from weft.catalog.catalog import Catalog
from weft.identity.types import Role
from weft.kit.routes.handing import hand_on
from weft.kit.settings import Settings
from weft.traces.calls.parts import CallPart, WriteCalls
from weft.traces.types import ProjectKey


@dataclass
class Place:
    """The routes, and who asks them."""

    client: httpx.AsyncClient
    traces: Traces
    house: House
    project_id: str
    keys: dict[str, str]

    async def post(self, path: str, body: dict[str, Any], who: str = "ada") -> httpx.Response:
        body = {"project_id": "loom/cloth", **body}
        headers = {"authorization": f"Bearer {self.keys[who]}"}
        return await self.client.post(path, json=body, headers=headers)

    async def told(self, path: str, body: dict[str, Any], who: str = "ada") -> Any:
        answer = await self.post(path, body, who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def write(self, *parts: CallPart) -> None:
        await self.traces.store.writer.write(WriteCalls(self.project_id, list(parts)))

    @property
    def key(self) -> ProjectKey:
        with self.traces.store.database.read() as connection:
            return key_of(connection, self.project_id)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    clock = HandClock()
    settings = Settings(data_dir=tmp_path)
    async with contextlib.AsyncExitStack() as stack:
        accounts = stack.enter_context(contextlib.closing(new_sqlite(tmp_path / "weft.db")))
        house = House(accounts, clock)
        team = house.team("loom")
        project = house.project(team, "cloth")
        keys = {
            name: house.key(house.user(name, team, role=role)).api_key
            for name, role in (("ada", Role.ADMIN), ("bob", Role.MEMBER), ("eve", Role.VIEWER))
        }
        traces = await open_traces(stack, settings, accounts, SECRET, clock, Catalog(()))
        app = FastAPI()
        for mount in traces.mounts():
            hand_on(mount.router, app, prefix=mount.prefix)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")
        await stack.enter_async_context(client)
        yield Place(client, traces, house, project.id, keys)
