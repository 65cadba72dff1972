"""Keys through the real server, with the fake engine behind it: one call, one charge, the same bytes."""

import asyncio
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, func, select, update
from tests.gateway.house import Door

from weft.gateway.idempotency.schema import idempotency
from weft.identity.teams import create_project, find_team
from weft.ledger.schema import usage
from weft.ledger.types import Outcome


def a_key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


def a_body(content: str, **fields: object) -> dict[str, Any]:
    return {
        "model": "test/fake",
        "messages": [{"role": "user", "content": content}],
        **fields,
    }


async def ask(
    door: Door, headers: dict[str, str], content: str, **fields: object
) -> httpx.Response:
    return await door.client.post(
        "/v1/chat/completions", json=a_body(content, **fields), headers=headers
    )


async def records(door: Door) -> int:
    """How many requests the chat door has written down: each was one call of the engine, or none."""
    return await door.database.read_soon(
        lambda connection: connection.execute(select(func.count()).select_from(usage)).scalar_one()
    )


def is_replay(response: httpx.Response) -> bool:
    return response.headers.get("idempotent-replayed") == "true"


@pytest.mark.parametrize("stream", [False, True])
async def test_key_when_used_again_then_the_same_bytes_and_one_charge(
    door: Door, stream: bool
) -> None:
    key = a_key()
    first = await ask(door, key, "one two three", stream=stream)
    again = await ask(door, key, "one two three", stream=stream)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]
    assert not is_replay(first)
    assert is_replay(again)
    assert again.headers["x-weft-original-request-id"] == first.headers["x-request-id"]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    record = await door.record_of(first)
    assert record is not None
    assert record.cost_nusd == 3 * 1000 + 3 * 2000
    assert await door.record_of(again) is None
    assert await records(door) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_key_when_used_by_fifty_at_once_then_one_works_for_all(
    door: Door, stream: bool
) -> None:
    key = a_key()
    text = "[[fake: delay_ms=5 tokens=30]] word"
    responses = await asyncio.gather(*(ask(door, key, text, stream=stream) for _ in range(50)))
    assert {response.status_code for response in responses} == {200}
    assert len({response.content for response in responses}) == 1
    assert len({response.headers["x-request-id"] for response in responses}) == 50
    (original,) = [response for response in responses if not is_replay(response)]
    assert {r.headers["x-weft-original-request-id"] for r in responses if is_replay(r)} == {
        original.headers["x-request-id"]
    }
    assert await records(door) == 1


async def test_stream_when_joined_late_then_comes_from_its_first_byte_while_it_goes_on(
    door: Door,
) -> None:
    key = a_key()
    body = a_body("[[fake: delay_ms=30 tokens=40]] word", stream=True)
    path = "/v1/chat/completions"
    async with door.client.stream("POST", path, json=body, headers=key) as first:
        lines = first.aiter_lines()
        seen = [await anext(lines) for _ in range(9)]
        async with door.client.stream("POST", path, json=body, headers=key) as late:
            joined = late.aiter_lines()
            assert [await anext(joined) for _ in range(9)] == seen
            assert await records(door) == 0  # it is still being made
            rest = [line async for line in joined]
        assert [line async for line in lines] == rest
    assert "data: [DONE]" in rest
    assert await records(door) == 1


async def cut(door: Door, key: dict[str, str], body: dict[str, Any], after: int) -> None:
    """Hang up after so many lines of a stream."""
    path = "/v1/chat/completions"
    async with door.client.stream("POST", path, json=body, headers=key) as response:
        assert response.status_code == 200
        lines = response.aiter_lines()
        for _ in range(after):
            await anext(lines)


async def test_stream_when_cut_a_hundred_times_then_each_retry_gets_it_whole_for_one_charge(
    door: Door,
) -> None:
    # With no other client, the retry may find the work under way, or over: the delays differ.
    whole = (await ask(door, {}, "[[fake: tokens=12]] a b c", stream=True)).content
    for number in range(100):
        key, delay = a_key(), number % 4
        body = a_body(f"[[fake: delay_ms={delay} tokens=12]] a b c", stream=True)
        await cut(door, key, body, number % 7)
        retried = await door.client.post("/v1/chat/completions", json=body, headers=key)
        assert text_of(retried) == text_of_bytes(whole)
        assert retried.content.endswith(b"data: [DONE]\n\n")
        assert is_replay(retried)
        record = await door.record(retried.headers["x-weft-original-request-id"])
        assert record is not None
        assert (record.outcome, record.tokens.output) == (Outcome.COMPLETED, 12)
        assert record.cost_nusd > 0
    assert await records(door) == 101


def text_of(response: httpx.Response) -> str:
    return text_of_bytes(response.content)


def text_of_bytes(content: bytes) -> str:
    datas = [line[6:] for line in content.decode().split("\n") if line.startswith("data: {")]
    return "".join(json.loads(d)["choices"][0]["delta"].get("content") or "" for d in datas)


async def test_whole_answer_when_its_client_hung_up_then_the_work_goes_on_and_is_kept(
    door: Door,
) -> None:
    key, text = a_key(), "[[fake: delay_ms=20 tokens=20]] word"
    with pytest.raises(httpx.ReadTimeout):
        await door.client.post("/v1/chat/completions", json=a_body(text), headers=key, timeout=0.1)
    response = await ask(door, key, text)
    assert response.json()["usage"]["completion_tokens"] == 20
    assert is_replay(response)
    assert await records(door) == 1


async def test_answer_when_charged_then_is_kept_in_the_same_moment(door: Door) -> None:
    """No snapshot of the database has the one without the other, so no crash can leave it so."""
    charged_alone = (
        select(func.count())
        .select_from(usage.outerjoin(idempotency, idempotency.c.request_id == usage.c.id))
        .where(func.coalesce(idempotency.c.status, 0) == 0)
    )
    await ask(door, {}, "this one starts the engine")
    looks = 0

    async def look(until: "asyncio.Future[list[httpx.Response]]") -> None:
        nonlocal looks
        while not until.done():
            found = await door.database.read_soon(
                lambda connection: connection.execute(charged_alone).scalar_one()
            )
            assert found == 1  # the one without a key
            looks += 1

    asked = [
        ask(door, a_key(), text, stream=bool(number % 2))
        for number in range(60)
        for text in ("one two", "[[fake: error_after=1 tokens=3]] word")
    ]
    asking = asyncio.gather(*asked)
    await look(asking)
    assert {response.status_code for response in await asking} == {200, 502}
    assert looks > 10
    assert await records(door) == 121


@pytest.mark.parametrize(
    ("content", "fields", "status"),
    [
        ("hello", {"temperature": 9}, 400),
        ("hello", {"model": "nobody/nothing"}, 404),
        ("[[fake: fail_status=500]] hello", {}, 502),
        ("[[fake: truncate_after=0]] hello", {}, 502),
    ],
)
async def test_error_when_it_is_of_the_request_or_the_engine_saw_it_then_is_replayed(
    door: Door, content: str, fields: dict[str, object], status: int
) -> None:
    key = a_key()
    first = await ask(door, key, content, **fields)
    again = await ask(door, key, content, **fields)
    assert (first.status_code, again.status_code) == (status, status)
    assert again.content == first.content
    assert is_replay(again)
    assert again.headers.get("x-should-retry") == ("false" if status >= 500 else None)
    assert await records(door) == 1


async def test_stream_when_the_engine_broke_off_then_its_error_is_replayed_and_charged_once(
    door: Door,
) -> None:
    key, text = a_key(), "[[fake: error_after=3 tokens=9]] word"
    first = await ask(door, key, text, stream=True)
    again = await ask(door, key, text, stream=True)
    assert b'"engine_failed"' in first.content
    assert again.content == first.content
    record = await door.record_of(first)
    assert record is not None
    assert record.outcome is Outcome.FAILED
    assert record.cost_nusd > 0
    assert await records(door) == 1


@pytest.mark.parametrize(
    ("content", "model", "status"),
    [("[[fake: fail_status=503]] hello", "test/fake", 503), ("hello", "test/down", 502)],
)
async def test_error_when_the_work_was_not_begun_then_the_key_is_free_again(
    door: Door, content: str, model: str, status: int
) -> None:
    key = a_key()
    first = await ask(door, key, content, model=model)
    assert first.status_code == status
    again = await ask(door, key, content, model=model)
    assert not is_replay(again)
    assert await records(door) == 2
    assert (await ask(door, key, "other words")).status_code == 200


async def test_key_when_of_a_stranger_then_is_not_kept(door: Door) -> None:
    headers = {**a_key(), "Authorization": "Bearer nonsense"}
    assert (await ask(door, headers, "hello")).status_code == 401
    headers.pop("Authorization")
    assert not is_replay(await ask(door, headers, "hello"))


async def test_key_when_the_same_request_is_spelled_in_another_way_then_is_refused(
    door: Door,
) -> None:
    key = a_key()
    await ask(door, key, "hello")
    for again in (ask(door, key, "hello!"), ask(door, key, "hello", stream=True)):
        response = await again
        error = response.json()["error"]
        assert response.status_code == 400
        assert (error["code"], error["param"]) == ("idempotency_key_reused", "Idempotency-Key")
        assert error["metadata"]["remedy"]
    assert await records(door) == 1


async def test_key_when_others_use_it_otherwise_at_once_then_they_are_refused(door: Door) -> None:
    key = a_key()
    texts = [f"[[fake: delay_ms=5 tokens=20]] word{number % 2}" for number in range(20)]
    responses = await asyncio.gather(*(ask(door, key, text) for text in texts))
    good = [response for response in responses if response.status_code == 200]
    assert len(good) == 10
    assert len({response.content for response in good}) == 1
    assert {r.status_code for r in responses} == {200, 400}
    assert await records(door) == 1


async def test_key_when_refused_for_its_parameters_then_those_it_stands_for_still_work(
    door: Door,
) -> None:
    key = a_key()
    first = await ask(door, key, "hello")
    responses = await asyncio.gather(
        *(ask(door, key, "other" if number % 2 else "hello") for number in range(20))
    )
    for number, response in enumerate(responses):
        assert response.status_code == (400 if number % 2 else 200)
    assert {r.content for r in responses if r.status_code == 200} == {first.content}


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_key_when_empty_or_too_long_then_400(door: Door, key: str) -> None:
    response = await ask(door, {"Idempotency-Key": key}, "hello")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_idempotency_key"
    assert await records(door) == 0


async def test_key_when_of_255_characters_then_is_taken(door: Door) -> None:
    key = {"Idempotency-Key": "x" * 255}
    assert (await ask(door, key, "hello")).status_code == 200
    assert is_replay(await ask(door, key, "hello"))


async def test_key_when_sent_twice_then_both_have_to_agree(door: Door) -> None:
    async def send(*keys: str) -> httpx.Response:
        headers = [("Idempotency-Key", key) for key in keys]
        return await door.client.post("/v1/chat/completions", json=a_body("hi"), headers=headers)

    assert (await send("a", "b")).status_code == 400
    assert (await send("a", "a")).status_code == 200


async def test_answer_when_too_large_to_keep_then_is_delivered_and_a_retry_is_told(
    door: Door,
) -> None:
    key, text = a_key(), "[[fake: huge_bytes=5000000 tokens=1]] a"
    body = a_body(text, n=2)
    first = await door.client.post("/v1/chat/completions", json=body, headers=key)
    assert first.status_code == 200
    assert len(first.content) > 10_000_000
    again = await door.client.post("/v1/chat/completions", json=body, headers=key)
    error = again.json()["error"]
    assert again.status_code == 409
    assert error["code"] == "idempotency_answer_too_large"
    assert error["metadata"]["request_id"] == first.headers["x-request-id"]
    assert again.headers["x-should-retry"] == "false"
    assert await records(door) == 1


async def test_key_when_a_day_is_over_then_is_new(door: Door) -> None:
    key = a_key()
    await ask(door, key, "hello")
    await door.database.write_soon(
        lambda connection: connection.execute(update(idempotency).values(expires_at_us=1))
    )
    assert not is_replay(await ask(door, key, "other"))
    assert await records(door) == 2


@pytest.mark.parametrize(
    "door", [{"cors_origins": ["https://a.example", "https://b.example"]}], indirect=True
)
async def test_replay_when_asked_from_another_origin_then_is_for_that_one(door: Door) -> None:
    key = a_key()
    for origin in ("https://a.example", "https://b.example"):
        response = await ask(door, {**key, "Origin": origin}, "hello")
        assert response.headers["access-control-allow-origin"] == origin
    response = await ask(door, {**key, "Origin": "https://c.example"}, "hello")
    assert is_replay(response)
    assert "access-control-allow-origin" not in response.headers


async def test_key_when_of_another_project_then_is_another(door: Door) -> None:
    key, team = a_key(), door.house.settings.team

    def make(connection: Connection) -> None:
        found = find_team(connection, team)
        assert found is not None
        create_project(connection, found, "second", datetime.now(UTC))

    await door.database.write_soon(make)
    await ask(door, key, "hello")
    other = await ask(door, {**key, "OpenAI-Project": f"{team}/second"}, "hello")
    assert other.status_code == 200
    assert not is_replay(other)
    assert await records(door) == 2
