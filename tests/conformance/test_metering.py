"""One usage record for each request whose caller is known, whatever became of it; none for a stranger's."""

import asyncio
import json
from typing import Any

import httpx
import openai
import pytest

from conformance.server import ECHO, PROJECT, TEAM, TINY, Weft

pytestmark = pytest.mark.conformance

LLAMA = "meta-llama/Llama-3.1-8B-Instruct"


def post(weft: Weft, text: str, *, model: str = ECHO, **more: Any) -> httpx.Response:
    headers = more.pop("headers", {})
    content = {"model": model, "messages": [{"role": "user", "content": text}], **more}
    return httpx.post(
        f"{weft.url}/chat/completions",
        json=content,
        headers={**weft.headers, **headers},
        timeout=30,
    )


def record_of(weft: Weft, response: httpx.Response) -> dict[str, Any]:
    record = weft.usage(response.headers["x-request-id"])
    assert record is not None
    return record


@pytest.mark.parametrize(
    ("text", "more", "status", "outcome", "tokens"),
    [
        ("one two three", {}, 200, "completed", (3, 3)),
        ("one two three", {"stream": True}, 200, "completed", (3, 3)),
        ("one two three", {"n": 4}, 200, "completed", (3, 12)),
        ("one two three", {"n": 4, "stream": True}, 200, "completed", (3, 12)),
        ("one two three", {"max_tokens": 2}, 200, "completed", (3, 2)),
        ("[[fake: usage=off]] one two three", {"stream": True}, 200, "completed", (None, 3)),
        ("[[fake: done=off]] one two three", {"stream": True}, 200, "completed", (3, 3)),
        ("hello", {"model": "test/retired"}, 404, "refused", (0, 0)),
        ("hello", {"model": "nobody/nothing"}, 404, "refused", (0, 0)),
        ("hello", {"temperature": 9}, 400, "refused", (0, 0)),
        ("hello", {"model": "test/thinker", "logprobs": True}, 422, "refused", (0, 0)),
        ("hello", {"model": "test/down"}, 502, "failed", (0, 0)),
        ("[[fake: fail_status=500]] hello", {}, 502, "failed", (0, 0)),
        ("[[fake: truncate_after=0]] hello", {}, 502, "failed", (0, 0)),
        ("word " * 20, {"model": "test/short"}, 400, "refused", (0, 0)),
    ],
)
def test_request_when_answered_then_has_one_record(
    weft: Weft,
    text: str,
    more: dict[str, Any],
    status: int,
    outcome: str,
    tokens: tuple[int | None, int],
) -> None:
    before = weft.total_requests()
    response = post(weft, text, **more)
    assert response.status_code == status
    assert weft.total_requests() == before + 1
    record = record_of(weft, response)
    assert record["status"] == status
    assert record["outcome"] == outcome
    assert bool(record["error_code"]) == (status >= 400)
    assert record["stream"] == more.get("stream", False) or status >= 400
    given, produced = tokens
    assert record["output_tokens"] == produced
    if given is not None:
        assert record["input_tokens"] == given
    cost = record["input_tokens"] * 1000 + record["output_tokens"] * 2000
    assert int(record["cost_nusd"]) == cost


def test_cached_tokens_when_told_then_cost_the_cached_price(weft: Weft) -> None:
    response = post(weft, "[[fake: cached=2]] one two three four")
    record = record_of(weft, response)
    assert record["cached_input_tokens"] == 2
    assert int(record["cost_nusd"]) == 2 * 1000 + 2 * 500 + 4 * 2000
    details = response.json()["usage"]["prompt_tokens_details"]
    assert details["cached_tokens"] == 2


def test_reasoning_tokens_when_told_then_are_part_of_the_output(weft: Weft) -> None:
    record = record_of(weft, post(weft, "one two", model="test/thinker"))
    assert (record["output_tokens"], record["reasoning_tokens"]) == (5, 3)


def test_stand_in_when_it_answers_then_costs_what_it_is_and_says_so(weft: Weft) -> None:
    response = post(weft, "What is 2 + 2?", model=LLAMA, temperature=0)
    assert response.headers["x-weft-stand-in"] == TINY
    assert response.json()["model"] == LLAMA
    record = record_of(weft, response)
    assert (record["model_id"], record["served_model_id"]) == (LLAMA, TINY)
    cost = record["input_tokens"] * 10 + record["output_tokens"] * 20
    assert int(record["cost_nusd"]) == cost


def test_stranger_when_refused_then_leaves_no_record(weft: Weft) -> None:
    before = weft.total_requests()
    response = post(weft, "hello", headers={"Authorization": "Bearer nobody"})
    assert response.status_code == 401
    assert weft.usage(response.headers["x-request-id"]) is None
    assert weft.total_requests() == before


@pytest.mark.parametrize("name", ["OpenAI-Project", "openai-project", "OPENAI-PROJECT"])
def test_project_when_named_in_any_case_of_the_header_then_is_charged(
    weft: Weft, name: str
) -> None:
    named = record_of(weft, post(weft, "hello", headers={name: f"{TEAM}/{PROJECT}"}))
    unnamed = record_of(weft, post(weft, "hello"))
    assert named["team_id"] != unnamed["team_id"]
    assert named["project_id"] != unnamed["project_id"]
    rows = weft.cli("usage", "--by", "project")["rows"]
    assert f"{TEAM}/{PROJECT}" in json.dumps(rows)


@pytest.mark.parametrize("path", ["models", "nothing", "models/nobody"])
def test_answer_when_of_any_kind_then_carries_a_request_id(weft: Weft, path: str) -> None:
    response = httpx.get(f"{weft.url}/{path}", headers=weft.headers, timeout=30)
    assert response.headers["x-request-id"].startswith("req_")


def test_basic_authentication_when_it_carries_the_key_then_is_taken(weft: Weft) -> None:
    response = httpx.get(f"{weft.url}/models", auth=("api", weft.api_key), timeout=30)
    assert response.status_code == 200


async def test_clients_when_many_ask_at_once_then_each_is_answered_and_metered(weft: Weft) -> None:
    before = weft.total_requests()
    async with openai.AsyncOpenAI(base_url=weft.url, api_key=weft.api_key) as client:

        async def add(number: int) -> str:
            answer = await client.chat.completions.create(
                model=TINY,
                messages=[{"role": "user", "content": f"What is {number} + 2?"}],
                temperature=0,
            )
            return (answer.choices[0].message.content or "").strip()

        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            tasks = [group.create_task(add(1 + number % 8)) for number in range(40)]
    assert [task.result() for task in tasks] == [str(3 + number % 8) for number in range(40)]
    assert weft.total_requests() == before + 40
