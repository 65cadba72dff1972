"""Feedback found and removed, as the client asks."""

from typing import Any

import pytest

from traces.doors import OURS, THEIRS, Door
from weft.traces.feedback import read

CALL = f"weave:///{OURS}/call/call-1"
SCORER = f"weave:///{OURS}/object/judge:1a"


async def create(door: Door, id_: str, kind: str, payload: object, **more: Any) -> None:
    body = {
        "project_id": OURS,
        "weave_ref": CALL,
        "id": id_,
        "feedback_type": kind,
        "payload": payload,
        **more,
    }
    user = more.get("user", "ada")
    body.pop("user", None)
    await door.get("/feedback/create", body, user=user)
    door.house.clock.advance(1)


async def query(door: Door, expr: Any = None, **more: Any) -> dict[str, Any]:
    body = {"project_id": OURS, "query": expr and {"$expr": expr}, **more}
    return await door.get("/traces/feedback/query", body)


async def ids(door: Door, expr: Any = None, **more: Any) -> list[str]:
    return [one["id"] for one in (await query(door, expr, **more))["result"]]


def eq(field: str, value: Any) -> dict[str, Any]:
    return {"$eq": [{"$getField": field}, {"$literal": value}]}


async def test_query_when_there_is_feedback_then_rows_have_the_fields_of_the_client(
    door: Door,
) -> None:
    assert await query(door) == {"result": [], "total_count": 0}
    await create(door, "one", "wandb.reaction.1", {"emoji": "👍🏽"}, creator="Ada L.")
    assert await query(door) == {
        "result": [
            {
                "id": "one",
                "project_id": OURS,
                "weave_ref": CALL,
                "wb_user_id": door.users["ada"],
                "creator": "Ada L.",
                "created_at": "2026-11-01T12:00:00Z",
                "feedback_type": "wandb.reaction.1",
                "payload": {
                    "emoji": "👍🏽",
                    "alias": ":thumbs_up_medium_skin_tone:",
                    "detoned": "👍",
                    "detoned_alias": ":thumbs_up:",
                },
                "annotation_ref": None,
                "runnable_ref": None,
                "call_ref": None,
                "trigger_ref": None,
                "queue_id": None,
                "scorer_tags": [],
                "scorer_tag_reasons": {},
                "scorer_tag_confidences": {},
                "scorer_ratings": {},
                "scorer_rating_reasons": {},
                "scorer_rating_confidences": {},
                "span_agent_name": "",
                "span_agent_version": "",
                "span_status_code": "UNSET",
                "span_conversation_id": "",
                "span_trace_id": "",
                "scorer_trace_id": "",
            }
        ],
        "total_count": 1,
    }


async def test_query_when_asked_by_field_then_the_right_ones_come(door: Door) -> None:
    await create(door, "thumb", "wandb.reaction.1", {"emoji": "👍"})
    await create(door, "note", "wandb.note.1", {"note": "Gut gemacht, Straße"})
    await create(door, "own", "quality", {"score": 0.25, "of": [1, {"a": True}]})
    await create(
        door,
        "judged",
        "wandb.runnable.judge",
        {"output": {"score": 0.75}},
        runnable_ref=SCORER,
        scorer_ratings={"_rating_": 0.75},
        scorer_tags=["good"],
    )
    await create(door, "object", "quality", {"score": "high"}, weave_ref=SCORER)
    assert await ids(door) == ["thumb", "note", "own", "judged", "object"]
    assert await ids(door, eq("weave_ref", SCORER)) == ["object"]
    assert await ids(door, eq("payload.detoned_alias", ":thumbs_up:")) == ["thumb"]
    assert await ids(door, eq("payload.of.1.a", True)) == ["own"]
    assert await ids(door, {"$gt": [{"$getField": "payload.score"}, {"$literal": 0.2}]}) == ["own"]
    assert await ids(door, eq("scorer_ratings._rating_", 0.75)) == ["judged"]
    has_good = {
        "$contains": {"input": {"$getField": "scorer_tags"}, "substr": {"$literal": "good"}}
    }
    assert await ids(door, has_good) == ["judged"]
    assert await ids(door, eq("runnable_ref", None), limit=1) == ["thumb"]
    assert await ids(door, {"$eq": [{"$literal": "1"}, {"$literal": "1"}]}, limit=1) == ["thumb"]
    later = {"$gte": [{"$getField": "created_at"}, {"$literal": "2026-11-01T12:00:03Z"}]}
    assert await ids(door, later) == ["judged", "object"]
    contains = {"input": {"$getField": "payload.note"}, "substr": {"$literal": "GEMACHT"}}
    assert await ids(door, {"$contains": {**contains, "case_insensitive": True}}) == ["note"]
    in_two = {"$in": [{"$getField": "feedback_type"}, [{"$literal": "quality"}]]}
    assert await ids(door, {"$and": [in_two, eq("weave_ref", CALL)]}) == ["own"]


async def test_query_when_paged_then_the_total_is_of_all(door: Door) -> None:
    for number in range(5):
        await create(door, f"id-{number}", "mine", {"n": -number})
    by_number = [{"field": "payload.n", "direction": "asc"}]
    answer = await query(door, sort_by=by_number, limit=2, offset=1, fields=["id", "payload.n"])
    assert answer == {
        "result": [{"id": "id-3", "payload.n": -3}, {"id": "id-2", "payload.n": -2}],
        "total_count": 5,
    }
    newest = [{"field": "created_at", "direction": "desc"}]
    assert await ids(door, sort_by=newest, limit=2) == ["id-4", "id-3"]
    assert (await query(door, limit=0))["total_count"] == 5
    assert await query(door, offset=9) == {"result": [], "total_count": 5}


async def test_query_when_a_page_is_too_large_then_it_is_refused(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "PAGE_BYTES", 1000)
    for number in range(3):
        await create(door, f"id-{number}", "mine", {"much": "x" * 400})
    response = await door.ask("/feedback/query", {"project_id": OURS})
    assert response.status_code == 413
    assert "fewer" in response.json()["message"]
    assert len(await ids(door, limit=2)) == 2


WRONG: list[dict[str, Any]] = [
    {"limit": -1},
    {"offset": -1},
    {"fields": ["nothing"]},
    {"sort_by": [{"field": "nothing"}]},
    {"sort_by": [{"field": "id", "direction": "up"}]},
    {"query": {"$expr": eq("call_id", "x")}},
    {"query": {"no": 1}},
]


async def test_query_when_it_cannot_be_then_it_is_refused(door: Door) -> None:
    await create(door, "one", "mine", {})
    for body in WRONG:
        response = await door.ask("/feedback/query", {"project_id": OURS, **body})
        assert response.status_code == 400, (body, response.text)


async def test_purge_when_ids_are_named_then_only_those_are_gone(door: Door) -> None:
    for name in "abcd":
        await create(door, name, "mine", {})
    either = {"$or": [eq("id", "b"), eq("id", "nothing")]}
    for expr in (eq("id", "a"), either):
        purge = {"project_id": OURS, "query": {"$expr": expr}}
        assert await door.get("/traces/feedback/purge", purge) == {}
    assert await ids(door) == ["c", "d"]
    refused = await door.ask(
        "/feedback/purge", {"project_id": OURS, "query": {"$expr": eq("weave_ref", CALL)}}
    )
    assert refused.status_code == 400
    assert await ids(door) == ["c", "d"]


async def test_feedback_when_another_tenant_asks_then_nothing_is_found_or_removed(
    door: Door,
) -> None:
    await create(door, "ours", "mine", {})
    await create(door, "ours", "mine", {"theirs": 1}, project_id=THEIRS, user="mel")
    theirs = {"project_id": THEIRS, "query": {"$expr": eq("id", "ours")}}
    found = (await door.get("/feedback/query", theirs, user="mel"))["result"]
    assert [one["payload"] for one in found] == [{"theirs": 1}]
    await door.get("/feedback/purge", theirs, user="mel")
    assert await ids(door) == ["ours"]
    response = await door.ask("/feedback/query", {"project_id": OURS}, user="mel")
    assert response.status_code == 404


async def test_purge_when_a_viewer_asks_then_it_is_refused(door: Door) -> None:
    await create(door, "one", "mine", {})
    purge = {"project_id": OURS, "query": {"$expr": eq("id", "one")}}
    assert (await door.ask("/feedback/purge", purge, user="vic")).status_code == 403
    seen = await door.get("/feedback/query", {"project_id": OURS}, user="vic")
    assert seen["total_count"] == 1
