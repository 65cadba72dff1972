"""Annotation queues through their routes."""

import json
from typing import Any

from traces.doors import OURS, THEIRS, Door
from weft.traces.calls.parts import CallPart, WriteCalls

START_US = 1_790_000_000_000_000
SPEC = f"weave:///{OURS}/object/quality:1a"


async def add_calls(door: Door, *ids: str, project: str = OURS) -> None:
    parts = [
        CallPart(
            id=id_,
            trace_id=f"trace-{id_}",
            op_name=f"weave:///{project}/op/{'predict' if number % 2 else 'judge'}:1a",
            started_at_us=START_US + number,
            ended_at_us=START_US + 1000,
        )
        for number, id_ in enumerate(ids)
    ]
    await door.traces.store.writer.write(WriteCalls(door.projects[project], parts))


async def make_queue(door: Door, name: str = "to judge", **more: Any) -> str:
    body = {"project_id": OURS, "name": name, "scorer_refs": [SPEC], **more}
    made = await door.get("/annotation_queues", body)
    return made["id"]


async def filled_queue(door: Door, *ids: str) -> str:
    await add_calls(door, *ids)
    queue = await make_queue(door)
    body = {"project_id": OURS, "call_ids": ids, "display_fields": ["inputs.a"]}
    await door.get(f"/annotation_queues/{queue}/items", body)
    return queue


async def items(door: Door, queue: str, **more: Any) -> list[dict[str, Any]]:
    answer = await door.get(
        f"/traces/annotation_queues/{queue}/items/query", {"project_id": OURS, **more}
    )
    return answer["items"]


async def say(door: Door, queue: str, item: str, state: str, user: str = "ada") -> Any:
    path = f"/annotation_queues/{queue}/items/{item}/progress"
    body = {"project_id": OURS, "queue_id": queue, "annotation_state": state}
    return await door.ask(path, body, user=user)


async def names(door: Door, **more: Any) -> list[str]:
    response = await door.ask("/annotation_queues/query", {"project_id": OURS, **more})
    assert response.headers["content-type"] == "application/jsonl"
    return [json.loads(line)["name"] for line in response.text.splitlines()]


async def test_queue_when_made_then_it_is_read_listed_changed_and_deleted(door: Door) -> None:
    queue = await make_queue(door, description="look\0 closely")
    path = f"/annotation_queues/{queue}"
    read = (await door.get(f"{path}?project_id={OURS}", method="GET"))["queue"]
    assert read == {
        "id": queue,
        "project_id": OURS,
        "name": "to judge",
        "description": "look\ufffd closely",
        "scorer_refs": [SPEC],
        "created_at": "2026-11-01T12:00:00Z",
        "created_by": door.users["ada"],
        "updated_at": "2026-11-01T12:00:00Z",
        "deleted_at": None,
    }
    door.house.clock.advance(60)
    changed = await door.get(path, {"project_id": OURS, "name": "other"}, method="PUT")
    assert changed["queue"] == {**read, "name": "other", "updated_at": "2026-11-01T12:01:00Z"}
    same = await door.get(path, {"project_id": OURS}, method="PUT")
    assert same == changed
    door.house.clock.advance(60)
    gone = await door.get(f"{path}?project_id={OURS}", method="DELETE")
    assert gone["queue"]["deleted_at"] == "2026-11-01T12:02:00Z"
    asks: list[tuple[str, str, object]] = [
        ("GET", f"?project_id={OURS}", None),
        ("DELETE", f"?project_id={OURS}", None),
        ("PUT", "", {"project_id": OURS, "name": "x"}),
        ("POST", "/items/query", {"project_id": OURS}),
        ("POST", "/items", {"project_id": OURS, "call_ids": []}),
    ]
    for method, query, body in asks:
        response = await door.ask(path + query, body, method=method)
        assert response.status_code == 404, (method, query)
    assert await names(door) == []


async def test_queues_when_listed_then_by_name_order_and_page(door: Door) -> None:
    assert await names(door) == []
    for name in ("Apple_1", "pear", "apple2"):
        await make_queue(door, name)
        door.house.clock.advance(1)
    assert await names(door) == ["apple2", "pear", "Apple_1"]
    assert await names(door, name="APPLE") == ["apple2", "Apple_1"]
    assert await names(door, name="e_") == ["Apple_1"]
    by_name = [{"field": "name", "direction": "asc"}]
    assert await names(door, sort_by=by_name) == ["Apple_1", "apple2", "pear"]
    assert await names(door, sort_by=by_name, limit=1, offset=1) == ["apple2"]


async def test_items_when_calls_are_added_then_each_is_in_it_once(door: Door) -> None:
    await add_calls(door, "c1", "c2", "c3")
    queue = await make_queue(door)
    path = f"/annotation_queues/{queue}/items"
    add = {"project_id": OURS, "display_fields": ["inputs.a"]}
    first = await door.get(path, {**add, "call_ids": ["c2", "nowhere", "c1", "c2"]})
    assert first == {"added_count": 2, "duplicates": 0}
    second = await door.get(path, {**add, "call_ids": ["c1", "c3"]})
    assert second == {"added_count": 1, "duplicates": 1}
    found = await items(door, queue, include_position=True)
    assert [(one["call_id"], one["position_in_queue"]) for one in found] == [
        ("c2", 1),
        ("c1", 2),
        ("c3", 3),
    ]
    assert found[0] == {
        "id": found[0]["id"],
        "project_id": OURS,
        "queue_id": queue,
        "call_id": "c2",
        "call_started_at": "2026-09-21T14:13:20.000001Z",
        "call_ended_at": "2026-09-21T14:13:20.001000Z",
        "call_op_name": f"weave:///{OURS}/op/predict:1a",
        "call_trace_id": "trace-c2",
        "display_fields": ["inputs.a"],
        "added_by": door.users["ada"],
        "annotation_state": "unstarted",
        "annotator_user_id": None,
        "created_at": "2026-11-01T12:00:00Z",
        "created_by": door.users["ada"],
        "updated_at": "2026-11-01T12:00:00Z",
        "deleted_at": None,
        "position_in_queue": 1,
    }


async def test_items_when_filtered_and_sorted_then_positions_are_those_of_the_whole_queue(
    door: Door,
) -> None:
    queue = await filled_queue(door, "c1", "c2", "c3", "c4")
    latest_first = [{"field": "call_started_at", "direction": "desc"}]
    found = await items(
        door,
        queue,
        filter={"call_op_name": f"weave:///{OURS}/op/predict:1a"},
        sort_by=latest_first,
        include_position=True,
    )
    assert [(one["call_id"], one["position_in_queue"]) for one in found] == [("c4", 1), ("c2", 3)]
    paged = await items(door, queue, sort_by=latest_first, limit=1, offset=2)
    assert [(one["call_id"], one["position_in_queue"]) for one in paged] == [("c2", None)]
    for name, value in {"call_id": "c3", "call_trace_id": "trace-c3", "id": found[0]["id"]}.items():
        assert len(await items(door, queue, filter={name: value})) == 1
    assert await items(door, queue, filter={"added_by": "nobody\0"}) == []


async def test_progress_when_two_people_work_then_each_has_a_state_and_the_latest_shows(
    door: Door,
) -> None:
    door.add_member("bob")
    queue = await filled_queue(door, "c1", "c2")
    [first, _] = await items(door, queue)
    assert (await say(door, queue, first["id"], "in_progress")).status_code == 200
    door.house.clock.advance(1)
    skipped = (await say(door, queue, first["id"], "skipped", "bob")).json()["item"]
    assert (skipped["annotation_state"], skipped["annotator_user_id"]) == (
        "skipped",
        door.users["bob"],
    )
    door.house.clock.advance(1)
    assert (await say(door, queue, first["id"], "completed")).status_code == 200
    [shown] = await items(door, queue, filter={"annotation_states": ["completed"]})
    assert (shown["id"], shown["annotator_user_id"]) == (first["id"], door.users["ada"])
    assert len(await items(door, queue, filter={"annotation_states": ["unstarted"]})) == 1
    stats = await door.get(
        "/annotation_queues/stats", {"project_id": OURS, "queue_ids": [queue, "none"]}
    )
    assert stats == {
        "stats": [
            {"queue_id": queue, "total_items": 2, "completed_items": 1},
            {"queue_id": "none", "total_items": 0, "completed_items": 0},
        ]
    }


STEPS = [
    ("", "in_progress", 200),
    ("", "completed", 200),
    ("", "unstarted", 400),
    ("in_progress", "in_progress", 200),
    ("in_progress", "skipped", 200),
    ("completed", "completed", 200),
    ("completed", "in_progress", 400),
    ("completed", "skipped", 400),
    ("", "else", 422),
]


async def test_progress_when_said_then_only_forward(door: Door) -> None:
    queue = await filled_queue(door, *(f"c{number}" for number in range(len(STEPS))))
    found = await items(door, queue)
    for item, (before, after, status) in zip(found, STEPS, strict=True):
        if before:
            await say(door, queue, item["id"], before)
        response = await say(door, queue, item["id"], after)
        assert response.status_code == status, (before, after, response.text)


async def test_progress_when_the_item_is_in_another_queue_then_it_is_not_found(door: Door) -> None:
    queue = await filled_queue(door, "c1")
    other = await make_queue(door)
    [item] = await items(door, queue)
    assert (await say(door, other, item["id"], "completed")).status_code == 404
    assert (await say(door, queue, "nothing", "completed")).status_code == 404
    assert (await say(door, queue, "a%00b", "completed")).status_code == 404
    assert (await say(door, "a%00b", item["id"], "completed")).status_code == 404


async def test_queues_when_another_tenant_asks_with_our_ids_then_nothing_is_found_or_changed(
    door: Door,
) -> None:
    queue = await filled_queue(door, "c1")
    [item] = await items(door, queue)
    await add_calls(door, "theirs", project=THEIRS)
    path = f"/annotation_queues/{queue}"
    theirs = {"project_id": THEIRS}
    for method, rest, body in (
        ("GET", f"?project_id={THEIRS}", None),
        ("DELETE", f"?project_id={THEIRS}", None),
        ("PUT", "", {**theirs, "name": "x"}),
        ("POST", "/items/query", theirs),
        ("POST", "/items", {**theirs, "call_ids": ["c1", "theirs"]}),
        ("POST", f"/items/{item['id']}/progress", {**theirs, "annotation_state": "completed"}),
    ):
        response = await door.ask(path + rest, body, user="mel", method=method)
        assert response.status_code == 404, (method, rest)
    stats = await door.get("/annotation_queues/stats", {**theirs, "queue_ids": [queue]}, user="mel")
    assert stats["stats"][0]["total_items"] == 0
    own = (await door.get("/annotation_queues", {**theirs, "name": "own"}, user="mel"))["id"]
    added = await door.get(
        f"/annotation_queues/{own}/items", {**theirs, "call_ids": ["c1"]}, user="mel"
    )
    assert added == {"added_count": 0, "duplicates": 0}
    assert [one["annotation_state"] for one in await items(door, queue)] == ["unstarted"]
    assert await names(door) == ["to judge"]


async def test_queues_when_a_viewer_asks_then_they_read_only(door: Door) -> None:
    queue = await filled_queue(door, "c1")
    [item] = await items(door, queue)
    path = f"/annotation_queues/{queue}"
    ours = {"project_id": OURS}
    read = await door.ask(f"{path}/items/query", ours, user="vic")
    assert read.status_code == 200
    for method, where, body in (
        ("POST", "/annotation_queues", {**ours, "name": "x"}),
        ("PUT", path, {**ours, "name": "x"}),
        ("DELETE", f"{path}?project_id={OURS}", None),
        ("POST", f"{path}/items", {**ours, "call_ids": ["c1"]}),
        ("POST", f"{path}/items/{item['id']}/progress", {**ours, "annotation_state": "completed"}),
    ):
        response = await door.ask(where, body, user="vic", method=method)
        assert response.status_code == 403, (method, where)
