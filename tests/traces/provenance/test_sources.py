"""Links between rows of datasets and what they were made of, asked from both ends."""

from typing import Any

from traces.doors import OURS, THEIRS, Door
from weft.traces.calls.parts import CallPart, WriteCalls

SOURCE = {"source_id": "call-1", "source_kind": "call", "source_trace_id": "trace-1"}
SPAN = {"source_id": "span-1", "source_kind": "span", "source_trace_id": "trace-1"}


async def link(door: Door, *rows: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    body = {
        "project_id": OURS,
        "dataset_object_id": "data",
        "dataset_digest": "abc",
        "links": list(rows),
        "include_created_status": True,
        **more,
    }
    door.house.clock.advance(1)
    return (await door.get("/dataset_sources/link", body))["entries"]


async def query(door: Door, **more: Any) -> list[dict[str, Any]]:
    body = {"project_id": OURS, "dataset_object_id": "data", **more}
    return (await door.get("/dataset_sources/query", body))["links"]


async def test_rows_when_linked_then_found_from_both_ends(door: Door) -> None:
    first = await link(
        door, {"row_digest": "r1", "sources": [SOURCE, SPAN], "link_metadata": {"a": 1}}
    )
    assert [entry["created"] for entry in first] == [True, True]
    again = await link(
        door, {"row_digest": "r1", "sources": [SOURCE]}, include_created_status=False
    )
    assert again == [{"link_id": first[0]["link_id"], "created": None}]
    second = await link(
        door, {"row_digest": "r1", "sources": [SOURCE]}, {"row_digest": "r2", "sources": [SOURCE]}
    )
    assert [entry["created"] for entry in second] == [False, True]
    found = await query(door)
    assert {(one["row_digest"], one["source_id"]) for one in found} == {
        ("r1", "call-1"),
        ("r1", "span-1"),
        ("r2", "call-1"),
    }
    assert [one["link_metadata"] for one in found if one["row_digest"] == "r1"] == [{"a": 1}] * 2
    assert found[0]["added_by"] == door.users["ada"]
    assert len(await query(door, row_digests=["r2"])) == 1
    assert len(await query(door, source_kinds=["span"])) == 1
    assert len(await query(door, limit=1, offset=1)) == 1
    body = {"project_id": OURS, "sources": [SOURCE, {**SPAN, "source_trace_id": "other"}]}
    [member] = (await door.get("/dataset_sources/source_datasets_query", body))["memberships"]
    assert member["dataset_object_id"] == "data"
    assert (member["row_digests"], member["row_digests_total_count"]) == (["r1", "r2"], 2)


async def test_link_when_its_source_is_a_call_here_then_has_its_name(door: Door) -> None:
    op_name = f"weave:///{OURS}/op/predict:abc"
    call = CallPart("call-1", "trace-1", op_name=op_name, started_at_us=1_000_000)
    await door.traces.store.writer.write(WriteCalls(door.projects[OURS], [call]))
    await link(door, {"row_digest": "r1", "sources": [SOURCE]})
    [found] = await query(door)
    assert found["source_display_name"] == "predict"
    assert found["source_started_at"] == "1970-01-01T00:00:01Z"


async def test_link_when_deleted_then_gone_until_linked_again(door: Door) -> None:
    [entry] = await link(door, {"row_digest": "r1", "sources": [SOURCE]})
    body = {"project_id": OURS, "link_ids": [entry["link_id"], "no"]}
    assert (await door.get("/dataset_sources/link_delete", body))["entries"] == [
        {"link_id": entry["link_id"], "deleted": True},
        {"link_id": "no", "deleted": False},
    ]
    assert await query(door) == []
    assert (await query(door, include_deleted=True))[0]["deleted_at"] is not None
    assert (await link(door, {"row_digest": "r1", "sources": [SOURCE]}))[0]["created"]
    assert len(await query(door)) == 1


async def test_links_when_of_another_team_then_not_there(door: Door) -> None:
    await link(door, {"row_digest": "r1", "sources": [SOURCE]})
    body = {"project_id": THEIRS, "dataset_object_id": "data"}
    assert (await door.get("/dataset_sources/query", body, user="mel"))["links"] == []
    assert (await door.ask("/dataset_sources/query", body)).status_code == 404
