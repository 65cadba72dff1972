"""What paths stand for in calls: their columns, their texts, what the server derives, and their feedback."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, select

from weft.traces.feedback.schema import FEEDBACK
from weft.traces.query.fields import (
    Field,
    JsonField,
    ManyField,
    NoField,
    NumberField,
    TableFields,
    TextField,
    TimeField,
    UnknownField,
)
from weft.traces.query.paths import split_path
from weft.traces.schema import BLOB, CALL, PAYLOAD
from weft.traces.types import ProjectKey

KNOWN = "id, op_name, started_at, inputs.*, output.*, attributes.*, summary.*, feedback.[type].*"
_TEXTS = frozenset({"inputs", "output", "attributes", "summary", "otel_dump"})
_FEEDBACK = TableFields(
    {
        **{name: TextField(FEEDBACK.c[name]) for name in ("id", "feedback_type", "weave_ref")},
        **{name: TextField(FEEDBACK.c[name]) for name in ("wb_user_id", "creator", "queue_id")},
        **{
            name: TextField(FEEDBACK.c[name])
            for name in ("annotation_ref", "runnable_ref", "call_ref", "trigger_ref")
        },
        "created_at": TimeField(FEEDBACK.c.created_at_us),
    },
    {name: FEEDBACK.c[name] for name in ("payload", "scorer_tags", "scorer_ratings")},
)
_LATENCY_MS = case(  # two machines' clocks may disagree
    (CALL.c.ended_at_us < CALL.c.started_at_us, 0),
    else_=(CALL.c.ended_at_us - CALL.c.started_at_us) // 1000,
)
COLUMNS: dict[str, Field] = {
    **{
        name: TextField(CALL.c[name])
        for name in ("id", "trace_id", "parent_id", "op_name", "display_name", "thread_id")
    },
    **{name: TextField(CALL.c[name]) for name in ("turn_id", "wb_user_id", "wb_run_id")},
    "wb_run_step": NumberField(CALL.c.wb_run_step),
    "wb_run_step_end": NumberField(CALL.c.wb_run_step_end),
    "storage_size_bytes": NumberField(CALL.c.size_bytes),
    "started_at": TimeField(CALL.c.started_at_us),
    "ended_at": TimeField(CALL.c.ended_at_us),
    "deleted_at": NoField(),
    "summary.weave.status": TextField(CALL.c.status),
    "summary.weave.trace_name": TextField(CALL.c.op),
    "summary.weave.display_name": TextField(CALL.c.display_name),
    "summary.weave.latency_ms": NumberField(_LATENCY_MS),
}
"""Of the narrow table alone."""


class CallFields:
    """The fields of one project's calls, and whether finding them took more than the narrow table."""

    def __init__(self, project: ProjectKey) -> None:
        self._project = project
        self.opens_payload = False

    def find(self, path: str) -> Field:
        """See `Fields.find`."""
        if path in COLUMNS:
            return COLUMNS[path]
        first, *rest = split_path(path)
        if first == "feedback":
            return self._feedback(path, rest)
        if first == "exception" and not rest:
            self.opens_payload = True
            return TextField(PAYLOAD.c.exception)
        if first not in _TEXTS or path.startswith("summary.weave"):
            raise UnknownField(path, KNOWN)
        return JsonField(self.text(str(first)), tuple(rest))

    def text(self, name: str) -> ColumnElement[Any]:
        """A text of calls, wherever it lies."""
        self.opens_payload = True
        return text_of(self._project, name)

    def _feedback(self, path: str, steps: list[Any]) -> Field:
        if len(steps) < 2:
            raise UnknownField(path, KNOWN)
        kind, *rest = steps
        inner = _FEEDBACK.find(_rejoined(rest))
        mine = [FEEDBACK.c.project == self._project, FEEDBACK.c.call_id == CALL.c.id]
        if kind != "*":
            mine.append(FEEDBACK.c.feedback_type == str(kind))
        return ManyField(inner, _some(and_(*mine)), _first(and_(*mine)))


def text_of(project: ProjectKey, name: str) -> ColumnElement[Any]:
    """A text of calls, with those that lie apart."""
    column = PAYLOAD.c[name]
    if name not in {"inputs", "output"}:
        return column
    digest = PAYLOAD.c[f"{name}_blob"]
    apart = (
        select(BLOB.c.body)
        .where(BLOB.c.project == project, BLOB.c.digest == digest)
        .correlate(PAYLOAD)
        .scalar_subquery()
    )
    return case((digest.is_(None), column), else_=apart)


def _rejoined(steps: list[Any]) -> str:
    return ".".join(str(s).replace(".", "\\.") for s in steps)


def _some(mine: ColumnElement[bool]) -> Callable[[ColumnElement[bool]], ColumnElement[bool]]:
    def some(condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists().where(mine, condition).correlate(CALL, PAYLOAD)

    return some


def _first(mine: ColumnElement[bool]) -> Callable[[ColumnElement[Any]], ColumnElement[Any]]:
    def first(expression: ColumnElement[Any]) -> ColumnElement[Any]:
        newest = (FEEDBACK.c.created_at_us.desc(), FEEDBACK.c.id.desc())
        wanted = select(expression).where(mine).order_by(*newest).limit(1).correlate(CALL, PAYLOAD)
        return wanted.scalar_subquery()

    return first
