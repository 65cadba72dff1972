"""A whole house in this process, with the fake engine behind it, on a loopback socket."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from databases import prepare_folder
from weft import catalog
from weft.app.run import House, build
from weft.app.server import bind
from weft.app.storage import place_of
from weft.kit.db import Database
from weft.kit.settings import Settings
from weft.ledger.types import UsageRecord
from weft.ledger.usage.store import find_usage

CARDS = {
    "fake": 'id = "test/fake"\naliases = ["test/alias"]\ncontext_window_tokens = 8192\n[capabilities]\ntools = true\n'
    "[engines.fake]\n[[prices]]\n"
    'effective_on = 2026-01-01\ninput_usd_per_mtok = "1"\noutput_usd_per_mtok = "2"\nsource = "a test"\n',
    "narrow": 'id = "test/narrow"\ncontext_window_tokens = 8192\n[engines.fake]\nmax_in_flight = 1\n',
    "thinker": 'id = "test/thinker"\ncontext_window_tokens = 8192\n[capabilities]\nreasoning = "always-on"\n'
    'tools = true\n[engines.fake]\nbehaviour = "reasoning=2"\n',
    "vectors": 'id = "test/vectors"\ncontext_window_tokens = 512\nmodalities_output = ["embedding"]\n[engines.fake]\n'
    '[[prices]]\neffective_on = 2026-01-01\ninput_usd_per_mtok = "3"\noutput_usd_per_mtok = "0"\nsource = "a test"\n',
    "mute": 'id = "test/mute"\ncontext_window_tokens = 512\nmodalities_output = ["embedding"]\n'
    '[engines.fake]\nbehaviour = "usage=off"\n',
    "down": 'id = "test/down"\ncontext_window_tokens = 8192\n[engines.remote]\nurl = "http://127.0.0.1:9/v1"\n',
}


_TINY = (
    (Path(catalog.__file__).parent / "models" / "weft-tiny-chat.toml")
    .read_text()
    .replace("min_replicas = 1", "min_replicas = 0")
)
"""The model that ships, started when it is asked: most tests never do, and loading it takes longer than they do."""


@dataclass(frozen=True)
class Door:
    """A running server and a client for it."""

    house: House
    client: httpx.AsyncClient
    database: Database

    async def ask(self, content: str, model: str = "test/fake", **fields: object) -> httpx.Response:
        body = {"model": model, "messages": [{"role": "user", "content": content}], **fields}
        return await self.client.post("/v1/chat/completions", json=body)

    async def post(
        self, path: str, model: str = "test/fake", /, **fields: object
    ) -> httpx.Response:
        return await self.client.post(f"/v1/{path}", json={"model": model, **fields})

    async def record_of(self, response: httpx.Response) -> UsageRecord | None:
        return await self.record(response.headers["x-request-id"])

    async def record(self, request_id: str) -> UsageRecord | None:
        return await self.database.read_soon(lambda connection: find_usage(connection, request_id))

    async def settled_record(self, request_id: str) -> UsageRecord:
        """The record of a request that nobody waited for."""
        async with asyncio.timeout(10):
            while (record := await self.record(request_id)) is None:
                await asyncio.sleep(0.02)
        return record


def datas(response: httpx.Response) -> list[str]:
    """The events of a stream."""
    return [line[6:] for line in response.text.split("\n") if line.startswith("data: ")]


@asynccontextmanager
async def open_door(
    data_dir: Path, cards: Mapping[str, str] = CARDS, /, **overrides: object
) -> AsyncGenerator[Door]:
    """A running server over `data_dir`, with settings overridden."""
    prepare_folder(data_dir)
    (data_dir / "catalog").mkdir()
    (data_dir / "catalog" / "tiny-chat.toml").write_text(_TINY)
    for name, card in cards.items():
        (data_dir / "catalog" / f"{name}.toml").write_text(card)
    settings = Settings.model_validate(
        {
            "port": 0,
            "data_dir": data_dir,
            "eager_engines": False,
            "log_requests": False,
            "probe_every_s": 0,
            "queue_limit": 1,
            "drain_timeout_s": 1,
            **overrides,
        }
    )
    with bind(settings) as listener:
        async with build(settings) as house:
            serving = asyncio.create_task(house.server.serve(sockets=[listener]))
            assert house.first is not None
            database = Database(place_of(settings))
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
                headers={"Authorization": f"Bearer {house.first.api_key}"},
                timeout=30,
            ) as client:
                yield Door(house, client, database)
            house.server.should_exit = True
            await serving
            database.close()
