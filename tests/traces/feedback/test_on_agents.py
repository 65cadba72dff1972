"""Feedback on conversations, turns and messages of agents, where the agents' routes show it."""

from typing import Any

from traces.agents.test_agents import send, turn
from traces.doors import OURS, THEIRS, Door
from traces.otel.sent import request

HEAD = f"weave:///{OURS}"


async def said(door: Door, ref: str, kind: str, **more: Any) -> str:
    body: dict[str, Any] = {"project_id": OURS, "weave_ref": ref, "feedback_type": kind}
    made = await door.get("/feedback/create", {**body, "payload": {}, **more})
    door.house.clock.advance(1)
    return made["id"]


async def test_agents_when_there_is_feedback_then_each_stands_where_it_belongs(door: Door) -> None:
    await send(door, request(*turn(1), *turn(2), *turn(3, talk="other/talk")))
    asked: dict[str, Any] = {"project_id": OURS, "conversation_id": "conv_7"}
    plain = await door.get("/agents/conversations/chat", asked)
    assert [one["feedback"] for one in plain["turns"]] == [[], []]
    trace_id = plain["turns"][0]["trace_id"]
    answer = plain["turns"][0]["messages"][-1]
    thumb = {"scorer_tags": ["👍"], "scorer_tag_reasons": {"👍": "Set by user"}}
    on_turn = await said(
        door, f"{HEAD}/agent_turn/{trace_id}", "wandb.agent_user_feedback", **thumb
    )
    note = await said(
        door, f"{HEAD}/agent_turn/{trace_id}", "wandb.note.1", payload={"note": "well done"}
    )
    on_span = await said(
        door, f"{HEAD}/agent_span/{answer['span_id']}", "wandb.agent_user_feedback", **thumb
    )
    rated: dict[str, Any] = {
        "runnable_ref": f"{HEAD}/object/judge:1a",
        "call_ref": f"{HEAD}/call/judging",
        "trigger_ref": f"{HEAD}/object/monitor:1a",
        "scorer_ratings": {"_rating_": 0.5},
        "scorer_rating_reasons": {"_rating_": "so so"},
        "scorer_rating_confidences": {"_rating_": 0.9},
    }
    on_talk = await said(door, f"{HEAD}/agent_conversation/conv_7", "wandb.agent_monitor", **rated)
    await said(door, f"{HEAD}/agent_conversation/other%2Ftalk", "wandb.agent_monitor", **rated)

    found = await door.get("/agents/conversations/chat", {**asked, "include_feedback": True})
    assert [one["id"] for one in found["feedback"]] == [on_talk]
    first, second = found["turns"]
    assert [one["id"] for one in first["feedback"]] == [on_turn, note]
    assert first["feedback"][0]["scorer_tags"] == ["👍"]
    assert [one["id"] for one in first["messages"][-1]["feedback"]] == [on_span]
    assert second["feedback"] == []
    one = {"project_id": OURS, "trace_id": trace_id, "include_feedback": True}
    alone = await door.get("/traces/agents/traces/chat", one)
    assert alone["feedback"] == first["feedback"]

    body = {"project_id": OURS, "conversation_ids": ["conv_7", "other/talk"]}
    listed = (await door.get("/agents/conversations/spans", body))["conversations"]
    signals = {talk["conversation_id"]: talk["spans_feedback"] for talk in listed}
    rating = {"name": "_rating_", "value": 0.5, "reason": "so so", "confidence": 0.9}
    on_it = {"feedback_type": "wandb.agent_monitor", "tags": [], "ratings": [rating]}
    assert signals["other/talk"] == [{**on_it, "trace_id": None}]
    assert sorted(signals["conv_7"], key=lambda one: one["feedback_type"]) == [
        {**on_it, "trace_id": None},
        {
            "feedback_type": "wandb.agent_user_feedback",
            "tags": ["👍"],
            "ratings": [],
            "trace_id": trace_id,
        },
    ]
    theirs = {"project_id": THEIRS, "trace_id": trace_id, "include_feedback": True}
    assert not (await door.get("/agents/traces/chat", theirs, user="mel")).get("feedback")
