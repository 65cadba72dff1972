"""What may be asked of agents' spans: which columns there are, and what restricts every question."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, literal, select

from weft.traces.agents.schema import AGENT_SPAN
from weft.traces.calls.parts import stamp_us
from weft.traces.query.ast import Condition
from weft.traces.query.compile import compile_query
from weft.traces.query.fields import Field, NumberField, TableFields, TextField, TimeField
from weft.traces.schema import CALL, PAYLOAD
from weft.traces.types import ProjectKey

S = AGENT_SPAN.c
TIMES: Mapping[str, Column[Any]] = {"started_at": S.started_at_us, "ended_at": S.ended_at_us}
NUMBERS: Mapping[str, ColumnElement[Any]] = {
    "input_tokens": S.input_tokens,
    "output_tokens": S.output_tokens,
    "cache_read_input_tokens": S.cache_read_input_tokens,
    "cache_creation_input_tokens": S.cache_creation_input_tokens,
    "reasoning_tokens": S.reasoning_tokens,
    "total_cost_usd": S.total_cost_usd,
    "duration_ms": (S.ended_at_us - S.started_at_us) / 1000,
}
TEXTS: Mapping[str, Column[Any]] = {
    name: S[name]
    for name in (
        "span_id",
        "trace_id",
        "parent_span_id",
        "span_name",
        "span_kind",
        "status_code",
        "operation_name",
        "agent_name",
        "agent_version",
        "agent_id",
        "conversation_id",
        "conversation_name",
        "provider_name",
        "request_model",
        "response_model",
        "tool_name",
        "parent_call_id",
        "parent_call_trace_id",
        "wb_user_id",
    )
}


def span_fields(project_name: str) -> TableFields:
    """Fields of queries and orders; `attributes.*` leads into what the span said besides."""
    columns: dict[str, Field] = {name: TextField(column) for name, column in TEXTS.items()}
    columns.update({name: NumberField(column) for name, column in NUMBERS.items()})
    columns.update({name: TimeField(column) for name, column in TIMES.items()})
    columns["project_id"] = TextField(literal(project_name))
    return TableFields(columns, {"attributes": PAYLOAD.c.attributes})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which spans of a project."""

    project_name: str = ""
    """`team/project`, as the query knows it."""
    query: Condition | None = None
    after: datetime | None = None
    before: datetime | None = None


ALL = Wanted()


def spans(project: ProjectKey, *columns: Any, wanted: Wanted = ALL) -> Select[*tuple[Any, ...]]:
    """These columns of a project's spans, joined with their calls and texts.

    Raises:
        UnknownField: the query names what spans do not have.
    """
    found = (
        select(*columns)
        .select_from(AGENT_SPAN)
        .join(CALL, (CALL.c.project == AGENT_SPAN.c.project) & (CALL.c.id == AGENT_SPAN.c.span_id))
        .join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
        .where(AGENT_SPAN.c.project == project)
    )
    if wanted.query is not None:
        found = found.where(compile_query(wanted.query, span_fields(wanted.project_name)))
    if wanted.after is not None:
        found = found.where(S.started_at_us >= stamp_us(wanted.after))
    if wanted.before is not None:
        found = found.where(S.started_at_us < stamp_us(wanted.before))
    return found
