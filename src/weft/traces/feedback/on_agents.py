"""Feedback on what agents did: on conversations, on their turns, and on the messages of a turn.

Each is named by a reference: `agent_conversation/<id>`, `agent_turn/<trace id>`, `agent_span/<span id>`. The feedback
on a span stands with the last message that came of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from weft.traces.feedback.read import shown
from weft.traces.feedback.rules import AGENT_TYPES
from weft.traces.feedback.schema import FEEDBACK
from weft.traces.json_text import load
from weft.traces.refs import Ref, RefKind
from weft.traces.types import ProjectKey

EACH = 100
"""The most that is read of one thing on the average; the oldest."""
_CHUNK = 500


def feedback_on(
    connection: Connection, project: ProjectKey, project_name: str, refs: Iterable[str]
) -> Mapping[str, list[dict[str, Any]]]:
    """The feedback on what these references name, the oldest first, as the wire has it."""
    wanted = list(dict.fromkeys(refs))
    found: dict[str, list[dict[str, Any]]] = {}
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        rows = connection.execute(
            select(FEEDBACK)
            .where(FEEDBACK.c.project == project, FEEDBACK.c.weave_ref.in_(some))
            .order_by(FEEDBACK.c.created_at_us, FEEDBACK.c.id)
            .limit(EACH * len(some))
        )
        for row in rows:
            found.setdefault(row.weave_ref, []).append(shown(row, project_name))
    return found


def add_to_turns(
    connection: Connection,
    project: ProjectKey,
    project_name: str,
    turns: Sequence[dict[str, Any]],
    conversation: dict[str, Any] | None = None,
) -> None:
    """Put the feedback on turns, on their messages and on their conversation where the wire has it: in `feedback`."""
    places: dict[str, dict[str, Any]] = {}
    for turn in turns:
        places[_ref(project_name, RefKind.AGENT_TURN, turn["trace_id"])] = turn
        for message in turn["messages"]:
            places[_ref(project_name, RefKind.AGENT_SPAN, message["span_id"])] = message
    if conversation is not None:
        talk = conversation["conversation_id"]
        places[_ref(project_name, RefKind.AGENT_CONVERSATION, talk)] = conversation
    for ref, feedback in feedback_on(connection, project, project_name, places).items():
        places[ref]["feedback"] = feedback


def add_to_conversations(
    connection: Connection,
    project: ProjectKey,
    project_name: str,
    conversations: Sequence[dict[str, Any]],
) -> None:
    """Put tags and ratings on conversations and their turns where the wire has them: in `spans_feedback`."""
    places: dict[str, tuple[dict[str, Any], str | None]] = {}
    for one in conversations:
        talk = _ref(project_name, RefKind.AGENT_CONVERSATION, one["conversation_id"])
        places[talk] = (one, None)
        for span in one["spans"]:
            ref = _ref(project_name, RefKind.AGENT_TURN, span["trace_id"])
            places[ref] = (one, span["trace_id"])
    for ref, feedback in feedback_on(connection, project, project_name, places).items():
        conversation, trace_id = places[ref]
        conversation["spans_feedback"] = [
            *conversation["spans_feedback"],
            *(_signal(one, trace_id) for one in feedback if one["feedback_type"] in AGENT_TYPES),
        ]


def _ref(project_name: str, kind: RefKind, name: str) -> str:
    entity, _, project = project_name.partition("/")
    return str(Ref(entity, project, kind, name))


def _signal(feedback: dict[str, Any], trace_id: str | None) -> dict[str, Any]:
    reasons: dict[str, str] = load(bytes(feedback["scorer_rating_reasons"]))
    confidences: dict[str, float] = load(bytes(feedback["scorer_rating_confidences"]))
    ratings: dict[str, float] = load(bytes(feedback["scorer_ratings"]))
    return {
        "feedback_type": feedback["feedback_type"],
        "tags": feedback["scorer_tags"],
        "ratings": [
            {
                "name": name,
                "value": value,
                "reason": reasons.get(name),
                "confidence": confidences.get(name),
            }
            for name, value in ratings.items()
        ],
        "trace_id": trace_id,
    }
