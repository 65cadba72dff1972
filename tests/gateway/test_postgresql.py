"""The whole door on PostgreSQL: what is answered is in the books, whatever a client sends."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.house import Door, open_door
from weft.ledger.types import Outcome


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
