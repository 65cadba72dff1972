"""The routes of calls, with these in ClickHouse: taken in, read, named, deleted, and sent again."""

import json
from typing import Any

import pytest

from traces.calls.test_reading import AT, OP, call, ids, send, stream, write
from traces.doors import OURS, THEIRS, Door

pytest.importorskip("chdb")


async def test_calls_live_in_clickhouse(door: Door) -> None:
    inputs = {"text": "line\nbreak \u2028 ä", "nul": "a\0b", "long": "x" * 100_000}
    await write(door, call(1, inputs=inputs, display_name='a "b"'), call(2, parent_id="c1"))
    one, two = await stream(door, include_usernames=True, include_total_storage_size=True)
    assert one["inputs"] == inputs
    assert one["output"] == {"ok": False}
    assert one["summary"]["weave"]["latency_ms"] == 0
    assert (one["wb_username"], two["parent_id"]) == ("ada", "c1")
    told = await door.get("/calls/query_stats", {"project_id": OURS, "limit": 1})
    assert (told["count"], told["has_more"]) == (1, True)
    assert (await door.get("/call/read", {"project_id": OURS, "id": "c2"}))["call"]["id"] == "c2"
    assert (await door.ask("/calls/stream_query", {"project_id": THEIRS}, user="mel")).text == ""
    assert len(await ids(door, columns=["id"], filter={"op_names": [OP]})) == 2

    plots = [
        {"x": "op", "y": y, "group": "model", "aggregates": ["count"]} for y in ("latency", "cost")
    ]
    drawn = await door.get("/calls/plots", {"project_id": OURS, "plots": plots})
    assert drawn["calls"] == 2
    [by_op, by_cost] = drawn["plots"]
    assert [bin_["values"] for bin_ in by_op["bins"]] == [[2]]
    assert by_cost is None, "costs are not told there"

    await door.get("/call/update", {"project_id": OURS, "call_id": "c1", "display_name": "new"})
    assert [one["display_name"] for one in await stream(door)] == ["new", None]
    await write(door, call(1, display_name="old"))
    assert [one["display_name"] for one in await stream(door)] == ["new", None]

    gone = await door.get("/calls/delete", {"project_id": OURS, "call_ids": ["c1", "nobody"]})
    assert gone == {"num_deleted": 2}
    await write(door, call(1))
    assert await ids(door) == []


async def test_a_call_runs_until_its_end_comes(door: Door) -> None:
    whole = call(1, output=None)
    start = {name: whole[name] for name in whole if name not in {"ended_at", "output", "summary"}}
    end = {name: whole[name] for name in ("project_id", "id", "ended_at", "output", "summary")}
    await send(door, "/call/start", json.dumps({"start": start}))
    assert await statuses(door) == ["running"]
    name = {"project_id": OURS, "call_id": "c1", "display_name": "mine"}
    await door.get("/call/update", name)
    await send(door, "/call/end", json.dumps({"end": end}))
    [found] = await stream(door)
    assert (found["display_name"], found["output"]) == ("mine", None)
    assert found["ended_at"] == AT.format(1, 501)
    await send(door, "/call/start", json.dumps({"start": start}))  # a client that was not answered
    assert await statuses(door) == ["success"]

    await send(door, "/call/end", json.dumps({"end": {**end, "id": "c2"}}))
    assert await ids(door) == ["c1"]
    await send(door, "/call/start", json.dumps({"start": {**start, "id": "c2"}}))
    assert await statuses(door) == ["success", "success"]

    late = {**end, "ended_at": AT.format(9, 0), "output": "second", "exception": "Late"}
    await send(door, "/call/end", json.dumps({"end": late}))  # the start does not wait any more
    one, two = await stream(door)
    assert (one["output"], one["exception"], one["display_name"]) == ("second", "Late", "mine")
    assert (one["ended_at"], one["inputs"]) == (late["ended_at"], whole["inputs"])
    assert two["output"] is None


async def test_a_start_that_is_told_anew_takes_the_place_of_the_first(door: Door) -> None:
    whole = call(1)
    start = {name: whole[name] for name in whole if name not in {"ended_at", "output", "summary"}}
    await send(door, "/call/start", json.dumps({"start": start}))
    moved = {**start, "started_at": AT.format(0, 1)}
    await send(door, "/call/start", json.dumps({"start": moved}))
    assert [found["started_at"] for found in await stream(door)] == [AT.format(0, 1)]
    await write(door, whole, whole)
    assert [found["started_at"] for found in await stream(door)] == [AT.format(1, 1)]


async def test_what_reads_the_tables_of_calls_is_not_there(door: Door) -> None:
    asked: dict[str, Any] = {"project_id": OURS}
    assert (await door.ask("/agents/query", asked)).status_code == 404


async def statuses(door: Door) -> list[str]:
    return [found["summary"]["weave"]["status"] for found in await stream(door)]
