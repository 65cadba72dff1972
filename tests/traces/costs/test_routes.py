"""A project's own prices, through their routes as the client asks them."""

from typing import Any

from traces.doors import OURS, THEIRS, Door

MODEL = "my_expensive_custom_model"


def cost(prompt: float = 1.0, **more: Any) -> dict[str, Any]:
    return {
        "prompt_token_cost": prompt,
        "completion_token_cost": 2.0,
        "cache_read_input_token_cost": 0.0,
        "cache_creation_input_token_cost": 0.0,
        "prompt_token_cost_unit": "USD",
        "completion_token_cost_unit": None,
        "effective_date": "1998-10-03T00:00:00",
        "provider_id": "default",
        "of_a_newer_client": True,
        **more,
    }


async def create(door: Door, **costs: Any) -> list[str]:
    return await create_for(door, OURS, "ada", costs)


async def create_for(door: Door, project: str, user: str, costs: dict[str, Any]) -> list[str]:
    body = {"project_id": project, "costs": costs, "wb_user_id": None}
    answer = await door.get("/traces/cost/create", body, user=user)
    assert [llm_id for _, llm_id in answer["ids"]] == list(costs)
    return [id_ for id_, _ in answer["ids"]]


async def query(door: Door, expr: Any = None, **more: Any) -> list[dict[str, Any]]:
    body = {"project_id": OURS, "query": expr and {"$expr": expr}, **more}
    return (await door.get("/cost/query", body))["results"]


def among(field: str, *values: str) -> dict[str, Any]:
    return {"$in": [{"$getField": field}, [{"$literal": value} for value in values]]}


async def test_costs_when_made_then_they_are_read_as_sent(door: Door) -> None:
    assert await query(door) == []
    [id_] = await create(door, **{MODEL: cost(1.5e-7)})
    assert await query(door) == [
        {
            "id": id_,
            "llm_id": MODEL,
            "provider_id": "default",
            "prompt_token_cost": 1.5e-7,
            "completion_token_cost": 2.0,
            "cache_read_input_token_cost": 0.0,
            "cache_creation_input_token_cost": 0.0,
            "prompt_token_cost_unit": "USD",
            "completion_token_cost_unit": "USD",
            "effective_date": "1998-10-03T00:00:00Z",
            "created_by": door.users["ada"],
            "created_at": "2026-11-01T12:00:00Z",
            "pricing_level": "project",
            "pricing_level_id": OURS,
        }
    ]


async def test_costs_when_no_day_is_given_then_it_is_today(door: Door) -> None:
    await create(door, m={"prompt_token_cost": 1, "completion_token_cost": 2})
    [found] = await query(door, fields=["effective_date", "provider_id"])
    assert found == {"effective_date": "2026-11-01T12:00:00Z", "provider_id": "default"}


async def test_costs_when_queried_as_the_client_does_then_the_right_ones_come(door: Door) -> None:
    ids = await create(door, a=cost(1.0), b=cost(3.0), c=cost(2.0))
    always = {"$eq": [{"$literal": "1"}, {"$literal": "1"}]}
    found = await query(door, {"$and": [always, among("llm_id", "b", "c", "x")]}, limit=100)
    assert sorted(one["llm_id"] for one in found) == ["b", "c"]
    found = await query(door, {"$eq": [{"$getField": "id"}, {"$literal": ids[0]}]})
    assert [one["llm_id"] for one in found] == ["a"]
    dear = {"$gte": [{"$getField": "prompt_token_cost"}, {"$literal": 2}]}
    by_cost = [{"field": "prompt_token_cost", "direction": "desc"}]
    found = await query(door, dear, sort_by=by_cost)
    assert [one["llm_id"] for one in found] == ["b", "c"]
    assert [one["llm_id"] for one in await query(door, sort_by=by_cost, limit=1, offset=1)] == ["c"]


async def test_costs_when_purged_then_only_those_named_are_gone(door: Door) -> None:
    ids = await create(door, a=cost(), b=cost(), c=cost())
    purge = {"project_id": OURS, "query": {"$expr": among("id", *ids[:2], "nothing")}}
    assert await door.get("/traces/cost/purge", purge) == {}
    assert [one["llm_id"] for one in await query(door)] == ["c"]


NOT_BY_ID: list[dict[str, Any]] = [
    among("llm_id", "a"),
    {"$eq": [{"$literal": "1"}, {"$literal": "1"}]},
    {"$not": [{"$eq": [{"$getField": "id"}, {"$literal": "x"}]}]},
    {"$or": []},
    {"$in": [{"$getField": "id"}, [{"$literal": 7}]]},
]


async def test_costs_when_purged_by_anything_but_ids_then_it_is_refused(door: Door) -> None:
    await create(door, a=cost())
    for expr in NOT_BY_ID:
        response = await door.ask("/cost/purge", {"project_id": OURS, "query": {"$expr": expr}})
        assert response.status_code == 400, expr
    assert len(await query(door)) == 1


async def test_costs_when_a_price_is_none_then_it_is_refused(door: Door) -> None:
    for prompt in (-1.0, 1e300, "NaN", "much"):
        body = {"project_id": OURS, "costs": {"m": {**cost(), "prompt_token_cost": prompt}}}
        assert (await door.ask("/cost/create", body)).status_code == 422, prompt
    assert await query(door) == []


async def test_costs_when_another_tenant_asks_then_nothing_is_found_or_removed(door: Door) -> None:
    [id_] = await create(door, a=cost())
    await create_for(door, THEIRS, "mel", {"b": cost()})
    theirs: dict[str, object] = {"project_id": THEIRS, "query": {"$expr": among("id", id_)}}
    assert (await door.get("/cost/query", theirs, user="mel"))["results"] == []
    await door.get("/cost/purge", theirs, user="mel")
    assert [one["id"] for one in await query(door)] == [id_]
    for path in ("/cost/query", "/cost/purge", "/cost/create"):
        body: dict[str, object] = {**theirs, "project_id": OURS, "costs": {}}
        response = await door.ask(path, body, user="mel")
        assert response.status_code == 404


async def test_costs_when_a_viewer_asks_then_they_read_only(door: Door) -> None:
    [id_] = await create(door, a=cost())
    ours = {"project_id": OURS}
    assert (await door.ask("/cost/query", ours, user="vic")).status_code == 200
    purge = {**ours, "query": {"$expr": among("id", id_)}}
    assert (await door.ask("/cost/purge", purge, user="vic")).status_code == 403
    assert (await door.ask("/cost/create", {**ours, "costs": {}}, user="vic")).status_code == 403
