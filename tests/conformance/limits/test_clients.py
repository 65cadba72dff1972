"""What clients do with a refusal: which exception each raises, which retries it sends, and what comes of obeying."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai
import pytest

from conformance.limits.asks import Ask
from conformance.limits.situations import COMMON_KINDS, STRICT_KINDS, Situation, Stage, this_minute
from conformance.programs import CLIENTS_PYTHON, tour_python
from conformance.server import wait_until

pytestmark = pytest.mark.conformance


WAITING = tuple(kind for kind in COMMON_KINDS if kind.startswith(("requests", "tokens")))
FINAL = tuple(
    kind for kind in COMMON_KINDS if not kind.startswith("concurrency") and kind not in WAITING
)
"""Kinds of limits that a moment's wait does not mend."""


async def refusal(
    client: openai.AsyncOpenAI, arguments: dict[str, Any]
) -> openai.APIStatusError | None:
    create: Any = client.chat.completions.create
    try:
        await create(**arguments)
    except openai.APIStatusError as error:
        return error
    return None


@pytest.mark.parametrize("route", ["plain", "stream"])
@pytest.mark.parametrize("kind", COMMON_KINDS)
async def test_asynchronous_client_when_refused_then_raises_the_same(
    stage: Stage, kind: str, route: str
) -> None:
    situation = await asyncio.to_thread(stage.situation, kind)
    arguments = Ask(route=route).arguments
    async with openai.AsyncOpenAI(
        base_url=stage.weft.url,
        api_key=situation.account.key,
        max_retries=0,
        default_headers=situation.headers,
    ) as client:
        error: openai.APIStatusError | None = None
        for _ in range(3):
            minute = this_minute()
            await asyncio.to_thread(situation.fill)
            error = await refusal(client, arguments)
            if minute == this_minute():
                break
    told = situation.told
    assert error is not None, "let through"
    assert (type(error), error.status_code, error.code) == (told.error, told.status, told.code)


@pytest.mark.parametrize("kind", FINAL)
def test_client_when_waiting_does_not_help_then_sends_no_retry(stage: Stage, kind: str) -> None:
    situation = stage.situation(kind)
    situation.fill()
    client = stage.client.with_options(
        api_key=situation.account.key, default_headers=situation.headers, max_retries=2
    )
    before = stage.weft.total_requests()
    create: Any = client.chat.completions.create
    with pytest.raises(situation.told.error) as caught:
        create(**Ask().arguments)
    assert caught.value.response.request.headers["x-stainless-retry-count"] == "0"
    if kind != "personal":  # of which no record is kept
        assert stage.weft.total_requests() == before + 1


@pytest.mark.parametrize("kind", ["concurrency-user", "concurrency-project"])
def test_client_when_too_many_are_in_flight_then_retries_as_told_and_succeeds(
    stage: Stage, kind: str
) -> None:
    situation = stage.fresh_situation(kind)
    client = stage.client.with_options(api_key=situation.account.key, max_retries=3)
    create: Any = client.chat.completions.with_raw_response.create
    before = stage.weft.total_requests()
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(create, **Ask(text="one two").arguments)
        wait_until(lambda: stage.weft.total_requests() > before)  # the refusal
        situation.release()
        answer = asked.result()
    assert answer.parse().choices[0].message.content == "one two"
    assert answer.retries_taken >= 1


def test_idempotency_key_when_its_first_use_was_refused_then_a_retry_is_answered(
    stage: Stage,
) -> None:
    situation = stage.fresh_situation("concurrency-project")
    client = stage.client.with_options(api_key=situation.account.key)
    create: Any = client.chat.completions.create
    arguments = {**Ask().arguments, "extra_headers": {"Idempotency-Key": "once"}}
    for _ in range(2):
        with pytest.raises(openai.RateLimitError):
            create(**arguments)
    situation.release()
    first = create(**arguments)
    assert create(**arguments) == first


def test_remedy_when_a_caller_near_its_cap_follows_it_then_is_answered(stage: Stage) -> None:
    situation = stage.fresh_situation("spend-key-day")
    account = situation.account
    stage.limit("spend", "key", account.key_id, 3_000_000, period="day")
    client = stage.client.with_options(api_key=account.key)
    create: Any = client.chat.completions.create
    ask = Ask("test/echo", text="hello", max_tokens=2_000)
    with pytest.raises(openai.RateLimitError) as caught:
        create(**ask.arguments)
    body: Any = caught.value.body
    fitting = body["metadata"]["fitting_max_tokens"]
    assert f"at most {fitting} tokens" in body["metadata"]["remedy"]
    assert 0 < fitting < 2_000
    answer = create(**Ask("test/echo", text="hello", max_tokens=fitting).arguments)
    assert answer.choices[0].message.content == "hello"


SHOWN = {
    429: {"openai": "RateLimitError", "litellm": "RateLimitError"},
    403: {"openai": "PermissionDeniedError", "litellm": "APIError"},  # it has none for 403
    402: {"openai": "APIStatusError", "litellm": "APIError"},
}
TOUR = (
    *("concurrency-user", "concurrency-project", "requests-key", "tokens-project"),
    *("spend-key-day", "spend-user-month", "spend-project-year", "spend-team-month", "plan-cap"),
    *("credits-of-plan", "credits-bought", "models", "personal"),
)


def spec_of(stage: Stage, name: str, situation: Situation) -> dict[str, Any]:
    return {
        "name": name,
        "base_url": stage.weft.url,
        "key": situation.account.key,
        "headers": situation.headers,
        "fill": situation.filling,
        "ask": Ask().arguments,
    }


def test_other_clients_when_refused_then_raise_their_own_classes_with_our_words(
    stage: Stage, strict_stage: Stage
) -> None:
    situations = {kind: (stage, stage.situation(kind)) for kind in TOUR}
    situations |= {f"strict {k}": (strict_stage, strict_stage.situation(k)) for k in STRICT_KINDS}
    spec = [spec_of(where, name, it) for name, (where, it) in situations.items()]
    seen = tour_python(CLIENTS_PYTHON, stage.weft, "limits_tour.py", json.dumps(spec))
    assert seen["versions"]["openai"].startswith("2.")
    for name, (_, situation) in situations.items():
        told = situation.told
        for client in ("openai", "litellm"):
            for way in ("whole", "stream"):
                shown, status, message = seen["refusals"][name][client][way]
                assert (shown, status) == (SHOWN[told.status][client], told.status), name
                assert told.message.removesuffix(": ") in message, name
        assert seen["refusals"][name]["openai"]["code"] == told.code


def test_limit_of_a_model_when_set_by_an_alias_then_counts_for_the_model(stage: Stage) -> None:
    account = stage.books.open_account()
    stage.limit("concurrency", "project_model", account.project_id, 0, model="limited-alias")
    client = stage.client.with_options(api_key=account.key)
    create: Any = client.chat.completions.create
    for name in ("test/limited", "limited-alias"):
        with pytest.raises(openai.RateLimitError, match="test/limited-project limit reached"):
            create(**Ask(name).arguments)
    assert create(**Ask("test/echo").arguments)


def test_limit_of_a_model_when_there_is_no_such_model_then_is_not_set(stage: Stage) -> None:
    account = stage.books.open_account()
    wanted = {"kind": "concurrency", "scope": "project_model", "subject": account.project_id}
    response = stage.http.put(
        f"{stage.weft.console_url}api/limits/set",
        json={**wanted, "max": 1, "model": "test/limitd"},
        headers=stage.weft.headers,
    )
    assert response.status_code == 404
    assert "test/limited" in response.text


def test_cap_when_a_request_may_cost_more_than_all_of_it_then_it_is_told_when_it_turns(
    stage: Stage,
) -> None:
    """What a request may cost is a bound: near a cap its prompt is counted, and it may fit after all."""
    account = stage.books.open_account()
    stage.limit("spend", "key", account.key_id, 201_000, period="year")
    client = stage.client.with_options(api_key=account.key)
    create: Any = client.chat.completions.create
    ask = Ask("test/echo", text="[[fake: tokens=100]] hello", max_tokens=100)
    assert (
        create(**ask.arguments).usage.completion_tokens == 100
    )  # worth 201,000 to the nano-dollar
    with pytest.raises(openai.RateLimitError) as caught:
        create(**ask.arguments)
    body: Any = caught.value.body
    assert int(body["metadata"]["asked"]) > int(body["metadata"]["max"])
    assert body["metadata"]["resets_at"].endswith("-01-01T00:00:00Z")
