"""Calls sorted by what the server works out itself, and pages of a list that is sorted once; on each database."""

import json
from array import array
from typing import Any

from traces.doors import CATALOG, OURS, Door
from weft.kit.clock import to_us
from weft.traces.calls.parts import CallPart, WriteCalls
from weft.traces.calls.read.orders import KEPT, KEPT_S, STEPS, Orders
from weft.traces.json_text import dump

CHEAP, DEAR = "meta-llama/Llama-3.1-8B-Instruct", "openai/gpt-oss-120b"
AT_US = 1_790_000_000_000_000


async def write(door: Door, **usages: dict[str, tuple[int, int]]) -> None:
    """Calls by id, each with tokens in and out by model; a second after the one before."""
    parts = [
        CallPart(
            id=id_,
            trace_id=id_,
            op_name="chat",
            started_at_us=AT_US + number * 1_000_000,
            ended_at_us=AT_US + number * 1_000_000 + 5,
            inputs=dump({"n": number}),
            summary=dump(
                {
                    "usage": {
                        model: {"prompt_tokens": used[0], "completion_tokens": used[1]}
                        for model, used in usage.items()
                    }
                }
            ),
        )
        for number, (id_, usage) in enumerate(usages.items())
    ]
    await door.traces.store.writer.write(WriteCalls(door.projects[OURS], parts))


async def ids(door: Door, sort: str = "started_at", **more: Any) -> list[str]:
    """Ids of calls, sorted downwards; upwards with a `+` before the field."""
    direction = "asc" if sort.startswith("+") else "desc"
    sort_by = [{"field": sort.removeprefix("+"), "direction": direction}]
    asked = {"project_id": OURS, "sort_by": sort_by, **more}
    answer = await door.ask("/calls/stream_query", asked)
    assert answer.status_code == 200, answer.text
    return [json.loads(line)["id"] for line in answer.text.splitlines()]


async def test_calls_when_sorted_by_tokens_model_or_cost_then_their_figures_decide(
    door: Door,
) -> None:
    await write(
        door,
        none={},
        both={CHEAP: (10, 10), DEAR: (1_000, 1_000)},
        cheap={CHEAP: (3_000, 2)},
        dear={DEAR: (2, 2_000)},
        unpriced={"nobody/nothing": (9, 9)},
    )
    assert (await ids(door, "summary.weave.total_tokens"))[:2] == ["cheap", "both"]
    assert (await ids(door, "summary.weave.output_tokens"))[:2] == ["dear", "both"]
    assert (await ids(door, "summary.weave.input_tokens"))[:2] == ["cheap", "both"]
    assert (await ids(door, "+summary.weave.model"))[0] == "cheap"
    at = CATALOG.get(DEAR).prices[0]
    assert to_us(at.effective_at) < AT_US
    told = await ids(door, "summary.weave.cost")
    assert told[:3] == ["dear", "both", "cheap"]
    assert set(told[3:]) == {"none", "unpriced"}, "what has no cost comes last"
    free = {"$lt": [{"$getField": "summary.weave.cost"}, {"$literal": 0.0001}]}
    found = await ids(door, query={"$expr": free})
    asked = {"project_id": OURS, "filter": {"call_ids": ["cheap"]}, "include_costs": True}
    [line] = (await door.ask("/calls/stream_query", asked)).text.splitlines()
    costs = json.loads(line)["summary"]["weave"]["costs"][CHEAP]
    total = costs["prompt_tokens_total_cost"] + costs["completion_tokens_total_cost"]
    assert (found == ["cheap"]) == (total < 0.0001)
    same = {"$gt": [{"$getField": "summary.weave.cost"}, {"$literal": total - 1e-9}]}
    assert set(await ids(door, query={"$expr": same})) == {"dear", "both", "cheap"}


async def test_pages_when_their_order_is_kept_then_new_calls_do_not_move_them(door: Door) -> None:
    await write(door, a={}, b={}, c={}, d={}, e={})
    page: dict[str, Any] = {"limit": 2, "offset": 2, "order_token": "mine"}
    assert await ids(door, "inputs.n", **{**page, "offset": 0}) == ["e", "d"]
    await write(door, x={}, y={}, z={}, later={}, last={}, more={})
    assert await ids(door, "inputs.n", **page) == ["c", "b"]
    upwards = await ids(door, "+inputs.n", **page)
    assert upwards != ["c", "b"], "another question"
    assert await ids(door, "inputs.n", **{**page, "order_token": "yours"}) != ["c", "b"]
    looked_into: dict[str, Any] = {
        "query": {"$expr": {"$gte": [{"$getField": "inputs.n"}, {"$literal": 1}]}},
        "filter": {"call_ids": ["a", "b", "c", "d", "e"]},
    }
    assert await ids(door, **page, **looked_into) == ["c", "b"], "of those, by their start"
    answer = await door.ask("/calls/delete", {"project_id": OURS, "call_ids": ["c"]})
    assert answer.status_code == 200
    assert await ids(door, "inputs.n", **page) == ["b"], "what is gone is left out"
    assert await ids(door, "inputs.n", **{**page, "limit": 10}) == ["b", "a"]


def test_orders_when_not_used_for_long_or_too_many_then_they_are_forgotten() -> None:
    now, made = [0.0], list[str]()
    orders = Orders(lambda: now[0])

    def ask(name: str) -> None:
        def make(most: int) -> "array[int]":
            assert most == STEPS[0]
            made.append(name)
            return array("q", [len(name)])

        found = orders.find(name, 0, 5, make)
        assert found is not None
        assert found.tolist() == [len(name)]

    ask("a")
    ask("a")
    assert made == ["a"]
    now[0] = KEPT_S + 1
    ask("a")
    assert made == ["a", "a"]
    for number in range(KEPT):
        ask(f"other {number}")
    ask("a")
    assert made.count("a") == 3


def test_orders_when_one_pages_on_then_they_grow_and_what_was_shown_stays_where_it_was() -> None:
    orders, made = Orders(), list[int]()
    first, second, last = STEPS
    fresh = [-1]

    def make(most: int) -> "array[int]":
        made.append(most)
        every = range(second + 5) if most == first else [*fresh, *range(second + 5)]
        return array("q", every[:most])

    def ask(start: int, end: int) -> list[int] | None:
        found = orders.find("key", start, end, make)
        return None if found is None else found.tolist()

    assert ask(0, 3) == [0, 1, 2]
    assert ask(first - 2, first) == [first - 2, first - 1]
    assert made == [first], "as far as that it was known"
    assert ask(first, first + 3) == [-1, first, first + 1], "the call that came since, once"
    assert ask(0, 1) == [0]
    assert ask(second + 3, second + 9) == [second + 2, second + 3, second + 4], "there are no more"
    assert ask(second + 9, second + 12) == []
    assert made == [first, second, last], "the last one is whole"
    assert ask(0, last + 1) is None


async def test_lists_when_texts_are_shortened_then_long_ones_are_cut_and_short_calls_stay(
    quiet_door: Door,
) -> None:
    long, many = "x" * 10_000, list(range(1_000))
    call = CallPart(
        id="long",
        trace_id="long",
        op_name="chat",
        started_at_us=AT_US,
        inputs=dump({"text": long, "deep": [{"list": many}], "n": 1}),
        output=dump("y" * 2_000),
        summary="{}",
    )
    store = quiet_door.traces.store
    await store.writer.write(WriteCalls(quiet_door.projects[OURS], [call]))
    asked = {"project_id": OURS, "shorten": 10, "columns": ["inputs", "output"]}
    [line] = (await quiet_door.ask("/calls/stream_query", asked)).text.splitlines()
    found = json.loads(line)
    assert found["inputs"]["text"] == "x" * 10 + "…"
    assert found["inputs"]["deep"] == [{"list": many[:50]}]
    assert found["inputs"]["n"] == 1
    assert found["output"] == "y" * 2_000, "no more than a page of it is as it was"
    cut = {**asked, "columns": ["inputs.text"]}
    [line] = (await quiet_door.ask("/calls/stream_query", cut)).text.splitlines()
    assert json.loads(line)["inputs"] == {"text": "x" * 10 + "…"}
