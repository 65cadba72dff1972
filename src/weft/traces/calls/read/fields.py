"""What paths stand for in calls: their columns, their texts, what the server derives, and their feedback."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, exists, literal, select, true
from sqlalchemy.sql.util import find_tables

from weft.traces.calls.read.cost import COST
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
from weft.traces.query.sql import Quotient
from weft.traces.schema import BLOB, CALL, PAYLOAD
from weft.traces.types import ProjectKey

KNOWN = "id, op_name, started_at, inputs.*, output.*, attributes.*, summary.*, feedback.[type].*"
INDEXED_TEXTS = frozenset({"inputs", "output"})
Narrow = Callable[[str], ColumnElement[bool] | None]
_TEXTS = frozenset({"inputs", "output", "attributes", "summary", "otel_dump"})
FEEDBACK_FIELDS = TableFields(
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
_NAMES = (
    *("id", "trace_id", "parent_id", "op_name", "display_name", "thread_id", "turn_id"),
    *("wb_user_id", "wb_run_id"),
)


def columns_of(call: FromClause) -> dict[str, Field]:
    """The fields that the narrow columns of calls answer, wherever those are kept."""
    began, ended = call.c.started_at_us, call.c.ended_at_us
    latency_ms = case(  # two machines' clocks may disagree
        (ended < began, 0), else_=Quotient(ended - began, literal(1000))
    )
    return {
        **{name: TextField(call.c[name]) for name in _NAMES},
        "wb_run_step": NumberField(call.c.wb_run_step),
        "wb_run_step_end": NumberField(call.c.wb_run_step_end),
        "storage_size_bytes": NumberField(call.c.size_bytes),
        "started_at": TimeField(call.c.started_at_us),
        "ended_at": TimeField(call.c.ended_at_us),
        "deleted_at": NoField(),
        "summary.weave.status": TextField(call.c.status),
        "summary.weave.trace_name": TextField(call.c.op),
        "summary.weave.display_name": TextField(call.c.display_name),
        "summary.weave.latency_ms": NumberField(latency_ms),
        "summary.weave.model": TextField(call.c.model),
        "summary.weave.input_tokens": NumberField(call.c.input_tokens),
        "summary.weave.output_tokens": NumberField(call.c.output_tokens),
        "summary.weave.total_tokens": NumberField(call.c.input_tokens + call.c.output_tokens),
    }


COLUMNS = columns_of(CALL)


class CallFields:
    """The fields of one project's calls, and whether finding them took more than the narrow table."""

    def __init__(
        self,
        project: ProjectKey,
        narrow: Narrow | None = None,
        cost: ColumnElement[float] | None = None,
    ) -> None:
        """Fields of a project whose index, if it has one, `narrow` asks; `cost` is what its calls cost, if told."""
        self._cost = cost
        self._project = project
        self._narrow = narrow
        self.opens_payload = False

    def find(self, path: str) -> Field:
        """See `Fields.find`."""
        if path in COLUMNS:
            return COLUMNS[path]
        if path == COST and self._cost is not None:
            return NumberField(self._cost)
        if path == "exception":
            return TextField(self.text(path))
        steps = split_path(path)
        if steps[0] == "feedback":
            return self._feedback(path)
        name = text_name(path)
        narrow = self._narrow if name in INDEXED_TEXTS else None
        return JsonField(self.text(name), steps[1:], narrow)

    def text(self, name: str) -> ColumnElement[Any]:
        """A text of calls, wherever it lies."""
        self.opens_payload = True
        return text_of(self._project, name)

    def _feedback(self, path: str) -> Field:
        inner, of_kind = feedback_field(path)
        mine = and_(FEEDBACK.c.project == self._project, of_kind)
        return ManyField(inner, _some(mine), _first(mine))


def text_name(path: str) -> str:
    """The text of calls that a path leads into.

    Raises:
        UnknownField: there is none.
    """
    name = str(split_path(path)[0])
    if name not in _TEXTS or path.startswith("summary.weave"):
        raise UnknownField(path, KNOWN)
    return name


def feedback_field(path: str) -> tuple[Field, ColumnElement[bool]]:
    """The field of feedback that `feedback.[type].field` leads to, and which feedback is meant; `[*]` is any.

    Raises:
        UnknownField: there is no such field.
    """
    _feedback, *steps = split_path(path)
    if len(steps) < 2:
        raise UnknownField(path, KNOWN)
    kind, *rest = steps
    inner = FEEDBACK_FIELDS.find(".".join(str(step).replace(".", "\\.") for step in rest))
    return inner, true() if kind == "*" else FEEDBACK.c.feedback_type == str(kind)


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


def _some(mine: ColumnElement[bool]) -> Callable[[ColumnElement[bool]], ColumnElement[bool]]:
    def some(condition: ColumnElement[bool]) -> ColumnElement[bool]:
        if any(table is not FEEDBACK for table in find_tables(condition)):
            there = FEEDBACK.c.call_id == CALL.c.id
            return exists().where(mine, there, condition).correlate(CALL, PAYLOAD)
        # What is asked of feedback alone is asked once, and the calls looked up by what was found.
        return CALL.c.id.in_(
            select(FEEDBACK.c.call_id).where(mine, FEEDBACK.c.call_id.is_not(None), condition)
        )

    return some


def _first(mine: ColumnElement[bool]) -> Callable[[ColumnElement[Any]], ColumnElement[Any]]:
    def first(expression: ColumnElement[Any]) -> ColumnElement[Any]:
        # The sum keeps SQLite from going through all feedback by its time to find that of one call.
        newest = ((FEEDBACK.c.created_at_us + 0).desc(), FEEDBACK.c.id.desc())
        there = FEEDBACK.c.call_id == CALL.c.id
        wanted = (
            select(expression)
            .where(mine, there)
            .order_by(*newest)
            .limit(1)
            .correlate(CALL, PAYLOAD)
        )
        return wanted.scalar_subquery()

    return first
