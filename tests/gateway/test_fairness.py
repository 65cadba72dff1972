"""A project that floods a model, and another that asks it now and then: through the real server, engine and sockets."""

import asyncio
from datetime import UTC, datetime
from statistics import median

import httpx
import pytest
from tests.gateway.house import Door

from weft.identity.teams import create_project, get_team

MODEL = "test/narrow"
"""One request at a time."""
FLOOD = 150
ASKS = 7
LONE = {"OpenAI-Project": "my-team/lone"}


def waiting(door: Door) -> int:
    return sum(model.waiting for model in door.house.engines.models())


async def until_waiting(door: Door, count: int) -> None:
    async with asyncio.timeout(30):
        while waiting(door) < count:
            await asyncio.sleep(0.01)


async def ask(door: Door, content: str, headers: dict[str, str] | None = None) -> httpx.Response:
    body = {"model": MODEL, "messages": [{"role": "user", "content": content}]}
    return await door.client.post("/v1/chat/completions", json=body, headers=headers, timeout=90)


def make_lone_project(door: Door) -> None:
    with door.database.write() as connection:
        team = get_team(connection, "my-team")
        create_project(connection, team, "lone", datetime.now(UTC))


@pytest.mark.parametrize("door", [{"queue_limit": 1000}], indirect=True)
async def test_flood_when_another_project_asks_then_at_most_one_of_the_flood_is_served_before_it(
    door: Door,
) -> None:
    make_lone_project(door)
    served: list[str] = []

    async def flood() -> None:
        response = await ask(door, "[[fake: stall_ms=20]] one of many")
        assert response.status_code == 200
        served.append("flood")

    limits = httpx.Limits(max_connections=FLOOD + 1)
    async with httpx.AsyncClient(
        base_url=door.client.base_url, headers=door.client.headers, limits=limits
    ) as client:
        door = Door(door.house, client, door.database)
        crowd = [asyncio.create_task(flood()) for _ in range(FLOOD)]
        await until_waiting(door, FLOOD - 10)
        before: list[int] = []
        for _ in range(ASKS):
            asked_at = len(served)
            response = await ask(door, "me too", LONE)
            assert response.status_code == 200
            before.append(len(served) - asked_at)
        assert waiting(door) > 0, "the flood ended too soon to tell"
        await asyncio.gather(*crowd)
    # In service when it came, perhaps two whose answers were on their way to this client, and none that waited.
    assert median(before) <= 2
    assert max(before) <= 4


@pytest.mark.parametrize("door", [{"queue_limit": 3}], indirect=True)
async def test_flood_when_the_queue_is_full_of_it_then_another_project_gets_in_all_the_same(
    door: Door,
) -> None:
    make_lone_project(door)
    await ask(door, "wake up")
    crowd = [asyncio.create_task(ask(door, "[[fake: stall_ms=400]] x")) for _ in range(4)]
    await until_waiting(door, 3)
    response = await ask(door, "me too", LONE)
    answers = await asyncio.gather(*crowd)
    assert response.status_code == 200
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 503]
    refused = next(answer for answer in answers if answer.status_code == 503)
    assert int(refused.headers["retry-after"]) >= 1
    assert "fewer requests" in refused.json()["error"]["metadata"]["reason"]
    record = await door.record_of(refused)
    assert record is not None
    assert (record.status, record.error_code, record.cost_nusd) == (503, "overloaded", 0)
