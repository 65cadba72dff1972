"""What calls cost, as the client reads it: by this server's own prices, by the project's, each from its day on."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from traces.doors import CATALOG, OURS, THEIRS, Door
from weft.kit.clock import to_us
from weft.ledger.pricing import charge
from weft.ledger.types import Tokens
from weft.traces.calls.parts import CallPart, WriteCalls
from weft.traces.json_text import dump, load

MODEL = "openai/gpt-oss-20b"
EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)


async def write_models(
    door: Door, id_: str, at: datetime, usage: dict[str, dict[str, int]], project: str = OURS
) -> None:
    part = CallPart(
        id=id_,
        trace_id=id_,
        op_name="chat",
        started_at_us=to_us(at),
        ended_at_us=to_us(at) + 1,
        summary=dump({"usage": usage}),
    )
    await door.traces.store.writer.write(WriteCalls(door.projects[project], [part]))


async def costs_of(door: Door, id_: str) -> dict[str, dict[str, Any]]:
    asked = {"project_id": OURS, "filter": {"call_ids": [id_]}, "include_costs": True}
    [line] = (await door.ask("/traces/calls/stream_query", asked)).text.splitlines()
    read = (await door.get("/call/read", {"project_id": OURS, "id": id_, "include_costs": True}))[
        "call"
    ]
    found = load(line)["summary"]["weave"]["costs"]
    assert read["summary"]["weave"]["costs"] == found
    return found


def chat(prompt: int, completion: int, **more: int) -> dict[str, int]:
    return {"requests": 1, "prompt_tokens": prompt, "completion_tokens": completion, **more}


async def test_costs_when_the_model_is_ours_then_they_are_what_the_ledger_charges(
    quiet_door: Door,
) -> None:
    used = chat(12_345, 6_789, cache_read_input_tokens=345)
    tokens = Tokens(input=12_345, output=6_789, cached_input=345)
    parts = ("prompt", "completion", "cache_read_input", "cache_creation_input")
    for spelling in (MODEL, f"wandb/{MODEL}", "gpt-oss-20b"):
        for at in (EARLY, LATE):
            await write_models(quiet_door, "call", at, {spelling: used})
            cost = (await costs_of(quiet_door, "call"))[spelling]
            total = sum(Decimal(repr(cost[f"{part}_tokens_total_cost"])) for part in parts)
            charged = charge(tokens, CATALOG.get(MODEL).price_at(at))
            assert abs(total * 1_000_000_000 - charged) < 1  # a charge is rounded up once
            assert (cost["pricing_level"], cost["total_tokens"]) == ("default", 12_345 + 6_789)


async def test_costs_when_the_project_has_its_own_then_they_count_from_their_day_on(
    door: Door,
) -> None:
    own = {
        "prompt_token_cost": 0.25,
        "completion_token_cost": 0.5,
        "effective_date": "2026-05-01T00:00:00Z",
    }
    made = await door.get("/cost/create", {"project_id": OURS, "costs": {MODEL: own}})
    await write_models(door, "early", EARLY, {MODEL: chat(1_000_000, 0)})
    await write_models(door, "late", LATE, {MODEL: chat(4, 2), "nobody's": chat(1, 1)})
    early = (await costs_of(door, "early"))[MODEL]
    assert (early["prompt_tokens_total_cost"], early["pricing_level"]) == (0.05, "default")
    late = await costs_of(door, "late")
    assert set(late) == {MODEL}
    assert late[MODEL]["prompt_tokens_total_cost"] == 1.0
    assert late[MODEL]["completion_tokens_total_cost"] == 1.0
    assert late[MODEL]["effective_date"] == "2026-05-01T00:00:00Z"
    assert (late[MODEL]["pricing_level"], late[MODEL]["pricing_level_id"]) == ("project", OURS)
    purge = {"$eq": [{"$getField": "id"}, {"$literal": made["ids"][0][0]}]}
    await door.get("/cost/purge", {"project_id": OURS, "query": {"$expr": purge}})
    assert (await costs_of(door, "late"))[MODEL]["pricing_level"] == "default"


async def test_costs_when_another_project_has_a_price_then_ours_does_not_change(
    door: Door,
) -> None:
    price = {"prompt_token_cost": 9.0, "completion_token_cost": 9.0}
    theirs = {"project_id": THEIRS, "costs": {MODEL: price, "own": price}}
    await door.get("/cost/create", theirs, user="mel")
    await write_models(door, "call", LATE, {MODEL: chat(1_000_000, 0), "own": chat(1, 1)})
    costs = await costs_of(door, "call")
    assert set(costs) == {MODEL}
    assert costs[MODEL]["prompt_tokens_total_cost"] == 0.03
