"""What feedback is taken, what is added to it, and what is refused."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from traces.doors import OURS, THEIRS, Door
from weft.identity.projects.gate import Visitor
from weft.identity.types import ProjectId, Role, TeamId, UserId
from weft.traces.feedback.parts import FeedbackWire, part_of
from weft.traces.feedback.rules import BadFeedback
from weft.traces.feedback.schema import FEEDBACK
from weft.traces.json_text import decode, load

CALL = f"weave:///{OURS}/call/call-1"
SCORER = f"weave:///{OURS}/object/judge:1a"
OP = f"weave:///{OURS}/op/judge:1a"
SPEC = f"weave:///{OURS}/object/quality:1a"
TURN = f"weave:///{OURS}/agent_turn/turn-1"
CONVERSATION = f"weave:///{OURS}/agent_conversation/talk%201"
ADA = Visitor(
    UserId("ada"),
    "ada",
    TeamId("t"),
    "loom",
    Role.MEMBER,
    ProjectId("p"),
    "cloth",
    key_id=None,
    expires_at=None,
)


def feedback(kind: str, payload: object, **more: Any) -> dict[str, Any]:
    """A feedback as the client sends it."""
    return {
        "project_id": OURS,
        "weave_ref": CALL,
        "creator": None,
        "feedback_type": kind,
        "payload": payload,
        "scorer_tags": [],
        "scorer_ratings": {},
        "span_status_code": "UNSET",
        "of_a_newer_client": 1,
        **more,
    }


def rows(door: Door) -> list[Any]:
    with door.house.database.read() as connection:
        return list(connection.execute(select(FEEDBACK).order_by(FEEDBACK.c.id)))


async def test_create_when_a_note_comes_then_it_is_kept_as_sent(door: Door) -> None:
    sent = feedback("wandb.note.1", {"note": "für \0 später", "extra": 1e300}, creator="Ada L.")
    answer = await door.get("/traces/feedback/create", sent)
    assert answer["payload"] == sent["payload"]
    assert answer["wb_user_id"] == door.users["ada"]
    assert answer["created_at"] == "2026-11-01T12:00:00Z"
    [row] = rows(door)
    assert (row.id, row.call_id, row.weave_ref) == (answer["id"], "call-1", CALL)
    assert (row.creator, row.wb_user_id) == ("Ada L.", door.users["ada"])


@pytest.mark.parametrize(
    ("emoji", "alias", "detoned"),
    [
        ("👍", ":thumbs_up:", "👍"),
        ("👍🏽", ":thumbs_up_medium_skin_tone:", "👍"),
        ("👩🏽‍🚀", None, "👩‍🚀"),
    ],
)
def test_part_when_a_reaction_comes_then_its_names_are_added(
    emoji: str, alias: str | None, detoned: str
) -> None:
    sent = feedback("wandb.reaction.1", {"emoji": emoji})
    payload = load(part_of(decode(msgspec.json.encode(sent), FeedbackWire), ADA, 0).payload)
    assert (payload["emoji"], payload["detoned"]) == (emoji, detoned)
    assert alias in {None, payload["alias"]}
    assert "skin_tone" not in payload["detoned_alias"]


@pytest.mark.parametrize(
    "sent",
    [
        feedback("wandb.reaction.1", {"emoji": "ok"}),
        feedback("wandb.reaction.1", {"emoji": "👍👍"}),
        feedback("wandb.reaction.1", {"emoji": 7}),
        feedback("wandb.reaction.1", {}),
        feedback("wandb.note.1", {"note": ""}),
        feedback("wandb.note.1", {"note": "x" * 1025}),
        feedback("wandb.runnable.judge", {"output": 1}),
        feedback("wandb.runnable.judge", {}, runnable_ref=SCORER),
        feedback("wandb.runnable.other", {"output": 1}, runnable_ref=SCORER),
        feedback("wandb.runnable.judge", {"output": 1}, runnable_ref=OP),
        feedback("wandb.runnable.judge", {"output": 1}, runnable_ref=CALL),
        feedback("wandb.runnable.judge", {"output": 1}, runnable_ref=SCORER, call_ref=OP),
        feedback("wandb.runnable.judge", {"output": 1}, runnable_ref=SCORER, annotation_ref=SPEC),
        feedback("wandb.annotation.quality", {"value": 1}),
        feedback("wandb.annotation.quality", {}, annotation_ref=SPEC),
        feedback("wandb.annotation.other", {"value": 1}, annotation_ref=SPEC),
        feedback("wandb.annotation", {"value": 1}, annotation_ref=SPEC),
        feedback("mine", {}, annotation_ref=SPEC),
        feedback("mine", {}, runnable_ref=SCORER),
        feedback("mine", {}, call_ref=CALL),
        feedback("mine", {}, scorer_tags=["good"]),
        feedback("mine", [1]),
        feedback("mine", "text"),
        feedback("", {}),
        feedback("x" * 1025, {}),
        feedback("mine", {"much": "x" * 1024 * 1024}),
        feedback("wandb.agent_user_feedback", {}, weave_ref=TURN),
        feedback(
            "wandb.agent_user_feedback", {}, weave_ref=TURN, scorer_tags=["👍"], span_trace_id="no"
        ),
        feedback("wandb.agent_monitor", {}, weave_ref=TURN, runnable_ref=SCORER),
    ],
)
def test_part_when_feedback_is_not_what_its_type_says_then_it_is_refused(
    sent: dict[str, Any],
) -> None:
    wire = decode(msgspec.json.encode(sent), FeedbackWire)
    with pytest.raises(BadFeedback):
        part_of(wire, ADA, 0)


async def test_create_when_a_scorer_sends_then_scores_and_references_are_kept(door: Door) -> None:
    sent = feedback(
        "wandb.runnable.judge",
        {"output": {"score": 0.25}},
        id="0199-fb",
        runnable_ref=OP,
        call_ref=f"weave:///{OURS}/call/judging",
        trigger_ref=f"weave:///{OURS}/object/monitor:2b",
        scorer_tags=["good", "ünique"],
        scorer_ratings={"_rating_": 0.25},
    )
    answer = await door.get("/feedback/create", sent)
    assert answer["id"] == "0199-fb"
    [row] = rows(door)
    assert row.scorer_tags == '["good","ünique"]'
    assert row.scorer_ratings == '{"_rating_":0.25}'
    assert (row.runnable_ref, row.scorer_tag_reasons) == (OP, "{}")


@pytest.mark.parametrize(
    ("ref", "expected"),
    [(TURN, ("turn-1", "")), (CONVERSATION, ("", "talk 1")), (CALL, ("", ""))],
)
def test_part_when_a_user_reacts_to_an_agent_then_what_to_is_read_off_the_reference(
    ref: str, expected: tuple[str, str]
) -> None:
    sent = feedback("wandb.agent_user_feedback", {}, weave_ref=ref, scorer_tags=["👍"])
    part = part_of(decode(msgspec.json.encode(sent), FeedbackWire), ADA, 0)
    assert (part.span_trace_id, part.span_conversation_id) == expected


async def test_create_when_sent_again_then_there_is_one(door: Door) -> None:
    sent = feedback("mine", {"a": 1}, id="same")
    first = await door.get("/feedback/create", sent)
    second = await door.get("/feedback/create", sent)
    assert first["id"] == second["id"] == "same"
    assert len(rows(door)) == 1


async def test_create_when_a_reference_is_of_another_project_then_it_is_no_call_here(
    door: Door,
) -> None:
    await door.get("/feedback/create", feedback("mine", {}, weave_ref=f"weave:///{THEIRS}/call/c"))
    [row] = rows(door)
    assert row.call_id is None


@pytest.mark.parametrize(("user", "status"), [("vic", 403), ("mel", 404)])
async def test_create_when_the_caller_may_not_then_it_is_refused(
    door: Door, user: str, status: int
) -> None:
    for path, body in (
        ("/feedback/create", feedback("mine", {})),
        ("/feedback/batch/create", {"batch": [feedback("mine", {})]}),
        ("/feedback/replace", {**feedback("mine", {}), "feedback_id": "x"}),
    ):
        response = await door.ask(path, body, user=user)
        assert response.status_code == status, response.text
    assert rows(door) == []


async def test_batch_when_it_comes_then_answers_are_in_its_order(door: Door) -> None:
    batch = [feedback("mine", {"n": n}, id=f"id-{n}") for n in (3, 1, 2)]
    answer = await door.get("/traces/feedback/batch/create", {"batch": batch})
    assert [one["id"] for one in answer["res"]] == ["id-3", "id-1", "id-2"]
    assert [one["payload"] for one in answer["res"]] == [{"n": 3}, {"n": 1}, {"n": 2}]
    assert len(rows(door)) == 3


async def test_batch_when_one_is_wrong_then_none_is_written(door: Door) -> None:
    batch = [feedback("mine", {}, id="a"), feedback("mine", {}), feedback("wandb.note.1", {})]
    response = await door.ask("/feedback/batch/create", {"batch": batch})
    assert response.status_code == 422
    assert rows(door) == []


async def test_batch_when_one_is_wrong_and_all_have_ids_then_those_that_are_right_are_written(
    door: Door,
) -> None:
    """A client drops a batch of which both halves were refused: what was right must not be lost with it."""
    batch = [
        feedback("wandb.note.1", {}, id="a"),
        feedback("mine", {}, id="b"),
        feedback("mine", {}, id="c", annotation_ref=SPEC),
        feedback("mine", {}, id="d"),
    ]
    response = await door.ask("/feedback/batch/create", {"batch": batch})
    assert response.status_code == 422
    assert response.json()["refused"] == ["a", "c"]
    assert [row.id for row in rows(door)] == ["b", "d"]
    again = await door.ask("/feedback/batch/create", {"batch": batch[1:2]})
    assert again.status_code == 200
    assert len(rows(door)) == 2


async def test_batch_when_it_is_empty_then_nothing_happens(door: Door) -> None:
    assert await door.get("/feedback/batch/create", {"batch": []}) == {"res": []}


async def test_replace_when_there_is_one_then_the_new_one_takes_its_place(door: Door) -> None:
    old = await door.get("/feedback/create", feedback("mine", {"a": 1}))
    new = await door.get(
        "/feedback/replace", {**feedback("mine", {"a": 2}), "feedback_id": old["id"]}
    )
    assert new["id"] != old["id"]
    [row] = rows(door)
    assert (row.id, row.payload) == (new["id"], '{"a":2}')


async def test_replace_when_the_new_one_is_wrong_then_the_old_one_stays(door: Door) -> None:
    old = await door.get("/feedback/create", feedback("mine", {"a": 1}))
    wrong = {**feedback("wandb.note.1", {}), "feedback_id": old["id"]}
    assert (await door.ask("/feedback/replace", wrong)).status_code == 422
    assert [row.id for row in rows(door)] == [old["id"]]


async def test_replace_when_the_id_is_anothers_then_theirs_stays(door: Door) -> None:
    theirs = {**feedback("mine", {}, project_id=THEIRS), "id": "theirs"}
    await door.get("/feedback/create", theirs, user="mel")
    await door.get("/feedback/replace", {**feedback("mine", {}), "feedback_id": "theirs"})
    assert len(rows(door)) == 2
