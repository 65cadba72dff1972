"""Plain completions through a whole house: answers, what is refused by name, and what is written down."""

import asyncio
from typing import Any

import msgspec
import pytest
from tests.gateway.house import Door
from tests.gateway.shared import shared_door

from weft.ledger.types import Outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")
door = shared_door

HELLO = "one two three"


def events(text: str) -> list[dict[str, Any]]:
    """The chunks of a stream that ended well."""
    *chunks, done, rest = text.split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    return [msgspec.json.decode(chunk.removeprefix("data: ")) for chunk in chunks]


async def test_completion_when_asked_then_goes_on_and_is_charged_once(door: Door) -> None:
    response = await door.post("completions", prompt=HELLO)
    body = response.json()
    assert response.status_code == 200
    assert (body["object"], body["model"]) == ("text_completion", "test/fake")
    assert body["choices"] == [
        {"index": 0, "text": HELLO, "logprobs": None, "finish_reason": "stop"}
    ]
    assert body["usage"]["total_tokens"] == 6
    record = await door.record_of(response)
    assert record is not None
    assert (record.tokens.input, record.tokens.output, record.stream) == (3, 3, False)
    assert record.cost_nusd == 3 * 1000 + 3 * 2000
    assert record.outcome is Outcome.COMPLETED


async def test_completion_when_no_limit_is_named_then_has_sixteen_tokens(door: Door) -> None:
    body = (await door.post("completions", prompt=f"[[fake: tokens=50]] {HELLO}")).json()
    assert body["usage"]["completion_tokens"] == 16
    assert body["choices"][0]["finish_reason"] == "length"


async def test_stream_when_read_then_adds_up_to_the_whole_answer(door: Door) -> None:
    fields: dict[str, Any] = {"prompt": HELLO, "max_tokens": 50, "n": 2, "logprobs": 1}
    whole = (await door.post("completions", **fields)).json()
    streamed = await door.post(
        "completions", **fields, stream=True, stream_options={"include_usage": True}
    )
    *chunks, last = events(streamed.text)
    assert last["choices"] == []
    assert last["usage"] == whole["usage"]
    assert {chunk["id"] for chunk in chunks} == {last["id"]}
    for choice in whole["choices"]:
        pieces = [
            piece
            for chunk in chunks
            for piece in chunk["choices"]
            if piece["index"] == choice["index"]
        ]
        assert "".join(piece["text"] for piece in pieces) == choice["text"]
        assert [p["finish_reason"] for p in pieces if p["finish_reason"]] == ["stop"]
        told = [token for p in pieces if p["logprobs"] for token in p["logprobs"]["tokens"]]
        assert told == choice["logprobs"]["tokens"]
    record = await door.record_of(streamed)
    assert record is not None
    assert (record.tokens.input, record.tokens.output, record.stream) == (3, 6, True)


async def test_stream_when_usage_was_not_asked_for_then_has_none_and_is_metered(
    door: Door,
) -> None:
    response = await door.post("completions", prompt=HELLO, stream=True)
    assert all("usage" not in chunk for chunk in events(response.text))
    record = await door.record_of(response)
    assert record is not None
    assert (record.tokens.input, record.tokens.output) == (3, 3)


@pytest.mark.parametrize(
    ("prompt", "said", "tokens"),
    [
        (["a b", "c"], ["a b", "c"], 3),
        ([7, 8, 9], ["7 8 9"], 3),
        ([[7, 8], [9]], ["7 8", "9"], 3),
    ],
)
async def test_prompts_when_of_any_form_then_each_has_its_answers(
    door: Door, prompt: Any, said: list[str], tokens: int
) -> None:
    body = (await door.post("completions", prompt=prompt, n=2)).json()
    texts = {choice["index"]: choice["text"] for choice in body["choices"]}
    assert [texts[2 * place].split()[0] for place in range(len(said))] == [
        text.split()[0] for text in said
    ]
    assert len(texts) == 2 * len(said)
    assert body["usage"]["prompt_tokens"] == tokens


@pytest.mark.parametrize(
    ("fields", "status", "param", "code"),
    [
        ({}, 400, "prompt", "missing_required_parameter"),
        ({"prompt": None}, 400, "prompt", "invalid_type"),
        ({"prompt": []}, 400, "prompt", "invalid_value"),
        ({"prompt": ""}, 400, "prompt", "invalid_value"),
        ({"prompt": ["a", 1]}, 400, "prompt", "invalid_type"),
        ({"prompt": ["a", ""]}, 400, "prompt[1]", "invalid_value"),
        ({"prompt": [-1]}, 400, "prompt", "invalid_value"),
        ({"prompt": ["a"] * 101}, 400, "prompt", "invalid_value"),
        ({"prompt": ["a"] * 51, "n": 2}, 400, "n", "invalid_value"),
        ({"prompt": "a", "stop": [""]}, 400, "stop[0]", "invalid_value"),
        ({"prompt": "a", "logit_bias": {"x": 1}}, 400, "logit_bias", "invalid_value"),
        ({"prompt": "a", "logprobs": 6}, 400, "logprobs", "invalid_value"),
        ({"prompt": "a", "stream_options": {}}, 400, "stream_options", "invalid_value"),
        ({"prompt": "a", "echo": True}, 422, "echo", "unsupported_parameter"),
        ({"prompt": "a", "suffix": "b"}, 422, "suffix", "unsupported_parameter"),
        ({"prompt": "a", "best_of": 2}, 422, "best_of", "unsupported_parameter"),
        ({"prompt": "a", "n_predict": 2}, 422, "n_predict", "unsupported_parameter"),
    ],
)
async def test_completion_when_it_cannot_be_then_is_refused_by_name(
    door: Door, fields: dict[str, Any], status: int, param: str, code: str
) -> None:
    response = await door.post("completions", **fields)
    error = response.json()["error"]
    assert (response.status_code, error["param"], error["code"]) == (status, param, code)
    record = await door.record_of(response)
    assert record is not None
    assert (record.status, record.outcome) == (status, Outcome.REFUSED)


@pytest.mark.parametrize("fields", [{"echo": False, "best_of": 2, "n": 2, "suffix": None}])
async def test_completion_when_it_asks_for_nothing_special_then_is_answered(
    door: Door, fields: dict[str, Any]
) -> None:
    response = await door.post("completions", prompt=HELLO, user="somebody", **fields)
    assert response.status_code == 200


async def test_model_of_embeddings_when_asked_for_text_then_says_that_it_writes_none(
    door: Door,
) -> None:
    plain = await door.post("completions", "test/vectors", prompt=HELLO)
    chat = await door.ask(HELLO, "test/vectors")
    for response in (plain, chat):
        error = response.json()["error"]
        assert (response.status_code, error["param"]) == (422, "model")
        assert "writes no text" in error["message"]


async def test_client_when_it_hangs_up_then_the_engine_stops_and_what_was_made_is_charged(
    door: Door,
) -> None:
    body = {
        "model": "test/fake",
        "prompt": "[[fake: tokens=100000 delay_ms=5]] word",
        "max_tokens": 5000,
        "stream": True,
    }
    async with door.client.stream("POST", "/v1/completions", json=body) as response:
        async for _ in response.aiter_lines():
            break
        request_id = response.headers["x-request-id"]
    record = await door.settled_record(request_id)
    assert record.outcome is Outcome.CANCELLED
    assert 0 < record.tokens.output < 5000
    async with asyncio.timeout(10):
        while sum(engine.in_flight for engine in door.house.engines.snapshot()):
            await asyncio.sleep(0.02)


async def test_engine_when_it_breaks_off_then_the_stream_ends_in_an_error(door: Door) -> None:
    response = await door.post(
        "completions", prompt=f"[[fake: truncate_after=2]] {HELLO}", stream=True
    )
    assert "[DONE]" not in response.text
    *_, last, _rest = response.text.split("\n\n")
    assert msgspec.json.decode(last.removeprefix("data: "))["error"]["code"] == "engine_failed"
    record = await door.record_of(response)
    assert record is not None
    assert (record.outcome, record.tokens.output) == (Outcome.FAILED, 2)


async def test_key_when_used_again_then_the_same_bytes_come_and_one_charge(door: Door) -> None:
    headers = {"Idempotency-Key": "again"}
    answers = [
        await door.client.post(
            "/v1/completions",
            json={"model": "test/fake", "prompt": HELLO, "stream": True},
            headers=headers,
        )
        for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["idempotent-replayed"] == "true"
    assert await door.record_of(answers[1]) is None
    other = await door.client.post(
        "/v1/chat/completions", json={"model": "test/fake", "prompt": HELLO}, headers=headers
    )
    assert other.json()["error"]["code"] == "idempotency_key_reused"
