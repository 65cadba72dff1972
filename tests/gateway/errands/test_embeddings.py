"""Embeddings through a whole house."""

from typing import Any

import pytest
from tests.gateway.house import Door
from tests.gateway.shared import shared_door

from weft.engines.kinds.fake.texts import vector
from weft.ledger.types import Outcome, UsageSource

pytestmark = pytest.mark.asyncio(loop_scope="module")
door = shared_door

MODEL = "test/vectors"


async def test_embedding_when_asked_then_comes_and_costs_what_was_read(door: Door) -> None:
    response = await door.post("embeddings", MODEL, input="one two three")
    body = response.json()
    assert response.status_code == 200
    assert (body["object"], body["model"]) == ("list", MODEL)
    assert body["data"] == [
        {"object": "embedding", "index": 0, "embedding": vector("one two three", 8)}
    ]
    assert body["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
    record = await door.record_of(response)
    assert record is not None
    assert (record.tokens.input, record.tokens.output) == (3, 0)
    assert (record.cost_nusd, record.outcome) == (3 * 3000, Outcome.COMPLETED)
    assert record.usage_source is UsageSource.ENGINE


@pytest.mark.parametrize(
    ("texts", "count", "tokens"),
    [(["a", "b c"], 2, 3), ([1, 2, 3], 1, 3), ([[1, 2], [3]], 2, 3)],
)
async def test_inputs_when_of_any_form_then_each_has_a_vector(
    door: Door, texts: Any, count: int, tokens: int
) -> None:
    response = await door.post("embeddings", MODEL, input=texts, encoding_format="base64")
    body = response.json()
    assert [item["index"] for item in body["data"]] == list(range(count))
    assert all(isinstance(item["embedding"], str) for item in body["data"])
    record = await door.record_of(response)
    assert record is not None
    assert record.tokens.input == tokens


async def test_engine_when_it_tells_no_usage_then_the_text_is_counted(door: Door) -> None:
    response = await door.post("embeddings", "test/mute", input="x" * 40, dimensions=3)
    assert len(response.json()["data"][0]["embedding"]) == 3
    record = await door.record_of(response)
    assert record is not None
    assert (record.tokens.input, record.usage_source) == (10, UsageSource.COUNTED)


@pytest.mark.parametrize(
    ("model", "fields", "status", "param"),
    [
        (MODEL, {}, 400, "input"),
        (MODEL, {"input": ""}, 400, "input"),
        (MODEL, {"input": ["a", ""]}, 400, "input[1]"),
        (MODEL, {"input": ["a"] * 2049}, 400, "input"),
        (MODEL, {"input": "a", "encoding_format": "int8"}, 400, "encoding_format"),
        (MODEL, {"input": "a", "dimensions": 0}, 400, "dimensions"),
        ("test/fake", {"input": "a"}, 422, "model"),
        ("test/nothing", {"input": "a"}, 404, "model"),
    ],
)
async def test_embedding_when_it_cannot_be_then_is_refused_by_name(
    door: Door, model: str, fields: dict[str, Any], status: int, param: str
) -> None:
    response = await door.post("embeddings", model, **fields)
    error = response.json()["error"]
    assert (response.status_code, error["param"]) == (status, param)
    record = await door.record_of(response)
    assert record is not None
    assert (record.outcome, record.cost_nusd) == (Outcome.REFUSED, 0)


async def test_key_when_used_again_then_one_vector_is_made(door: Door) -> None:
    answers = [
        await door.client.post(
            "/v1/embeddings",
            json={"model": MODEL, "input": "a"},
            headers={"Idempotency-Key": "again"},
        )
        for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["idempotent-replayed"] == "true"
