"""Spans one by one, as `agents/spans/query` shows them, and the names of what they say besides."""

from collections import Counter
from typing import Any

from sqlalchemy import Connection, func

from weft.kit.clock import from_us
from weft.traces.agents.fields import NUMBERS, TEXTS, S, Wanted, span_fields, spans
from weft.traces.agents.texts import input_messages, output_messages, shown, text_columns
from weft.traces.agents.wire import SchemaBody, SpansBody
from weft.traces.json_text import load
from weft.traces.otel.values import as_object
from weft.traces.query.compile import sort_clauses
from weft.traces.query.parse import parse_query
from weft.traces.schema import CALL, PAYLOAD
from weft.traces.types import ProjectKey

LOOKED_AT = 5000
"""Spans that are looked at for the names of their attributes: the newest."""
_OWN = frozenset({"weave", "otel", "gen_ai"})
"""Attributes that have fields of their own."""
_KINDS = {str: "string", bool: "bool", int: "int", float: "float"}
_SHOWN = tuple(TEXTS.values())
_FIGURES = tuple(column.label(name) for name, column in NUMBERS.items() if name != "duration_ms")
_EMPTY: dict[str, Any] = {
    "artifact_refs": [],
    "content_refs": [],
    "object_refs": [],
    "finish_reasons": [],
    "request_stop_sequences": [],
    "system_instructions": [],
    "input_messages": [],
    "output_messages": [],
}


def list_spans(
    connection: Connection, project: ProjectKey, project_name: str, body: SpansBody
) -> tuple[list[dict[str, Any]], int]:
    """A page of spans, the newest first unless an order was asked for, and how many there are.

    Raises:
        InvalidRequest: query, order or page cannot be read.
    """
    limit, offset = body.checked()
    some = Wanted(project_name, parse_query(body.query), body.started_after, body.started_before)
    order = sort_clauses(body.sort_by or [], span_fields(project_name))
    wanted = spans(
        project,
        *(*_SHOWN, *_FIGURES, S.started_at_us, S.ended_at_us),
        *(PAYLOAD.c.attributes, PAYLOAD.c.exception, PAYLOAD.c.otel_dump, *text_columns()),
        CALL.c.wb_run_id,
        wanted=some,
    )
    wanted = wanted.order_by(*order, S.started_at_us.desc(), S.span_id)
    rows = connection.execute(wanted.limit(limit).offset(offset)).all()
    total = connection.execute(spans(project, func.count(), wanted=some)).scalar_one()
    return [_row(row, project_name, details=body.include_details) for row in rows], total


def list_attributes(
    connection: Connection, project: ProjectKey, project_name: str, body: SchemaBody
) -> dict[str, Any]:
    """The names of attributes that have no field of their own, among the newest spans.

    Raises:
        InvalidRequest: query or page cannot be read.
    """
    limit, offset = body.checked()
    some = Wanted(project_name, parse_query(body.query), body.started_after, body.started_before)
    wanted = spans(
        project,
        PAYLOAD.c.attributes,
        wanted=some,
    )
    counted: Counter[tuple[str, str]] = Counter()
    newest = wanted.order_by(S.started_at_us.desc()).limit(LOOKED_AT)
    for text in connection.execute(newest).scalars():
        for name, value in _custom(text).items():
            counted[name, _KINDS[type(value)]] += 1
    found = [
        {
            "key": name,
            "source": f"custom_attrs_{kind}",
            "value_type": kind,
            "span_count": count,
        }
        for (name, kind), count in sorted(counted.items())
    ]
    page = found[offset : offset + limit]
    more = len(found) > offset + limit
    return {"attributes": page, "has_more": more, "limit": limit, "offset": offset}


def _custom(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def walk(value: Any, path: str) -> None:
        inner = as_object(value)
        if inner is not None:
            for name, below in inner.items():
                walk(below, f"{path}.{name}" if path else name)
        elif type(value) in _KINDS:
            found[path] = value

    for name, value in (as_object(load(text)) or {}).items():
        if name not in _OWN:
            walk(value, name)
    return found


def _row(row: Any, project_name: str, *, details: bool) -> dict[str, Any]:
    custom = _custom(row.attributes)
    shown_row: dict[str, Any] = {
        "project_id": project_name,
        "started_at": from_us(row.started_at_us),
        "ended_at": from_us(row.ended_at_us),
        "wb_run_id": row.wb_run_id,
        **{name: getattr(row, name) for name in TEXTS},
        **{name: getattr(row, name) for name in NUMBERS if name != "duration_ms"},
        **_EMPTY,
        **{
            f"custom_attrs_{kind}": {
                name: value for name, value in custom.items() if type(value) is of
            }
            for of, kind in _KINDS.items()
        },
    }
    error = as_object(load(row.exception)) if row.exception else None
    if error:
        shown_row["error_type"], shown_row["status_message"] = error["type"], error["message"]
    if details:
        outputs = output_messages(row)
        shown_row["input_messages"] = [shown(one) for one in input_messages(row)]
        shown_row["output_messages"] = [shown(one) for one in outputs]
        reasons = [one["finish_reason"] for one in outputs if one.get("finish_reason")]
        shown_row["finish_reasons"] = reasons
        shown_row["raw_span_dump"] = row.otel_dump
        if row.tool_name:
            shown_row["tool_call_arguments"] = row.inputs
            shown_row["tool_call_result"] = row.output
    return shown_row
