"""Feedback as clients send it, and as the one form that is written.

Shapes: `/feedback/create`, `/feedback/batch/create` and `/feedback/replace` of the Weave trace server's API (client
0.54), unknown fields left out. A payload that nothing has to be added to stays the text that it came as.
"""

from typing import Any

import msgspec

from weft.identity.projects.gate import Visitor
from weft.kit.ids import uuid7_hex
from weft.traces.feedback.rules import AGENT_TYPES, BadFeedback, check
from weft.traces.json_text import dump
from weft.traces.refs import REF_CHARS, Ref, RefKind, find_ref
from weft.traces.writing.ops import Op

PAYLOAD_BYTES = 1024 * 1024
SCORES_BYTES = 64 * 1024
ID_CHARS = 256
NAME_CHARS = 1024
UNSET = "UNSET"
_REFS = ("annotation_ref", "runnable_ref", "call_ref", "trigger_ref")
_SPANS = (
    "span_agent_name",
    "span_agent_version",
    "span_status_code",
    "span_conversation_id",
    "span_trace_id",
    "scorer_trace_id",
)
SCORES = (
    "scorer_tags",
    "scorer_tag_reasons",
    "scorer_tag_confidences",
    "scorer_ratings",
    "scorer_rating_reasons",
    "scorer_rating_confidences",
)


class FeedbackWire(msgspec.Struct):
    """One feedback."""

    weave_ref: str
    feedback_type: str
    payload: msgspec.Raw
    project_id: str = ""
    id: str | None = None
    creator: str | None = None
    annotation_ref: str | None = None
    runnable_ref: str | None = None
    call_ref: str | None = None
    trigger_ref: str | None = None
    queue_id: str | None = None
    scorer_tags: list[str] | None = None
    scorer_tag_reasons: dict[str, str] | None = None
    scorer_tag_confidences: dict[str, float] | None = None
    scorer_ratings: dict[str, float] | None = None
    scorer_rating_reasons: dict[str, str] | None = None
    scorer_rating_confidences: dict[str, float] | None = None
    span_agent_name: str = ""
    span_agent_version: str = ""
    span_status_code: str = UNSET
    span_conversation_id: str = ""
    span_trace_id: str = ""
    scorer_trace_id: str = ""


class FeedbackPart(msgspec.Struct, array_like=True, omit_defaults=True):
    """One feedback as it is written: the columns of its table, `payload` and the scores as JSON."""

    id: str
    weave_ref: str
    feedback_type: str
    payload: str
    wb_user_id: str
    created_at_us: int
    call_id: str | None = None
    creator: str | None = None
    annotation_ref: str | None = None
    runnable_ref: str | None = None
    call_ref: str | None = None
    trigger_ref: str | None = None
    queue_id: str | None = None
    scorer_tags: str = "[]"
    scorer_tag_reasons: str = "{}"
    scorer_tag_confidences: str = "{}"
    scorer_ratings: str = "{}"
    scorer_rating_reasons: str = "{}"
    scorer_rating_confidences: str = "{}"
    span_agent_name: str = ""
    span_agent_version: str = ""
    span_status_code: str = UNSET
    span_conversation_id: str = ""
    span_trace_id: str = ""
    scorer_trace_id: str = ""
    replaces: str = ""
    """The id of a feedback that this one takes the place of."""


class WriteFeedback(Op):
    """Feedback of one project."""

    parts: list[FeedbackPart]


def part_of(
    wire: FeedbackWire, visitor: Visitor, now_us: int, *, replaces: str = ""
) -> FeedbackPart:
    """A feedback as it is written; its id is made here where the client sent none.

    Raises:
        BadFeedback: its fields do not go together, or are out of bounds.
    """
    payload = _payload(wire)
    weave_ref = _bounded(wire.weave_ref, REF_CHARS, "weave_ref")
    target = find_ref(weave_ref)
    spans = {name: _bounded(getattr(wire, name), NAME_CHARS, name) for name in _SPANS}
    if wire.feedback_type in AGENT_TYPES and target is not None:
        spans.update(_spans_of(target, spans))
    spec = find_ref(wire.annotation_ref)
    if spec is not None and spec.project_id != visitor.name:
        raise BadFeedback("annotation_ref is of another project", param="annotation_ref")
    is_of_call = (
        target is not None
        and target.kind is RefKind.CALL
        and not target.edges
        and target.project_id == visitor.name
    )
    return FeedbackPart(
        id=_bounded(wire.id, ID_CHARS, "id") if wire.id else uuid7_hex(),
        weave_ref=weave_ref,
        feedback_type=_bounded(wire.feedback_type, NAME_CHARS, "feedback_type"),
        payload=payload,
        wb_user_id=visitor.user_id,
        created_at_us=now_us,
        call_id=target.name if target is not None and is_of_call else None,
        creator=None if wire.creator is None else _bounded(wire.creator, NAME_CHARS, "creator"),
        queue_id=None if not wire.queue_id else _bounded(wire.queue_id, ID_CHARS, "queue_id"),
        **{name: _ref(wire, name) for name in _REFS},
        **{name: _scores(wire, name) for name in SCORES if getattr(wire, name)},
        **spans,
        replaces=_bounded(replaces, ID_CHARS, "feedback_id"),
    )


def _payload(wire: FeedbackWire) -> str:
    text = bytes(wire.payload).decode()
    if not text.startswith("{"):
        raise BadFeedback("the payload is an object", param="payload")
    payload: dict[str, Any] = msgspec.json.decode(text)
    added = check(wire, payload)
    if added:
        text = dump({**payload, **added})
    if len(text) > PAYLOAD_BYTES:
        raise BadFeedback(f"a payload has at most {PAYLOAD_BYTES} characters", param="payload")
    return text


def _spans_of(target: Ref, told: dict[str, str]) -> dict[str, str]:
    """What the reference of a turn or a conversation says of what feedback is on.

    Raises:
        BadFeedback: the feedback itself says something else.
    """
    if target.kind is RefKind.AGENT_TURN:
        name = "span_trace_id"
    elif target.kind is RefKind.AGENT_CONVERSATION:
        name = "span_conversation_id"
        if told["span_trace_id"]:
            raise BadFeedback("a conversation has no span_trace_id", param="span_trace_id")
    else:
        return {}
    own = _bounded(target.name, NAME_CHARS, name)  # percent-encoded, it may hold anything
    if told[name] not in {"", own}:
        raise BadFeedback(f"{name} is not the one that weave_ref names", param=name)
    return {name: own}


def _ref(wire: FeedbackWire, name: str) -> str | None:
    text: str | None = getattr(wire, name)
    return _bounded(text, REF_CHARS, name) if text else None


def _scores(wire: FeedbackWire, name: str) -> str:
    text = dump(getattr(wire, name))
    if len(text) > SCORES_BYTES:
        raise BadFeedback(f"{name} has at most {SCORES_BYTES} characters", param=name)
    return text


def _bounded(text: str, limit: int, name: str) -> str:
    if len(text) > limit:
        raise BadFeedback(f"{name} has at most {limit} characters", param=name)
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}") if "\0" in text else text
