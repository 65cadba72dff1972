"""Finds threads. A turn is a call that is named as its own turn; what it calls has the same turn and is none.

Source: `thread_id` and `turn_id` as the client 0.54 sets them, and the fields of its `/threads/stream_query`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, asc, desc, func, select

from weft.kit.errors import InvalidRequest
from weft.traces.calls.counting import chunks
from weft.traces.calls.stats.tally import rank_of
from weft.traces.calls.table import SQL_TABLE, CallTable
from weft.traces.types import ProjectKey

THREADS_LIMIT = 10_000
"""In one answer, and those that can be sorted by how long their turns took."""
_P50, _P99 = "p50_turn_duration_ms", "p99_turn_duration_ms"
_US_PER_MS = 1000

_SORTED = ("thread_id", "turn_count", "start_time", "last_updated", _P50, _P99)


@dataclass(frozen=True, slots=True)
class Sort:
    """By what, and which way."""

    field: str
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which threads, in which order."""

    thread_ids: Sequence[str] | None = None
    after_us: int | None = None
    """Begun after this."""
    before_us: int | None = None
    """Last updated before this."""
    sorts: Sequence[Sort] = (Sort("last_updated", is_descending=True),)
    limit: int = THREADS_LIMIT
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread."""

    thread_id: str
    turn_count: int
    started_at_us: int
    updated_at_us: int
    first_turn_id: str | None
    last_turn_id: str | None
    p50_us: int | None
    p99_us: int | None


def read_threads(
    connection: Connection, project: ProjectKey, wanted: Wanted, table: CallTable = SQL_TABLE
) -> list[Thread]:
    """The threads that are wanted; `table` is where calls are.

    Raises:
        InvalidRequest: there is no such field to sort by.
    """
    for sort in wanted.sorts:
        if sort.field not in _SORTED:
            raise InvalidRequest(f"threads are sorted by {', '.join(_SORTED)}", param="sort_by")
    by_length = any(sort.field in {_P50, _P99} for sort in wanted.sorts)
    columns, call = _columns(table.call), table.call
    statement = _threads(project, wanted, call, columns)
    if by_length:
        rows = list(table.run(connection, statement.limit(THREADS_LIMIT)))
        threads = _sorted(_with_turns(connection, project, rows, table), wanted.sorts)
        return threads[wanted.offset : wanted.offset + wanted.limit]
    orders = [(desc if sort.is_descending else asc)(columns[sort.field]) for sort in wanted.sorts]
    statement = statement.order_by(*orders, call.c.thread_id)
    rows = list(table.run(connection, statement.limit(wanted.limit).offset(wanted.offset)))
    return _with_turns(connection, project, rows, table)


def _columns(call: FromClause) -> dict[str, ColumnElement[Any]]:
    return {
        "thread_id": call.c.thread_id,
        "turn_count": func.count(),
        "start_time": func.min(call.c.started_at_us),
        "last_updated": func.max(func.coalesce(call.c.ended_at_us, call.c.started_at_us)),
    }


def _threads(
    project: ProjectKey,
    wanted: Wanted,
    call: FromClause,
    columns: Mapping[str, ColumnElement[Any]],
) -> Select[Any]:
    labelled = [column.label(f"its_{name}") for name, column in columns.items()]
    statement = select(*labelled).where(*_turns(project, call)).group_by(call.c.thread_id)
    if wanted.thread_ids is not None:
        statement = statement.where(call.c.thread_id.in_(wanted.thread_ids))
    if wanted.after_us is not None:
        statement = statement.having(columns["start_time"] > wanted.after_us)
    if wanted.before_us is not None:
        statement = statement.having(columns["last_updated"] < wanted.before_us)
    return statement


def _turns(project: ProjectKey, call: FromClause) -> tuple[ColumnElement[bool], ...]:
    return (
        call.c.project == project,
        call.c.thread_id.is_not(None),
        call.c.turn_id == call.c.id,
    )


def _with_turns(
    connection: Connection, project: ProjectKey, rows: Sequence[Any], table: CallTable
) -> list[Thread]:
    call = table.call
    turns: dict[str, list[Any]] = defaultdict(list)
    for some in chunks([row.its_thread_id for row in rows]):
        wanted = select(
            call.c.id, call.c.thread_id, call.c.started_at_us, call.c.ended_at_us
        ).where(*_turns(project, call), call.c.thread_id.in_(some))
        for turn in table.run(connection, wanted):
            turns[turn.thread_id].append(turn)
    return [_thread(row, turns[row.its_thread_id]) for row in rows]


def _thread(row: Any, turns: Sequence[Any]) -> Thread:
    first = min(turns, key=lambda turn: (turn.started_at_us, turn.id))
    last = max(turns, key=lambda turn: (turn.ended_at_us or turn.started_at_us, turn.id))
    lengths = sorted(
        max(turn.ended_at_us - turn.started_at_us, 0)
        for turn in turns
        if turn.ended_at_us is not None
    )
    return Thread(
        thread_id=row.its_thread_id,
        turn_count=row.its_turn_count,
        started_at_us=row.its_start_time,
        updated_at_us=row.its_last_updated,
        first_turn_id=first.id,
        last_turn_id=last.id,
        p50_us=lengths[rank_of(50, len(lengths))] if lengths else None,
        p99_us=lengths[rank_of(99, len(lengths))] if lengths else None,
    )


def _sorted(threads: list[Thread], sorts: Sequence[Sort]) -> list[Thread]:
    names = {
        "start_time": "started_at_us",
        "last_updated": "updated_at_us",
        _P50: "p50_us",
        _P99: "p99_us",
    }
    threads.sort(key=lambda thread: thread.thread_id)
    for sort in reversed(sorts):
        name = names.get(sort.field, sort.field)

        def key(thread: Thread, name: str = name) -> tuple[bool, Any]:
            value = getattr(thread, name)
            return (value is not None, value if value is not None else 0)

        threads.sort(key=key, reverse=sort.is_descending)
    return threads


def milliseconds(length_us: int | None) -> float | None:
    """A length as answers have it."""
    return None if length_us is None else length_us / _US_PER_MS
