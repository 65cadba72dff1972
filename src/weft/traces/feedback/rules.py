"""What each type of feedback has to say, and what the server adds to it.

Source: what the hosted service asks of feedback and answers (`weave-protocol.md` 3.5; its public server, read 2026-11).
Types that are not listed here are whatever their senders like.
"""

import re
from typing import Any, Protocol

import emoji

from weft.kit.errors import InvalidRequest
from weft.traces.refs import RefKind, find_ref

REACTION, NOTE = "wandb.reaction.1", "wandb.note.1"
ANNOTATION, RUNNABLE = "wandb.annotation", "wandb.runnable"
AGENT_MONITOR, AGENT_USER = "wandb.agent_monitor", "wandb.agent_user_feedback"
AGENT_TYPES = frozenset({AGENT_MONITOR, AGENT_USER})
NOTE_CHARS = 1024
SIGN_CHARS = 64
"""The longest emoji, a family with skin tones, has not half as many."""
_TONE = re.compile(r"_(?:light|medium-light|medium|medium-dark|dark)_skin_tone")


class BadFeedback(InvalidRequest):
    """Feedback that is not what its type says, or a field out of its bounds."""

    code = "invalid_feedback"
    status = 422
    """Of a batch that is refused so, clients send the halves again, down to the one that is at fault."""


class Sent(Protocol):
    """The fields that rules look at."""

    feedback_type: str
    annotation_ref: str | None
    runnable_ref: str | None
    call_ref: str | None
    trigger_ref: str | None
    scorer_tags: list[str] | None
    scorer_tag_reasons: dict[str, str] | None
    scorer_tag_confidences: dict[str, float] | None
    scorer_ratings: dict[str, float] | None
    scorer_rating_reasons: dict[str, str] | None
    scorer_rating_confidences: dict[str, float] | None


def check(sent: Sent, payload: dict[str, Any]) -> dict[str, Any]:
    """What the server adds to the payload.

    Raises:
        BadFeedback: the feedback is not what its type says.
    """
    kind = sent.feedback_type
    is_annotation = kind.startswith(ANNOTATION)
    is_runnable = kind.startswith(RUNNABLE)
    if not kind:
        raise BadFeedback("feedback has a type", param="feedback_type")
    if is_annotation:
        _check_annotation(sent, payload)
    elif sent.annotation_ref:
        raise BadFeedback("annotation_ref is for annotations only", param="annotation_ref")
    elif is_runnable:
        _check_runnable(sent, payload)
    elif kind == AGENT_MONITOR:
        for name in ("runnable_ref", "call_ref", "trigger_ref"):
            if not getattr(sent, name):
                raise BadFeedback(f"feedback of an agent's monitor has a {name}", param=name)
    else:
        for name in ("runnable_ref", "call_ref", "trigger_ref"):
            if getattr(sent, name):
                raise BadFeedback(f"{name} is for feedback of scorers only", param=name)
    _check_scores(sent, is_runnable=is_runnable)
    _check_refs(sent)
    if kind == REACTION:
        return _reaction(payload)
    if kind == NOTE:
        note = payload.get("note")
        if not isinstance(note, str) or not 0 < len(note) <= NOTE_CHARS:
            raise BadFeedback(f"a note has 1 to {NOTE_CHARS} characters", param="payload.note")
    return {}


def _check_annotation(sent: Sent, payload: dict[str, Any]) -> None:
    name = sent.feedback_type.removeprefix(f"{ANNOTATION}.")
    ref = find_ref(sent.annotation_ref)
    if ref is None or ref.kind is not RefKind.OBJECT:
        raise BadFeedback(
            "an annotation has an annotation_ref to an object", param="annotation_ref"
        )
    if ref.name != name:
        raise BadFeedback(
            f"annotation_ref names {ref.name[:128]}, the type {sent.feedback_type[:160]}",
            param="annotation_ref",
        )
    if "value" not in payload:
        raise BadFeedback("the payload of an annotation has a value", param="payload.value")


def _check_runnable(sent: Sent, payload: dict[str, Any]) -> None:
    name = sent.feedback_type.removeprefix(f"{RUNNABLE}.")
    ref = find_ref(sent.runnable_ref)
    if ref is None or ref.kind not in {RefKind.OBJECT, RefKind.OP}:
        raise BadFeedback(
            "feedback of a scorer has a runnable_ref to an op or an object", param="runnable_ref"
        )
    if ref.name != name:
        raise BadFeedback(
            f"runnable_ref names {ref.name[:128]}, the type {sent.feedback_type[:160]}",
            param="runnable_ref",
        )
    if ref.kind is RefKind.OP and not sent.call_ref:
        raise BadFeedback("feedback of an op has the call_ref of its call", param="call_ref")
    if "output" not in payload:
        raise BadFeedback(
            "the payload of a scorer's feedback has an output", param="payload.output"
        )


def _check_scores(sent: Sent, *, is_runnable: bool) -> None:
    may_score = is_runnable or sent.feedback_type in AGENT_TYPES
    scores = (
        sent.scorer_tags,
        sent.scorer_tag_reasons,
        sent.scorer_tag_confidences,
        sent.scorer_ratings,
        sent.scorer_rating_reasons,
        sent.scorer_rating_confidences,
    )
    if any(scores) and not may_score:
        raise BadFeedback("scorer_* fields are for scorers' and agents' feedback only")
    if sent.feedback_type == AGENT_USER and not sent.scorer_tags:
        raise BadFeedback("a user's feedback on an agent has scorer_tags", param="scorer_tags")


def _check_refs(sent: Sent) -> None:
    kinds = {
        "runnable_ref": {RefKind.OBJECT, RefKind.OP},
        "call_ref": {RefKind.CALL},
        "trigger_ref": {RefKind.OBJECT},
    }
    for name, allowed in kinds.items():
        text: str | None = getattr(sent, name)
        ref = find_ref(text)
        if text and (ref is None or ref.kind not in allowed):
            wanted = " or ".join(sorted(kind.value for kind in allowed))
            raise BadFeedback(f"{name} is a reference of the kind {wanted}", param=name)


def _reaction(payload: dict[str, Any]) -> dict[str, Any]:
    sign = payload.get("emoji")
    if not isinstance(sign, str) or len(sign) > SIGN_CHARS or not emoji.is_emoji(sign):
        raise BadFeedback("a reaction is exactly one emoji", param="payload.emoji")
    alias = emoji.demojize(sign)
    toneless = _TONE.sub("", alias)
    return {"alias": alias, "detoned": emoji.emojize(toneless), "detoned_alias": toneless}
