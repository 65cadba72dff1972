"""Finds feedback. Every function takes the project, and finds nothing of another one."""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal, select

from weft.kit.clock import from_us
from weft.kit.errors import PayloadTooLarge
from weft.traces.feedback.parts import SCORES
from weft.traces.feedback.schema import FEEDBACK
from weft.traces.query.compile import compile_query, sort_clauses
from weft.traces.query.fields import Field, TableFields, TextField, TimeField
from weft.traces.query.listing import Listing, picked
from weft.traces.types import ProjectKey

PAGE_BYTES = 128 * 1024 * 1024
"""Of payloads, in one answer."""
SMALL_PAGE = 100
"""Rows that cannot be much more than that."""
_INSIDE = frozenset({"project", "call_id", "created_at_us"})
_JSON = frozenset({"payload", *SCORES})
_TEXTS = tuple(c for c in FEEDBACK.c if c.name not in _INSIDE | _JSON)
_NAMES = tuple(c.name for c in _TEXTS)


def list_feedback(
    connection: Connection, project: ProjectKey, project_name: str, wanted: Listing
) -> tuple[list[dict[str, Any]], int]:
    """A page of feedback as the wire has it, and how much there is without pages; the oldest first.

    `project_name` is `team/project`, which rows are shown with.

    Raises:
        UnknownField: the query, the order or the fields name one that feedback does not have.
        PayloadTooLarge: the page has more than `PAGE_BYTES` of payloads.
    """
    fields = feedback_fields(project_name)
    matches = (FEEDBACK.c.project == project, compile_query(wanted.query, fields))
    order: list[ColumnElement[Any]] = sort_clauses(wanted.sort_by, fields)
    page = (
        select(FEEDBACK)
        .where(*matches)
        .order_by(*order, FEEDBACK.c.created_at_us, FEEDBACK.c.id)
        .limit(wanted.limit)
        .offset(wanted.offset)
    )
    if wanted.limit > SMALL_PAGE:
        _check_size(connection, page)
    rows = [picked(shown(row, project_name), wanted.fields) for row in connection.execute(page)]
    if wanted.offset == 0 and len(rows) < wanted.limit:
        return rows, len(rows)
    total = select(func.count()).select_from(FEEDBACK).where(*matches)
    return rows, connection.execute(total).scalar_one()


def _check_size(connection: Connection, page: Select[*tuple[Any, ...]]) -> None:
    payloads = page.with_only_columns(FEEDBACK.c.payload).subquery()
    total = connection.execute(select(func.sum(func.length(payloads.c.payload)))).scalar_one()
    if (total or 0) > PAGE_BYTES:
        raise PayloadTooLarge(
            f"this page of feedback has more than {PAGE_BYTES} bytes",
            param="limit",
            remedy="ask for fewer at a time, with limit and offset",
        )


def feedback_fields(project_name: str) -> TableFields:
    """What queries may ask of feedback: all columns by their names on the wire, and into those that are JSON."""
    columns: dict[str, Field] = {column.name: TextField(column) for column in _TEXTS}
    columns["created_at"] = TimeField(FEEDBACK.c.created_at_us)
    columns["project_id"] = TextField(literal(project_name))
    return TableFields(columns, {name: FEEDBACK.c[name] for name in _JSON})


def shown(row: Row[*tuple[Any, ...]], project_name: str) -> dict[str, Any]:
    """A row of the table as the wire has it."""
    return {
        "project_id": project_name,
        "created_at": from_us(row.created_at_us),
        **{name: getattr(row, name) for name in _NAMES},
        **{name: msgspec.Raw(getattr(row, name).encode()) for name in _JSON},
    }
