"""Chat through a whole house: answers, streams, refusals, and what is written down."""

import asyncio
import json

import pytest
from tests.gateway.house import Door, datas
from tests.gateway.shared import shared_door

from weft.ledger.types import Outcome, UsageSource

pytestmark = pytest.mark.asyncio(loop_scope="module")
door = shared_door


async def test_completion_when_whole_then_is_answered_and_metered_once(door: Door) -> None:
    response = await door.ask("one two three")
    assert response.status_code == 200
    assert response.json()["choices"][0]["message"]["content"] == "one two three"
    record = await door.record_of(response)
    assert record is not None
    assert (record.outcome, record.status) == (Outcome.COMPLETED, 200)
    assert (record.tokens.input, record.tokens.output) == (3, 3)
    assert record.usage_source is UsageSource.ENGINE
    assert record.cost_nusd == 3 * 1000 + 3 * 2000
    assert record.price_version == "test/fake@2026-01-01"
    assert record.engine == "fake:test/fake#0"
    assert 0 < record.ttft_us <= record.total_us


async def test_stream_when_usage_is_not_asked_for_then_has_none_and_is_metered(
    door: Door,
) -> None:
    response = await door.ask("one two three", stream=True)
    *chunks, last = datas(response)
    assert last == "[DONE]"
    parsed = [json.loads(chunk) for chunk in chunks]
    assert all(not chunk.get("usage") for chunk in parsed)
    text = "".join(c["choices"][0]["delta"].get("content") or "" for c in parsed)
    assert text == "one two three"
    record = await door.record_of(response)
    assert record is not None
    assert (record.tokens.input, record.tokens.output) == (3, 3)
    assert record.stream


async def test_stream_when_usage_is_asked_for_then_its_last_chunk_has_it(door: Door) -> None:
    response = await door.ask("one two", stream=True, stream_options={"include_usage": True})
    *_, usage, done = datas(response)
    assert done == "[DONE]"
    assert json.loads(usage)["choices"] == []
    assert json.loads(usage)["usage"]["total_tokens"] == 4


@pytest.mark.parametrize(
    "switches", ["odd_chunks", "crlf", "comments", "odd_chunks crlf unicode", "huge_bytes=300000"]
)
async def test_stream_when_the_engine_frames_oddly_then_is_whole(door: Door, switches: str) -> None:
    response = await door.ask(f"[[fake: {switches} tokens=20]] a b", stream=True)
    *chunks, last = datas(response)
    assert last == "[DONE]"
    for chunk in chunks:
        json.loads(chunk)
    record = await door.record_of(response)
    assert record is not None
    assert record.tokens.output == 20 + ("huge" in switches)


async def test_stream_when_the_engine_tells_no_usage_then_is_counted(door: Door) -> None:
    response = await door.ask("[[fake: usage=off tokens=7]] word", stream=True)
    record = await door.record_of(response)
    assert record is not None
    assert record.tokens.output == 7
    assert record.tokens.input > 0
    assert record.usage_source is UsageSource.COUNTED


async def test_whole_when_the_engine_breaks_off_then_502_and_nothing_is_owed(door: Door) -> None:
    response = await door.ask("[[fake: truncate_after=0]] word")
    assert response.status_code == 502
    assert response.json()["error"]["metadata"]["remedy"]
    record = await door.record_of(response)
    assert record is not None
    assert (record.outcome, record.cost_nusd) == (Outcome.FAILED, 0)


async def test_client_when_it_hangs_up_then_the_engine_stops_and_what_was_made_is_metered(
    door: Door,
) -> None:
    body = {
        "model": "test/fake",
        "stream": True,
        "messages": [{"role": "user", "content": "[[fake: delay_ms=20 tokens=500]] word"}],
    }
    async with door.client.stream("POST", "/v1/chat/completions", json=body) as response:
        seen = 0
        async for line in response.aiter_lines():
            seen += line.startswith("data: ")
            if seen > 5:
                break
    record = await door.settled_record(response.headers["x-request-id"])
    assert record.outcome is Outcome.CANCELLED
    assert 4 <= record.tokens.output < 100
    assert record.cost_nusd > 0
    async with asyncio.timeout(1):  # the place is free again: the engine was stopped
        while any(engine.in_flight for engine in door.house.engines.snapshot()):
            await asyncio.sleep(0.01)


async def test_choices_when_several_then_each_is_whole_and_the_prompt_counts_once(
    door: Door,
) -> None:
    response = await door.ask("one two", n=3)
    assert [choice["index"] for choice in response.json()["choices"]] == [0, 1, 2]
    record = await door.record_of(response)
    assert record is not None
    assert (record.tokens.input, record.tokens.output) == (2, 6)


async def test_functions_when_legacy_then_the_call_comes_back_in_the_older_form(
    door: Door,
) -> None:
    function: dict[str, object] = {"name": "get_weather", "parameters": {"type": "object"}}
    response = await door.ask(
        "call get_weather", functions=[function], function_call={"name": "get_weather"}
    )
    choice = response.json()["choices"][0]
    assert choice["message"]["function_call"]["name"] == "get_weather"
    assert choice["finish_reason"] == "function_call"


async def test_request_when_refused_then_costs_nothing_and_is_recorded(door: Door) -> None:
    response = await door.ask("hello", temperature=7)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "temperature"
    record = await door.record_of(response)
    assert record is not None
    assert (record.outcome, record.status, record.cost_nusd) == (Outcome.REFUSED, 400, 0)


async def test_request_when_the_key_is_wrong_then_401_and_no_record(door: Door) -> None:
    response = await door.client.post(
        "/v1/chat/completions", json={}, headers={"Authorization": "Bearer nope"}
    )
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "invalid_api_key"
    assert await door.record_of(response) is None


async def test_engine_when_it_is_down_then_502_says_so(door: Door) -> None:
    response = await door.ask("hello", model="test/down")
    assert response.status_code in (502, 503)
    assert response.json()["error"]["metadata"]


async def test_queue_when_full_then_503_with_retry_after(door: Door) -> None:
    assert (await door.ask("wake up", model="test/narrow")).status_code == 200
    slow = [
        asyncio.create_task(door.ask("[[fake: stall_ms=1500]] x", model="test/narrow"))
        for _ in range(2)
    ]
    async with asyncio.timeout(10):
        while not any(m.waiting for m in door.house.engines.models()):
            await asyncio.sleep(0.02)
    refused = await door.ask("x", model="test/narrow")
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["error"]["message"] == (
        "The engine is currently overloaded, please try again later"
    )
    assert [r.status_code for r in await asyncio.gather(*slow)] == [200, 200]


async def test_models_when_listed_then_names_what_runs(door: Door) -> None:
    response = await door.client.get("/v1/models")
    ids = [model["id"] for model in response.json()["data"]]
    assert "test/fake" in ids
    assert "openai/gpt-oss-20b" not in ids
    one = await door.client.get("/v1/models/test/fake")
    assert (one.status_code, one.json()["id"]) == (200, "test/fake")
    absent = await door.client.get("/v1/models/openai/gpt-oss-20b")
    assert absent.status_code == 404
    assert "x-request-id" in absent.headers


async def test_door_when_asked_with_another_method_then_405(door: Door) -> None:
    response = await door.client.get("/v1/chat/completions")
    assert response.status_code == 405
    assert response.json()["error"]["code"] == "method_not_allowed"
