"""Tokens of texts and conversations through a whole house: free, and counted as requests."""

from typing import Any

import pytest
from tests.gateway.house import Door
from tests.gateway.shared import shared_door

from weft.engines.kinds.fake.texts import token_of
from weft.ledger.types import Outcome, Tokens

pytestmark = pytest.mark.asyncio(loop_scope="module")
door = shared_door

CHAT = [{"role": "system", "content": "be kind"}, {"role": "user", "content": "one two"}]


async def post(door: Door, path: str, /, **fields: Any) -> Any:
    body = {"model": "test/fake", **fields}
    return await door.client.post(path, json=body)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"prompt": "one two"}, ["one", "two"]),
        ({"prompt": "one", "add_special_tokens": False}, ["one"]),
        ({"messages": CHAT}, ["be", "kind", "one", "two"]),
    ],
)
async def test_text_when_cut_then_its_tokens_come_and_cost_nothing(
    door: Door, fields: dict[str, Any], words: list[str]
) -> None:
    response = await post(door, "/tokenize", **fields)
    tokens = [token_of(word) for word in words]
    assert response.json() == {"count": len(words), "max_model_len": 8192, "tokens": tokens}
    record = await door.record_of(response)
    assert record is not None
    assert (record.tokens, record.cost_nusd, record.outcome) == (Tokens(), 0, Outcome.COMPLETED)
    back = await post(door, "/detokenize", tokens=tokens)
    assert back.json() == {"prompt": " ".join(words)}


@pytest.mark.parametrize(
    ("path", "fields", "status", "param"),
    [
        ("/tokenize", {}, 400, "prompt"),
        ("/tokenize", {"prompt": "a", "messages": CHAT}, 400, "prompt"),
        ("/tokenize", {"messages": [{"role": "nobody"}]}, 400, "messages[0].role"),
        ("/tokenize", {"prompt": "a", "chat_template": "x"}, 422, "chat_template"),
        ("/tokenize", {"prompt": "a", "model": "nobody/nothing"}, 404, "model"),
        ("/detokenize", {"tokens": [-1]}, 400, "tokens[0]"),
        ("/detokenize", {"tokens": "x"}, 400, "tokens"),
    ],
)
async def test_question_when_it_makes_no_sense_then_is_refused_by_name(
    door: Door, path: str, fields: dict[str, Any], status: int, param: str
) -> None:
    response = await post(door, path, **fields)
    assert (response.status_code, response.json()["error"]["param"]) == (status, param)


async def test_stranger_when_asking_then_is_told_nothing(door: Door) -> None:
    response = await door.client.post(
        "/tokenize",
        json={"model": "test/fake", "prompt": "a"},
        headers={"Authorization": "Bearer nobody"},
    )
    assert response.status_code == 401


async def test_message_when_counted_then_has_as_many_tokens_as_it_will_cost(door: Door) -> None:
    body = {
        "system": "be kind",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "one two"}]}],
    }
    counted = await post(door, "/v1/messages/count_tokens", **body)
    assert counted.json() == {"input_tokens": 4}
    made = await post(door, "/v1/messages", **body, max_tokens=9)
    assert made.json()["usage"]["input_tokens"] == 4
    refused = await post(door, "/v1/messages/count_tokens", messages=[])
    assert refused.json()["error"]["type"] == "invalid_request_error"
