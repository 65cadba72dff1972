"""What becomes of keys when the server stops in the middle of an answer."""

import asyncio
from pathlib import Path

import httpx
from sqlalchemy import select
from tests.gateway.house import open_door

from weft.gateway.idempotency.schema import idempotency
from weft.kit.db import Database

KEY = {"Idempotency-Key": "k"}
BODY = {
    "model": "test/fake",
    "stream": True,
    "messages": [{"role": "user", "content": "[[fake: delay_ms=50 tokens=2000]] word"}],
}
PATH = "/v1/chat/completions"


def keys_in(folder: Path) -> int:
    database = Database(folder / "weft.db")
    with database.read() as connection:
        found = connection.execute(select(idempotency.c.key)).all()
    database.close()
    return len(found)


async def test_stop_when_a_client_reads_then_it_is_told_and_the_key_is_free(tmp_path: Path) -> None:
    text: list[str] = []

    async def read(client: httpx.AsyncClient, has_begun: asyncio.Event) -> None:
        async with client.stream("POST", PATH, json=BODY, headers=KEY) as response:
            async for line in response.aiter_lines():
                text.append(line)
                has_begun.set()

    async with open_door(tmp_path) as door:
        has_begun = asyncio.Event()
        clients = [asyncio.create_task(read(door.client, has_begun)) for _ in range(2)]
        await has_begun.wait()
        door.house.server.stop()
        await asyncio.gather(*clients)
    assert sum('"shutting_down"' in line for line in text) == 2
    assert keys_in(tmp_path) == 0


async def test_stop_when_all_clients_are_gone_then_the_work_is_cut_and_the_key_is_free(
    tmp_path: Path,
) -> None:
    async with open_door(tmp_path) as door:
        async with door.client.stream("POST", PATH, json=BODY, headers=KEY) as response:
            await anext(response.aiter_lines())
            request_id = response.headers["x-request-id"]
        assert keys_in(tmp_path) == 1
    assert keys_in(tmp_path) == 0
    database = Database(tmp_path / "weft.db")
    with database.read() as connection:
        row = connection.exec_driver_sql("SELECT id, outcome FROM usage").one()
    database.close()
    assert tuple(row) == (request_id, "failed")
