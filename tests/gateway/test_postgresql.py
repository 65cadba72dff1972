"""The whole door on PostgreSQL: what is answered is in the books, whatever a client sends."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from databases import throwaway_postgres
from gateway.house import Door, open_door
from weft.ledger.types import Outcome

PATIENCE_S = 30


@pytest.fixture
async def door(tmp_path: Path, postgres_url: str) -> AsyncIterator[Door]:
    async with open_door(tmp_path, database_url=postgres_url) as door:
        yield door


async def test_completion_when_on_postgresql_then_is_answered_and_metered(door: Door) -> None:
    response = await door.ask("hello", max_tokens=5)
    assert response.status_code == 200
    record = await door.record_of(response)
    assert record is not None
    assert record.outcome is Outcome.COMPLETED
    assert record.tokens.output == response.json()["usage"]["completion_tokens"]
    assert record.cost_nusd > 0


async def test_key_when_revoked_on_postgresql_then_the_next_requests_are_refused(
    door: Door,
) -> None:
    listed = await door.client.get("/api/keys")
    [key] = listed.json()["keys"]
    revoked = await door.client.delete(f"/api/keys/{key['id']}")
    assert revoked.status_code == 204
    refused = await door.ask("hello")
    while refused.status_code == 200:  # until the next look
        refused = await door.ask("hello")
    assert refused.status_code == 401


async def test_model_when_its_name_holds_a_nul_then_the_refusal_is_recorded(door: Door) -> None:
    response = await door.ask("hello", model="a\0b")
    assert response.status_code == 404
    record = await door.record_of(response)
    assert record is not None
    assert record.model_id == "a\N{REPLACEMENT CHARACTER}b"


async def test_server_when_the_database_goes_away_then_fails_in_time_and_goes_on_when_it_is_back(
    tmp_path: Path,
) -> None:
    with throwaway_postgres(fsync=True) as server:
        url = server.url(await asyncio.to_thread(server.create))
        async with open_door(tmp_path, database_url=url) as door:
            answered = await door.ask("hello", max_tokens=5)
            assert answered.status_code == 200
            await asyncio.to_thread(server.kill)
            async with asyncio.timeout(PATIENCE_S):
                away = await door.ask("hello", max_tokens=5)
                assert away.status_code == 503
                assert away.json()["error"]["code"] == "database_unavailable"
                assert away.headers["retry-after"] == "2"
            await asyncio.to_thread(server.start)
            async with asyncio.timeout(PATIENCE_S):
                again = await door.ask("hello", max_tokens=5)
                assert again.status_code == 200
            assert await door.record_of(answered) is not None
            assert await door.record_of(again) is not None
