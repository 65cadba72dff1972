"""Feedback added up: tags and ratings, figures of payloads over time, and what can be asked for."""

from datetime import UTC, datetime
from typing import Any

from traces.doors import OURS, THEIRS, Door

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
START_MS = int(START.timestamp() * 1000)
HOUR_MS = 3_600_000
TURN = f"weave:///{OURS}/agent_turn/turn-1"
TALK = f"weave:///{OURS}/agent_conversation/talk-1"
CALL = f"weave:///{OURS}/call/call-1"


def monitored(scorer: str, rating: float | None, *tags: str, **more: Any) -> dict[str, Any]:
    return {
        "weave_ref": TURN,
        "feedback_type": "wandb.agent_monitor",
        "payload": {},
        "runnable_ref": f"weave:///{OURS}/object/{scorer}:1a",
        "call_ref": CALL,
        "trigger_ref": f"weave:///{OURS}/object/mon-{scorer}:v1",
        "scorer_tags": tags,
        "scorer_ratings": {} if rating is None else {"_rating_": rating},
        **more,
    }


def judged(output: Any, version: str = "v1", **more: Any) -> dict[str, Any]:
    return {
        "weave_ref": CALL,
        "feedback_type": "wandb.runnable.judge",
        "payload": {"output": output},
        "runnable_ref": f"weave:///{OURS}/object/judge:1a",
        "trigger_ref": f"weave:///{OURS}/object/mon:{version}",
        **more,
    }


async def fill(door: Door, *feedback: dict[str, Any]) -> None:
    """Feedback that comes every half hour, from `START` on."""
    for one in feedback:
        await door.get("/feedback/create", {"project_id": OURS, **one})
        door.house.clock.advance(1800)


async def aggregate(door: Door, **more: Any) -> list[dict[str, Any]]:
    window = {"after_ms": START_MS, "before_ms": START_MS + 24 * HOUR_MS}
    answer = await door.get("/traces/feedback/aggregate", {"project_id": OURS, **window, **more})
    return answer["buckets"]


async def test_aggregate_when_there_is_nothing_then_one_empty_bucket_or_none(door: Door) -> None:
    await fill(door, judged(1))
    none = {"feedback_types": ["wandb.agent"]}
    assert await aggregate(door, **none) == [
        {
            "time_bucket_start_ms": None,
            "group": {},
            "total_count": 0,
            "scored_count": 0,
            "tag_counts": {},
            "rating_counts": {},
            "rating_sums": {},
        }
    ]
    assert await aggregate(door, **none, time_bucket_seconds=3600) == []


async def test_aggregate_when_grouped_and_cut_then_each_row_counts_once(door: Door) -> None:
    await fill(
        door,
        monitored("kind", 0.25, "good", "new"),
        monitored("kind", 0.5, "good"),
        monitored("safe", None, "bad", span_agent_name="bot"),
        monitored("safe", None, weave_ref=TALK),
    )
    by_scorer = await aggregate(door, group_by=["scorer_id"], time_bucket_seconds=3600)
    assert by_scorer == [
        {
            "time_bucket_start_ms": START_MS,
            "group": {"scorer_id": "kind"},
            "total_count": 2,
            "scored_count": 2,
            "tag_counts": {"good": 2, "new": 1},
            "rating_counts": {"_rating_": 2},
            "rating_sums": {"_rating_": 0.75},
        },
        {
            "time_bucket_start_ms": START_MS + HOUR_MS,
            "group": {"scorer_id": "safe"},
            "total_count": 2,
            "scored_count": 1,
            "tag_counts": {"bad": 1},
            "rating_counts": {},
            "rating_sums": {},
        },
    ]


FILTERS: list[tuple[dict[str, Any], int]] = [
    ({}, 4),
    ({"feedback_types": ["wandb.agent_m*"]}, 4),
    ({"feedback_types": ["wandb.runnable"]}, 0),
    ({"scorer_ids": ["kind"]}, 2),
    ({"scorer_ids": ["kin"]}, 0),
    ({"scorer_ids": ["kin*", "safe"]}, 4),
    ({"monitor_ids": ["mon-safe"]}, 2),
    ({"span_agent_names": ["bot"]}, 1),
    ({"span_types": ["agent_conversation"]}, 1),
    ({"tags": ["new", "bad"]}, 2),
    ({"rating_min": 0.5}, 1),
    ({"rating_max": 0.3}, 1),
    ({"rating_min": 0, "rating_max": 1}, 2),
    ({"after_ms": START_MS + 1}, 3),
    ({"before_ms": START_MS}, 0),
]


async def test_aggregate_when_filtered_then_only_those_count(quiet_door: Door) -> None:
    await fill(
        quiet_door,
        monitored("kind", 0.25, "good", "new"),
        monitored("kind", 0.5, "good"),
        monitored("safe", None, "bad", span_agent_name="bot"),
        monitored("safe", None, weave_ref=TALK),
    )
    for wanted, count in FILTERS:
        [bucket] = await aggregate(quiet_door, **wanted)
        assert bucket["total_count"] == count, wanted


NO_FIGURES = {
    "avg_output_score": None,
    "max_output_score": None,
    "p50_output_score": None,
    "count_true_output_passed": 0,
    "count_false_output_passed": 0,
    "count_output_why": 0,
}


async def test_stats_when_asked_then_figures_by_bucket_and_over_all(door: Door) -> None:
    await fill(
        door,
        judged({"score": 0.5, "passed": True, "why": "x"}),
        judged({"score": 1, "passed": False}),
        judged({"score": "none"}, "v2"),
        judged(
            {"score": 0.0, "passed": True}, feedback_type="other", runnable_ref="", trigger_ref=""
        ),
    )
    body: dict[str, Any] = {
        "project_id": OURS,
        "start": "2026-11-01T12:00:00Z",
        "end": "2026-11-01T15:00:00Z",
        "granularity": 3600,
        "feedback_type": "wandb.runnable.judge",
        "metrics": [
            {"json_path": "output.score", "percentiles": [50], "aggregations": ["avg", "max"]},
            {"json_path": "output.passed", "value_type": "boolean"},
            {"json_path": "output.why", "value_type": "categorical"},
        ],
    }
    answer = await door.get("/traces/feedback/stats", body)
    assert answer == {
        "start": "2026-11-01T12:00:00Z",
        "end": "2026-11-01T15:00:00Z",
        "granularity": 3600,
        "timezone": "UTC",
        "buckets": [
            {
                "timestamp": "2026-11-01T12:00:00Z",
                "count": 2,
                "avg_output_score": 0.75,
                "max_output_score": 1.0,
                "p50_output_score": 0.5,
                "count_true_output_passed": 1,
                "count_false_output_passed": 1,
                "count_output_why": 1,
            },
            {"timestamp": "2026-11-01T13:00:00Z", "count": 1, **NO_FIGURES},
            {"timestamp": "2026-11-01T14:00:00Z", "count": 0, **NO_FIGURES},
        ],
        "window_stats": {
            "output_score": {"avg": 0.75, "max": 1.0, "p50": 0.5},
            "output_passed": {"count_true": 1, "count_false": 1},
            "output_why": {"count": 1},
        },
    }
    v1 = {**body, "trigger_ref": f"weave:///{OURS}/object/mon:v1"}
    assert [b["count"] for b in (await door.get("/feedback/stats", v1))["buckets"]] == [2, 0, 0]
    every = {**body, "trigger_ref": f"weave:///{OURS}/object/mon:*", "metrics": body["metrics"][:1]}
    assert [b["count"] for b in (await door.get("/feedback/stats", every))["buckets"]] == [2, 1, 0]
    none = await door.get("/feedback/stats", {**body, "metrics": []})
    assert (none["buckets"], none["window_stats"]) == ([], None)


async def test_payload_schema_when_asked_then_places_and_their_kinds(door: Door) -> None:
    await fill(
        door,
        judged({"old": 1}),
        judged({"score": 0.5, "ok": True, "why": "x", "list": [1], "a b": 1, "mixed": 1}),
        judged({"deep": {"er": 2}, "mixed": "x", "nothing": None}, "v2"),
        {"weave_ref": CALL, "feedback_type": "mine", "payload": {"stars": 5}},
        {"weave_ref": CALL, "feedback_type": "wandb.note.1", "payload": {"note": "x"}},
    )
    body = {"project_id": OURS, "start": "2026-11-01T12:00:00", "end": "2026-11-02T00:00:00Z"}
    found = await door.get("/traces/feedback/payload_schema", body)
    assert {one["json_path"]: one["value_type"] for one in found["paths"]} == {
        "note": "categorical",
        "stars": "numeric",
        "output.score": "numeric",
        "output.ok": "boolean",
        "output.why": "categorical",
        "output.mixed": "categorical",
        "output.deep.er": "numeric",
    }
    one = await door.get("/feedback/payload_schema", {**body, "feedback_type": "none"})
    assert one == {"paths": []}


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("aggregate", {"after_ms": 5, "before_ms": 1}),
    ("aggregate", {"after_ms": -1, "before_ms": 1}),
    ("aggregate", {"after_ms": 0, "before_ms": 1, "time_bucket_seconds": 0}),
    ("aggregate", {"after_ms": 0, "before_ms": 1, "tags": ["x"] * 1001}),
    ("stats", {"metrics": [{"json_path": "a b"}]}),
    ("stats", {"metrics": [{"json_path": "a", "percentiles": [101]}]}),
    ("stats", {"timezone": "Nowhere/Town"}),
    ("stats", {"end": "2026-10-01T00:00:00Z"}),
    ("payload_schema", {"sample_limit": 0}),
]


async def test_figures_when_they_cannot_be_then_it_is_refused(quiet_door: Door) -> None:
    for path, body in WRONG:
        asked = {"project_id": OURS, "start": "2026-11-01T00:00:00Z", **body}
        response = await quiet_door.ask(f"/feedback/{path}", asked)
        assert response.status_code == 400, (body, response.text)


async def test_figures_when_another_tenant_asks_then_nothing_counts(door: Door) -> None:
    await fill(door, monitored("kind", 0.25, "good"), judged({"score": 1}))
    start = {"project_id": THEIRS, "start": "2026-11-01T12:00:00Z"}
    theirs = {"project_id": THEIRS, "after_ms": START_MS, "before_ms": START_MS + HOUR_MS}
    own = {**judged({"other": 1}), "project_id": THEIRS}
    await door.get("/feedback/create", own, user="mel")
    [bucket] = (await door.get("/feedback/aggregate", theirs, user="mel"))["buckets"]
    assert bucket["total_count"] == 0
    paths = (await door.get("/feedback/payload_schema", start, user="mel"))["paths"]
    assert paths == []
    metrics = {"metrics": [{"json_path": "output.score"}]}
    figures = await door.get("/feedback/stats", {**start, **metrics}, user="mel")
    assert figures["window_stats"]["output_score"]["max"] is None
