"""What a caller near its cap gets: an answer that the hold pays for, or a refusal before the engine was asked."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.gateway.house import Door, open_door

from weft.engines.types import Endpoint
from weft.identity.generation import bump
from weft.kit.clock import to_us
from weft.ledger.types import UsageRecord, UsageSource
from weft.limits.rules import Authority, Rule, Setter
from weft.limits.store import insert_limit
from weft.limits.types import LimitKind, LimitScope, Period

CONTEXT = 8192
IN_NUSD, OUT_NUSD = 1000, 2000
"""What a token costs."""
ENDLESS = "[[fake: tokens=20000 chunk_tokens=4000]] word"
"""An answer that only a limit ends; its prompt has one token."""
MODEL = "test/paid"


def a_card(name: str, *, context: int = CONTEXT, usd: tuple[str, str] = ("1", "2")) -> str:
    return (
        f'id = "{name}"\ncontext_window_tokens = {context}\n[capabilities]\ntools = true\n'
        "[engines.fake]\n[[prices]]\neffective_on = 2026-01-01\n"
        f'input_usd_per_mtok = "{usd[0]}"\noutput_usd_per_mtok = "{usd[1]}"\nsource = "a test"\n'
    )


CARDS = {
    "paid": a_card(MODEL),
    "free": a_card("test/free", usd=("0", "0")),
    "narrow": a_card("test/narrow", context=2048),
}


@pytest.fixture
async def door(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncGenerator[Door]:
    overrides: dict[str, object] = getattr(request, "param", {})
    async with open_door(tmp_path, CARDS, **overrides) as door:
        yield door


async def first(door: Door, model: str = MODEL) -> UsageRecord:
    """A first request, which wakes the engine and tells who the caller is."""
    return await paid(door, await door.ask("hello", model, max_tokens=1))


async def paid(door: Door, response: httpx.Response) -> UsageRecord:
    assert response.status_code == 200, response.text
    record = await door.record_of(response)
    assert record is not None
    return record


async def limit(door: Door, key_id: str, most: int, kind: LimitKind = LimitKind.SPEND) -> None:
    """Let the key spend, or use, so much in all of today, or of this minute."""
    period = Period.DAY if kind is LimitKind.SPEND else Period.MINUTE
    rule = Rule(kind, LimitScope.KEY, key_id, period, "", most)
    now_us = to_us(datetime.now(UTC))
    with door.database.write() as connection:
        insert_limit(connection, rule, Setter("a test", Authority.SERVER, "a test"), now_us)
        bump(connection)


async def leave(door: Door, nusd: int, model: str = MODEL) -> UsageRecord:
    """Let the caller spend so much more; returns what it did first."""
    before = await first(door, model)
    await limit(door, before.key_id, before.cost_nusd + nusd)
    return before


async def stats(door: Door, model: str = MODEL) -> dict[str, int]:
    """What the fake engine did so far."""
    engines = door.house.engines
    route = engines.find_route(door.house.catalog.resolve(model))
    lease = await engines.lease(route)
    try:
        # The link knows the secret, and renders heads for chats only.
        head = (
            lease.heads[Endpoint.CHAT]
            .render(None)
            .replace(b"POST /v1/chat/completions", b"GET /fake/stats")
        )
        response = await lease.pool.send(head)
        return json.loads(await response.read(1 << 16))
    finally:
        lease.release()


def is_quota(response: httpx.Response) -> bool:
    return response.status_code == 429 and response.json()["error"]["code"] == "insufficient_quota"


# Without a cap.


async def test_open_when_nothing_is_capped_then_the_rest_of_the_window_is_the_limit(
    door: Door,
) -> None:
    record = await paid(door, await door.ask(ENDLESS, MODEL))
    # The body's bytes, the template's room and a message's.
    assert CONTEXT - 1400 < record.tokens.output < CONTEXT - 1024
    assert record.cost_nusd == IN_NUSD + record.tokens.output * OUT_NUSD


async def test_open_when_the_prompt_may_fill_the_window_then_no_limit_is_sent(door: Door) -> None:
    words = "w " * 2600
    response = await door.ask(f"[[fake: tokens=5000 chunk_tokens=4000]] {words}", MODEL)
    record = await paid(door, response)
    assert record.tokens.output == 5000
    assert response.json()["choices"][0]["finish_reason"] == "stop"


async def test_open_when_the_model_is_free_then_no_limit_is_sent_and_no_cap_stands_in_the_way(
    door: Door,
) -> None:
    before = await first(door, "test/free")
    await limit(door, before.key_id, 0)
    record = await paid(door, await door.ask(ENDLESS, "test/free"))
    assert (record.tokens.output, record.cost_nusd) == (20000, 0)


# Near a cap.


@pytest.mark.parametrize("stream", [False, True])
async def test_open_when_near_the_cap_then_the_answer_is_as_long_as_can_be_paid(
    door: Door, stream: bool
) -> None:
    left = 2_000_000  # the bound of the prompt fits in, and some 300 tokens besides
    await leave(door, left)
    record = await paid(door, await door.ask(ENDLESS, MODEL, stream=stream))
    assert 16 <= record.tokens.output < 600
    assert record.cost_nusd <= left
    assert record.usage_source is UsageSource.ENGINE
    assert (await stats(door))["tokenized"] == 0


async def test_open_when_nearer_than_the_bound_then_the_prompt_is_counted_and_all_is_spent(
    door: Door,
) -> None:
    left = IN_NUSD + 100 * OUT_NUSD + 7
    await leave(door, left)
    record = await paid(door, await door.ask(ENDLESS, MODEL))
    assert (record.tokens.input, record.tokens.output) == (1, 100)
    assert (await stats(door))["tokenized"] == 1
    # Now 7 nano-dollars are left: refused, and nobody is asked for anything.
    before = await stats(door)
    assert is_quota(await door.ask(ENDLESS, MODEL))
    assert await stats(door) == before


async def test_open_when_several_choices_then_each_gets_its_share(door: Door) -> None:
    left = IN_NUSD + 3 * 40 * OUT_NUSD + 5000
    await leave(door, left)
    record = await paid(door, await door.ask(ENDLESS, MODEL, n=3))
    assert record.tokens.output == 3 * 40
    assert record.cost_nusd <= left


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_limit_when_named_and_payable_after_a_count_then_is_kept_in_full(
    door: Door, name: str
) -> None:
    left = IN_NUSD + 50 * OUT_NUSD
    await leave(door, left)
    fields: dict[str, Any] = {name: 50}
    record = await paid(door, await door.ask(ENDLESS, MODEL, **fields))
    assert (record.tokens.output, record.cost_nusd) == (50, left)


@pytest.mark.parametrize("fields", [{"max_tokens": 51}, {"max_completion_tokens": 26, "n": 2}])
async def test_limit_when_named_and_one_token_too_dear_then_is_refused_before_the_engine_sees_it(
    door: Door, fields: dict[str, Any]
) -> None:
    await leave(door, IN_NUSD + 50 * OUT_NUSD)
    before = await stats(door)
    refused = await door.ask(ENDLESS, MODEL, **fields)
    assert is_quota(refused)
    metadata = refused.json()["error"]["metadata"]
    assert metadata["limit"] == "spend"
    after = await stats(door)
    assert after["requests"] == before["requests"]
    assert after["tokenized"] == before["tokenized"] + 1
    record = await door.record_of(refused)
    assert record is not None
    assert record.cost_nusd == 0
    # What it says that fits does fit.
    fitting = metadata["fitting_max_tokens"]
    assert fitting * fields.get("n", 1) == 50
    again = {**fields, **{name: fitting for name in fields if name != "n"}}
    assert (await paid(door, await door.ask(ENDLESS, MODEL, **again))).tokens.output == 50


async def test_limit_when_an_engine_would_heed_another_name_then_is_refused_by_name(
    door: Door,
) -> None:
    response = await door.ask(ENDLESS, MODEL, max_tokens=5, n_predict=5000)
    assert response.status_code == 422
    assert response.json()["error"]["param"] == "n_predict"
    assert "max_tokens" in response.json()["error"]["metadata"]["remedy"]


async def test_count_when_the_engine_cannot_then_the_bound_decides(door: Door) -> None:
    await leave(door, IN_NUSD + 100 * OUT_NUSD)
    engines = door.house.engines
    link = engines._models[MODEL].all[0].link  # pyright: ignore[reportPrivateUsage] - its counter has no switch
    assert link is not None
    assert link.counter is not None
    link.counter.is_absent = True
    assert is_quota(await door.ask(ENDLESS, MODEL))


async def test_spend_when_many_come_at_once_then_the_cap_is_never_passed(door: Door) -> None:
    left = 20 * (IN_NUSD + 30 * OUT_NUSD)
    await leave(door, left)
    answers = await asyncio.gather(*(door.ask(ENDLESS, MODEL) for _ in range(40)))
    records = [await paid(door, a) for a in answers if a.status_code == 200]
    assert all(is_quota(a) for a in answers if a.status_code != 200)
    assert records
    assert sum(record.cost_nusd for record in records) <= left


# Where the bound does not hold.


async def test_charge_when_an_engine_reports_more_than_can_be_then_ends_at_the_hold_and_is_told(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="weft.gateway.journal"):
        response = await door.ask("w " * 5000, "test/narrow", max_tokens=1)
    record = await paid(door, response)
    assert record.tokens.input == 5000
    assert record.cost_nusd == 2048 * IN_NUSD + OUT_NUSD
    [told] = [line for line in caplog.messages if line.startswith("charge_capped")]
    assert f"request_id={record.id}" in told
    assert f"cost_nusd={5000 * IN_NUSD + OUT_NUSD} charged_nusd={record.cost_nusd}" in told
    metrics = (await door.client.get("/metrics")).text
    assert 'weft_capped_charges_total{gen_ai_request_model="test/narrow"} 1' in metrics


async def test_charge_when_within_the_hold_then_nothing_is_told(door: Door) -> None:
    await first(door)
    metrics = (await door.client.get("/metrics")).text
    assert f'weft_capped_charges_total{{gen_ai_request_model="{MODEL}"}} 0' in metrics


# Stand-ins, on llama.cpp.


@pytest.mark.parametrize("door", [{"stand_in": True}], indirect=True)
async def test_stand_in_when_near_the_cap_then_the_price_and_the_slots_of_the_one_that_answers_count(
    door: Door,
) -> None:
    asked, price_in, price_out = "openai/gpt-oss-120b", 10, 20
    before = await paid(door, await door.ask("Hello", asked, max_tokens=1))
    assert before.served_model_id == "weft/tiny-chat"
    prompt = before.tokens.input
    assert before.cost_nusd == prompt * price_in + before.tokens.output * price_out
    left = prompt * price_in + 16 * price_out
    await limit(door, before.key_id, before.cost_nusd + left)
    record = await paid(door, await door.ask("Hello", asked, tools=[], user="somebody"))
    assert record.tokens.input == prompt
    assert record.tokens.output <= 16
    assert record.cost_nusd <= left
    assert is_quota(await door.ask("Hello", asked, max_tokens=200))


# Limits of tokens a minute.


async def tokens_counted(door: Door, key_id: str) -> int:
    query = text("SELECT SUM(tokens) FROM ledger_rate WHERE scope_id = :id")
    return await door.database.read_soon(lambda c: c.execute(query, {"id": key_id}).scalar_one())


async def test_tokens_when_a_request_is_settled_then_the_truth_stands_for_the_estimate(
    door: Door,
) -> None:
    before = await first(door)
    await limit(door, before.key_id, 100_000, LimitKind.TOKENS)
    record = await paid(door, await door.ask("[[fake: tokens=300]] w", MODEL))
    used = record.tokens.input + record.tokens.output
    assert used == 301
    # Estimated lower: the answer was not known. Estimated higher: of 5000 allowed, 7 were said.
    assert await tokens_counted(door, before.key_id) == used
    record = await paid(door, await door.ask("[[fake: tokens=7]] w", MODEL, max_tokens=5000))
    assert await tokens_counted(door, before.key_id) == used + 8
    # What was refused, or failed, used nothing.
    assert (await door.ask("x", MODEL, max_tokens=8000, n=16)).status_code == 429
    assert (await door.ask("[[fake: fail_status=500]] w", MODEL)).status_code >= 500
    assert await tokens_counted(door, before.key_id) == used + 8


async def test_tokens_when_the_estimate_is_over_the_limit_then_refused(door: Door) -> None:
    before = await first(door)
    await limit(door, before.key_id, 1000, LimitKind.TOKENS)
    refused = await door.ask("hello", MODEL, max_tokens=1000)
    assert refused.status_code == 429
    assert refused.json()["error"]["metadata"]["limit"] == "tokens"
    assert (await door.ask("hello", MODEL, max_tokens=900)).status_code == 200
