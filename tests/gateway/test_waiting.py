"""What a request sees of a model that sleeps, and of an engine that goes away."""

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from tests.gateway.house import Door, open_door

from weft.engines.types import EngineSnapshot, EngineState, ModelSnapshot, ModelStage
from weft.ledger.types import Outcome

SLOW, PAIR = "test/slow", "test/pair"
CARDS = {
    "slow": f'id = "{SLOW}"\ncontext_window_tokens = 8192\n[engines.fake]\n'
    'behaviour = "start_delay_ms=1500"\n',
    "pair": f'id = "{PAIR}"\ncontext_window_tokens = 8192\n[engines.fake]\n'
    "[serving]\nmin_replicas = 2\nmax_replicas = 2\n",
}
COMMENT = re.compile(r"^: test/slow is being loaded, eta_s=(\d+)$", re.MULTILINE)


@pytest.fixture
async def cold(tmp_path: Path) -> AsyncGenerator[Door]:
    async with open_door(tmp_path, CARDS, queue_limit=8, queue_timeout_s=0.3) as door:
        yield door


def replicas(door: Door, model: str) -> list[EngineSnapshot]:
    return [shot for shot in door.house.engines.snapshot() if shot.model == model]


def model_of(door: Door) -> ModelSnapshot:
    return next(model for model in door.house.engines.models() if model.key == SLOW)


async def both_ready(door: Door) -> None:
    async with asyncio.timeout(30):
        while [shot.state for shot in replicas(door, PAIR)] != [EngineState.READY] * 2:
            await asyncio.sleep(0.02)


async def kill_the_busy_one(door: Door) -> str:
    """The name of the engine that worked on the request."""
    async with asyncio.timeout(30):
        while not (busy := [shot for shot in replicas(door, PAIR) if shot.in_flight]):
            await asyncio.sleep(0.01)
    assert busy[0].pid is not None
    os.kill(busy[0].pid, signal.SIGKILL)
    return busy[0].name


async def test_stream_when_the_model_sleeps_then_comments_tell_how_long_it_takes(
    cold: Door,
) -> None:
    response = await cold.ask("one two", model=SLOW, stream=True)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    waits = [int(wait) for wait in COMMENT.findall(response.text)]
    assert waits
    assert all(1 <= wait <= 60 for wait in waits)
    datas = [line[6:] for line in response.text.split("\n") if line.startswith("data: ")]
    assert datas[-1] == "[DONE]"
    chunks = [json.loads(data) for data in datas[:-1]]
    text = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)
    assert text == "one two"
    record = await cold.record_of(response)
    assert record is not None
    assert (record.outcome, record.tokens.output) == (Outcome.COMPLETED, 2)
    assert record.ttft_us >= record.queue_us > 1_000_000, "a comment is no token"


async def test_request_when_the_model_sleeps_then_503_says_when_it_will_be_there(
    cold: Door,
) -> None:
    refused = await cold.ask("hello", model=SLOW)
    assert refused.status_code == 503
    error = refused.json()["error"]
    assert error["code"] == "model_loading"
    assert error["metadata"]["eta_s"] == int(refused.headers["retry-after"])
    async with asyncio.timeout(30):  # it goes on being loaded, for whoever comes again
        while model_of(cold).stage is not ModelStage.READY:
            await asyncio.sleep(0.05)
    assert (await cold.ask("hello", model=SLOW)).status_code == 200


async def test_client_when_it_hangs_up_while_the_model_is_loaded_then_nothing_is_left(
    cold: Door,
) -> None:
    body = {"model": SLOW, "stream": True, "messages": [{"role": "user", "content": "hello"}]}
    async with cold.client.stream("POST", "/v1/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            assert line.startswith(":")
            break
    record = await cold.settled_record(response.headers["x-request-id"])
    assert (record.outcome, record.cost_nusd) == (Outcome.CANCELLED, 0)
    slow = model_of(cold)
    assert (slow.waiting, slow.in_flight) == (0, 0)


@pytest.mark.parametrize("stream", [True, False])
async def test_engine_when_it_dies_before_the_first_byte_then_another_answers(
    cold: Door, stream: bool
) -> None:
    await both_ready(cold)
    asking = asyncio.create_task(
        cold.ask("[[fake: stall_ms=1500]] hello", model=PAIR, stream=stream)
    )
    lost = await kill_the_busy_one(cold)
    response = await asking
    assert response.status_code == 200, response.text
    assert "hello" in response.text
    record = await cold.record_of(response)
    assert record is not None
    assert record.outcome is Outcome.COMPLETED
    assert record.engine not in ("", lost)
    assert record.tokens.output == 1


async def test_engine_when_it_dies_after_the_first_token_then_the_stream_ends_with_an_error(
    cold: Door,
) -> None:
    await both_ready(cold)
    content = "[[fake: tokens=100 delay_ms=50]] hello"
    body = {"model": PAIR, "stream": True, "messages": [{"role": "user", "content": content}]}
    lines: list[str] = []
    async with cold.client.stream("POST", "/v1/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            lines.append(line)
            if len(lines) == 6:
                await kill_the_busy_one(cold)
    error = json.loads(next(line for line in reversed(lines) if line.startswith("data: "))[6:])
    assert error["error"]["code"] == "engine_failed"
    record = await cold.settled_record(response.headers["x-request-id"])
    assert record.outcome is Outcome.FAILED
    assert record.tokens.output >= 1
