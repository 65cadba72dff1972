"""What adds calls up and looks into them answers the same whether they are in ClickHouse or in the trace database."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from traces.calls.test_reading import OP, call, send, write
from traces.doors import OURS, THEIRS, Door, open_door
from weft.app.storage import MIGRATIONS
from weft.kit.db import Database
from weft.kit.migrations import migrate

pytest.importorskip("chdb")

REF = f"weave:///{OURS}/object/it:v{{}}"
DAY = "2026-11-01T{}Z"
MODELS = ("gpt", "claude", "")
USAGE_METRICS = [
    {"metric": name, "aggregations": ["sum", "avg", "min", "max", "count"], "percentiles": [50]}
    for name in ("input_tokens", "output_tokens", "total_tokens", "cache_read_input_tokens")
] + [{"metric": "total_cost", "aggregations": ["sum"]}]
CALL_METRICS = [
    {"metric": "latency_ms", "aggregations": ["sum", "avg", "min", "max"], "percentiles": [50, 99]},
    {"metric": "call_count", "aggregations": ["sum", "avg", "count"]},
    {"metric": "error_count", "aggregations": ["sum", "avg", "max", "count_false"]},
]
ASKED: dict[str, dict[str, Any]] = {
    "hours": {"granularity": 3600},
    "minutes": {"granularity": 60, "end": DAY.format("10:30:00")},
    "odd": {"granularity": 7, "start": DAY.format("10:00:03"), "end": DAY.format("10:02:01")},
    "one bucket": {"granularity": 40 * 86_400, "timezone": "Asia/Kathmandu"},
    "days of a zone": {"granularity": 86_400, "timezone": "Europe/Zurich"},
    "an op": {"granularity": 3600, "filter": {"op_names": ["other"]}},
    "some calls": {"filter": {"call_ids": [f"c{number}" for number in range(10)]}},
    "roots": {"filter": {"trace_roots_only": True}},
    "by input": {"filter": {"input_refs": [REF.format(1)]}},
}


def counts(number: int, times: int = 1) -> dict[str, Any]:
    return {
        "requests": times,
        "prompt_tokens": 10 * number,
        "completion_tokens": 3 * number,
        "cache_read_input_tokens": number % 4,
    }


def tree() -> list[dict[str, Any]]:
    """Calls in traces of four, of which every one tells what those below it used as well; some run, some failed."""
    calls: list[dict[str, Any]] = []
    for number in range(40):
        minute, model = number * 7, MODELS[number % 3]
        usage = {model: counts(number + (5 if number % 4 == 0 else 0))} if model else {}
        if number % 8 == 0:
            usage["gpt"] = counts(number * 4 + 6, 4)
        hour, rest = 10 + minute // 60, minute % 60
        calls.append(
            call(
                number,
                trace_id=f"t{number // 4}",
                parent_id=f"c{number // 4 * 4}" if number % 4 else None,
                op_name=OP if number % 5 else "other",
                started_at=DAY.format(f"{hour}:{rest:02}:{number % 60:02}.5"),
                ended_at=DAY.format(f"{hour}:{rest:02}:59.{number:03}"),
                exception="bad" if number % 6 == 0 else None,
                inputs={"it": REF.format(number % 2)},
                summary={"usage": usage, "status_counts": {"success": 1}, "weave": {"x": 1}},
                thread_id=f"th{number % 3}" if number % 4 < 2 else None,
                turn_id=f"c{number // 4 * 4}" if number % 4 < 2 else None,
            )
        )
    return calls


def parts(id_: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a client sends when a call below the first begins, and when it ends."""
    begun = call(50, id=id_, trace_id="t0", parent_id="c0")
    end = {key: begun.pop(key) for key in ("ended_at", "output", "summary")}
    return begun, {**end, "project_id": OURS, "id": id_}


async def end_late(door: Door, id_: str) -> None:
    """Its end, and then its start: unless it has begun already."""
    begun, end = parts(id_)
    await send(door, "/call/end", json.dumps({"end": end}))
    if id_ != "c0":
        await send(door, "/call/start", json.dumps({"start": begun}))


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[tuple[Door, Door]]:
    """The same calls, sent to the trace database and to ClickHouse."""
    async with AsyncExitStack() as stack:
        doors: list[Door] = []
        for name, url in (("sql", ""), ("house", f"chdb://{tmp_path}/calls")):
            database = Database(tmp_path / f"{name}.db")
            stack.callback(database.close)
            migrate(database, MIGRATIONS)
            door = await stack.enter_async_context(
                open_door(database, tmp_path / name, clickhouse=url)
            )
            calls = tree()
            await write(door, *calls)
            await write(door, *calls[:7])  # again
            await end_late(door, "late")
            await send(door, "/call/start", json.dumps({"start": parts("runs")[0]}))
            doors.append(door)
        yield doors[0], doors[1]


async def test_the_same_answers(both: tuple[Door, Door]) -> None:
    sql, house = both

    async def alike(path: str, body: dict[str, Any], project: str = OURS, user: str = "ada") -> Any:
        asked = {"project_id": project, **body}
        one = await sql.ask(path, asked, user=user)
        other = await house.ask(path, asked, user=user)
        assert (one.status_code, other.status_code) == (200, 200), other.text
        assert other.text.splitlines() == one.text.splitlines() or other.json() == one.json()
        return one

    for door in both:
        await end_late(door, "c0")  # once more
    assert (await alike("/project/stats", {})).json()["trace_storage_size_bytes"]
    for name, more in ASKED.items():
        body = {
            "start": DAY.format("00:00:00"),
            "end": "2026-11-03T00:00:00Z",
            "usage_metrics": USAGE_METRICS,
            "call_metrics": CALL_METRICS,
            **more,
        }
        told = (await alike("/calls/stats", body)).json()
        assert any(bucket["count"] for bucket in told["call_buckets"]), name
    of_calls = {"call_ids": ["c0", "c4", "c5"], "include_costs": True}
    used = (await alike("/calls/usage", of_calls)).json()
    assert used["unfinished_call_ids"] == ["runs"]
    assert used["call_usage"]["c4"]
    for asked in (
        {"filter": {"trace_ids": ["t0", "t3"]}},
        {"query": {"$expr": {"$eq": [{"$getField": "inputs.it"}, {"$literal": REF.format(1)}]}}},
    ):
        assert (await alike("/trace/usage", asked)).json()["call_usage"]
    assert (await alike("/trace/outline", {"call_id": "c4"})).json()["outline"]["uses"]["calls"]
    for asked in (
        {},
        {"sort_by": [{"field": "p99_turn_duration_ms", "direction": "desc"}]},
        {"filter": {"thread_ids": ["th1"], "after_datetime": DAY.format("00:00:00")}},
        {"sort_by": [{"field": "turn_count", "direction": "asc"}], "limit": 2, "offset": 1},
    ):
        assert (await alike("/threads/stream_query", asked)).text
    nothing = {"start": DAY.format("00:00:00"), "call_metrics": CALL_METRICS}
    told = (await alike("/calls/stats", nothing, THEIRS, "mel")).json()
    assert not any(bucket["count"] for bucket in told["call_buckets"])


async def test_calls_in_clickhouse_go_into_queues_and_are_sources_of_rows(door: Door) -> None:
    await write(door, call(1, display_name="mine"), call(2))
    body: dict[str, Any] = {"project_id": OURS, "name": "look", "scorer_refs": []}
    queue = (await door.get("/annotation_queues", body))["id"]
    added = {"project_id": OURS, "call_ids": ["c1", "c2", "nobody"], "display_fields": []}
    answer = await door.get(f"/annotation_queues/{queue}/items", added)
    assert answer == {"added_count": 2, "duplicates": 0}
    row = {
        "row_digest": "r1",
        "sources": [{"source_id": "c1", "source_kind": "call", "source_trace_id": "t0"}],
    }
    dataset = {"project_id": OURS, "dataset_object_id": "data", "dataset_digest": "abc"}
    await door.get("/dataset_sources/link", {**dataset, "links": [row]})
    [link] = (await door.get("/dataset_sources/query", dataset))["links"]
    assert link["source_display_name"] == "mine"
