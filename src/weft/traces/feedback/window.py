"""Feedback of a stretch of time, read a piece at a time, for sums that no database can make the same."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, tuple_

from weft.kit.errors import InvalidRequest
from weft.traces.feedback.schema import FEEDBACK
from weft.traces.refs import find_ref
from weft.traces.types import ProjectKey

ROWS = 500_000
"""That one request may read."""
_PIECE = 200
"""Rows in memory at once: each may have a payload of a megabyte."""


class TooMuch(InvalidRequest):
    """There is more feedback in that time than is added up at once."""

    code = "too_much_feedback"
    remedy = "ask for a shorter time, or for one type of feedback"

    def __init__(self) -> None:
        super().__init__(f"there are more than {ROWS} rows of feedback in that time")


def rows_between(
    connection: Connection,
    project: ProjectKey,
    start_us: int,
    end_us: int,
    columns: Sequence[ColumnElement[Any]],
    *conditions: ColumnElement[bool],
) -> Iterator[Row[*tuple[Any, ...]]]:
    """Rows that were made from `start_us` on and before `end_us`, the oldest first; `created_at_us` comes with them.

    Raises:
        TooMuch: there are more than `ROWS`.
    """
    place = tuple_(FEEDBACK.c.created_at_us, FEEDBACK.c.id)
    after: tuple[int, str] | None = None
    count = 0
    while True:
        wanted = (
            select(FEEDBACK.c.created_at_us, FEEDBACK.c.id, *columns)
            .where(
                FEEDBACK.c.project == project,
                FEEDBACK.c.created_at_us >= start_us,
                FEEDBACK.c.created_at_us < end_us,
                *conditions,
            )
            .order_by(FEEDBACK.c.created_at_us, FEEDBACK.c.id)
            .limit(_PIECE)
        )
        if after is not None:
            wanted = wanted.where(place > after)
        rows = connection.execute(wanted).all()
        count += len(rows)
        if count > ROWS:
            raise TooMuch
        yield from rows
        if len(rows) < _PIECE:
            return
        after = (rows[-1].created_at_us, rows[-1].id)


def is_of_trigger(wanted: str | None, ref: str | None) -> bool:
    """Whether a row's `trigger_ref` is the one that is asked for, or with `:*` any version of it."""
    if wanted is None:
        return True
    if wanted.endswith(":*"):
        return ref is not None and ref.startswith(wanted[:-1])
    return ref == wanted


def is_one_of(wanted: Sequence[str], ref: str | None) -> bool:
    """Whether the object that a reference names is one of these; `mon*` is all that begin so."""
    name = name_of(ref)
    return any(
        name.startswith(one.rstrip("*")) if one.endswith("*") else name == one for one in wanted
    )


def name_of(ref: str | None) -> str:
    """The name of the object or op that a reference is of; empty for none."""
    found = find_ref(ref)
    return "" if found is None else found.name
