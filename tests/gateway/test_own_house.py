"""What takes a house of its own: other settings, an engine that dies, a server that stops."""

import asyncio
import json

import pytest
from tests.gateway.house import Door, datas

from weft.ledger.types import Outcome, UsageSource


@pytest.mark.parametrize(
    "switches", ["die_after=3", "truncate_after=3", "error_after=3", "garbage"]
)
async def test_stream_when_the_engine_breaks_off_then_one_error_event_ends_it(
    door: Door, switches: str
) -> None:
    response = await door.ask(f"[[fake: {switches} tokens=9]] word", stream=True)
    assert response.status_code == 200
    *_, last = datas(response)
    error = json.loads(last)["error"]
    assert error["code"] == "engine_failed"
    assert sum("error" in json.loads(data) for data in datas(response)) == 1
    record = await door.record_of(response)
    assert record is not None
    assert record.outcome is Outcome.FAILED
    assert 1 <= record.tokens.output <= 4
    assert record.usage_source is UsageSource.COUNTED
    assert record.cost_nusd > 0


async def test_engine_when_it_dies_then_the_next_request_finds_it_restarted(door: Door) -> None:
    await door.ask("[[fake: die_after=1 tokens=4]] word", stream=True)
    async with asyncio.timeout(20):
        while (await door.ask("hello")).status_code != 200:
            await asyncio.sleep(0.1)


async def test_server_when_it_stops_then_an_open_stream_gets_a_clear_end(door: Door) -> None:
    body = {
        "model": "test/fake",
        "stream": True,
        "messages": [{"role": "user", "content": "[[fake: delay_ms=50 tokens=400]] word"}],
    }
    async with door.client.stream("POST", "/v1/chat/completions", json=body) as response:
        lines: list[str] = []
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                lines.append(line[6:])
                door.house.server.should_exit = True
    assert json.loads(lines[-1])["error"]["code"] == "shutting_down"
    record = await door.settled_record(response.headers["x-request-id"])
    assert record.tokens.output > 0


@pytest.mark.parametrize("door", [{"stand_in": True}], indirect=True)
async def test_stand_in_when_it_answers_then_never_hides(door: Door) -> None:
    response = await door.ask("What is 2 + 2?", model="openai/gpt-oss-20b", temperature=0)
    assert response.status_code == 200
    assert response.headers["x-weft-stand-in"] == "weft/tiny-chat"
    assert "weft/tiny-chat" in response.json()["system_fingerprint"]
    record = await door.record_of(response)
    assert record is not None
    assert (record.model_id, record.served_model_id) == ("openai/gpt-oss-20b", "weft/tiny-chat")


@pytest.mark.parametrize("door", [{"stand_in": True}], indirect=True)
async def test_stand_in_when_it_cannot_do_all_then_says_what_it_left_out(door: Door) -> None:
    response = await door.ask(
        "What is 2 + 2?", model="openai/gpt-oss-20b", temperature=0, reasoning_effort="low"
    )
    assert response.status_code == 200
    assert response.headers["x-weft-stand-in-ignored"] == "reasoning_effort"
    assert response.json()["choices"][0]["message"]["content"] == "4"


@pytest.mark.parametrize("door", [{"cors_origins": ("https://a.example",)}], indirect=True)
async def test_origin_when_allowed_then_the_answer_says_so(door: Door) -> None:
    body = {"model": "test/fake", "messages": [{"role": "user", "content": "x"}]}
    for origin, allowed in (("https://a.example", True), ("https://b.example", False)):
        response = await door.client.post(
            "/v1/chat/completions", json=body, headers={"Origin": origin}
        )
        assert ("access-control-allow-origin" in response.headers) is allowed


@pytest.mark.parametrize("door", [{"stand_in": True}], indirect=True)
async def test_choices_when_more_than_the_engine_has_slots_then_the_first_one_streams_at_once(
    door: Door,
) -> None:
    body = {
        "model": "weft/tiny-chat",
        "stream": True,
        "n": 16,
        "messages": [{"role": "user", "content": "Count to 10."}],
    }
    finished = 0
    async with door.client.stream("POST", "/v1/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: {") and finished == 0:
                choice = json.loads(line[6:])["choices"][0]
                finished += choice["finish_reason"] is not None
                if choice["delta"].get("content"):
                    break
    assert finished == 0
    record = await door.settled_record(response.headers["x-request-id"])
    assert record.outcome is Outcome.CANCELLED
    assert record.tokens.output > 0
    assert record.cost_nusd > 0


@pytest.mark.parametrize("door", [{"max_body_bytes": 1024}], indirect=True)
async def test_body_when_it_is_too_large_to_be_read_then_is_refused_in_the_doors_shape(
    door: Door,
) -> None:
    for path in ("/v1/messages", "/v1/responses"):
        response = await door.client.post(path, content=b"x" * 2000)
        body = response.json()
        assert response.status_code == 413
        assert body["error"]["code"] == "payload_too_large"
        if path == "/v1/messages":
            assert (body["type"], body["error"]["type"]) == ("error", "request_too_large")
            assert body["request_id"] == response.headers["x-request-id"]
