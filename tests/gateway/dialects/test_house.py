"""Dialects through a whole house: one record for each request, one charge for each key, and an end to what is left."""

import asyncio
from typing import Any

import pytest
from tests.gateway.house import Door
from tests.gateway.shared import shared_door

from weft.ledger.types import Outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")
door = shared_door

BODIES: dict[str, dict[str, Any]] = {
    "/v1/messages": {"max_tokens": 5000, "messages": [{"role": "user", "content": "TEXT"}]},
    "/v1/responses": {"max_output_tokens": 5000, "input": "TEXT"},
}
PATHS = pytest.mark.parametrize("path", BODIES)
ENDS = {"/v1/messages": "message_stop", "/v1/responses": "response.completed"}


def body_of(path: str, text: str, **more: Any) -> dict[str, Any]:
    body = {"model": "test/fake", **BODIES[path], **more}
    if path == "/v1/messages":
        return {**body, "messages": [{"role": "user", "content": text}]}
    return {**body, "input": text}


@pytest.mark.parametrize("stream", [False, True])
@PATHS
async def test_key_when_used_again_then_the_same_bytes_come_and_one_charge(
    door: Door, path: str, stream: bool
) -> None:
    headers = {"Idempotency-Key": f"again {path} {stream}"}
    first, again = [
        await door.client.post(path, json=body_of(path, "one two", stream=stream), headers=headers)
        for _ in range(2)
    ]
    assert first.status_code == 200
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    assert await door.record_of(again) is None
    record = await door.record_of(first)
    assert record is not None
    assert (record.tokens.input, record.tokens.output, record.stream) == (2, 2, stream)
    assert record.cost_nusd == 2 * 1000 + 2 * 2000
    other = await door.client.post(path, json=body_of(path, "three"), headers=headers)
    error = other.json()
    assert error["error"]["code"] == "idempotency_key_reused"
    assert ("type" in error) == (path == "/v1/messages")
    if stream:
        assert f"event: {ENDS[path]}" in first.text


@PATHS
async def test_client_when_it_hangs_up_then_the_engine_stops_and_what_was_made_is_charged(
    door: Door, path: str
) -> None:
    body = body_of(path, "[[fake: tokens=100000 delay_ms=5]] word", stream=True)
    async with door.client.stream("POST", path, json=body) as response:
        async for line in response.aiter_lines():
            if "delta" in line:
                break
        request_id = response.headers["x-request-id"]
    record = await door.settled_record(request_id)
    assert record.outcome is Outcome.CANCELLED
    assert 0 < record.tokens.output < 5000
    async with asyncio.timeout(10):
        while sum(engine.in_flight for engine in door.house.engines.snapshot()):
            await asyncio.sleep(0.02)


@PATHS
async def test_stranger_when_refused_then_leaves_no_record(door: Door, path: str) -> None:
    headers = {"Authorization": "Bearer nobody"}
    response = await door.client.post(path, json=body_of(path, "hi"), headers=headers)
    assert response.status_code == 401
    assert await door.record_of(response) is None


@PATHS
async def test_body_when_it_is_malformed_then_is_refused_and_written_down(
    door: Door, path: str
) -> None:
    response = await door.client.post(path, content=b'{"model": "test/fake", ')
    assert response.status_code == 400
    record = await door.record_of(response)
    assert record is not None
    assert (record.outcome, record.status) == (Outcome.REFUSED, 400)
