"""Calls read from ClickHouse: the same searches as in the trace database, by the same language.

Feedback lies in the trace database, so a condition on it is first worked out there, to the ids of calls. Sorting by
feedback would take all of it, and is refused.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select
from sqlalchemy.sql.util import find_tables

from weft.kit.errors import InvalidRequest
from weft.traces.calls.read.fields import columns_of, feedback_field, text_name
from weft.traces.calls.read.filters import conditions
from weft.traces.calls.read.find import bound, column_of, with_tie_break
from weft.traces.calls.read.kept import Wanted
from weft.traces.calls.read.lines import ROWS
from weft.traces.calls.read.wire import CallFilter, Stats
from weft.traces.clickhouse.schema import CALL, NO_OUTPUT
from weft.traces.clickhouse.server import ClickHouse
from weft.traces.feedback.schema import FEEDBACK
from weft.traces.query.compile import compile_query, sort_clauses
from weft.traces.query.fields import Field, JsonField, ManyField, TextField
from weft.traces.query.paths import split_path
from weft.traces.types import ProjectKey

FEEDBACK_CALLS = 10_000
"""Calls with feedback that one condition may find."""
_NARROW = (
    *("id", "trace_id", "parent_id", "op_name", "op", "display_name", "thread_id", "turn_id"),
    *("started_at_us", "ended_at_us", "status", "wb_user_id", "wb_run_id", "wb_run_step"),
    *("wb_run_step_end", "size_bytes", "model", "input_tokens", "output_tokens"),
)
_FIELDS = columns_of(CALL)


class ClickHouseCalls:
    """A `calls.read.kept.CallStore`."""

    has_costs = False

    def __init__(self, server: ClickHouse) -> None:
        self._server = server

    def rows(
        self,
        connection: Connection,
        project: ProjectKey,
        wanted: Wanted,
        texts: Sequence[str],
    ) -> Iterator[Sequence[Any]]:
        """See `CallStore.rows`."""
        columns = [CALL.c[name] for name in (*_NARROW, *texts)]
        fields = _Fields(connection, project)
        found = select(*columns).where(*_where(project, wanted, fields))
        found = found.order_by(*sort_clauses(with_tie_break(wanted.sort_by), fields))
        for group in self._server.groups(_page(found, wanted)):
            for row in group:
                if "output" in texts and row.output == NO_OUTPUT:
                    row.output = None
            for start in range(0, len(group), ROWS):
                yield group[start : start + ROWS]

    def count(
        self, connection: Connection, project: ProjectKey, wanted: Wanted, *, with_size: bool
    ) -> Stats:
        """See `CallStore.count`."""
        fields = _Fields(connection, project)
        inner = select(CALL.c.size_bytes).where(*_where(project, wanted, fields))
        limit = wanted.limit
        if limit is not None:
            inner = inner.limit(bound(limit, "limit") + 1)
        found = inner.subquery()
        [row] = self._server.rows(
            select(
                func.count().label("calls"), func.sum(found.c.size_bytes).label("size_bytes")
            ).select_from(found)
        )
        has_more = limit is not None and row.calls > limit
        count = limit if limit is not None and has_more else row.calls
        return Stats(count, has_more, int(row.size_bytes or 0) if with_size else None)

    def columns(
        self, connection: Connection, project: ProjectKey, wanted: Wanted, paths: Sequence[str]
    ) -> Iterator[Sequence[Sequence[Any]]]:
        """See `CallStore.columns`."""
        fields = _Fields(connection, project)
        named = {f"f{at}": column_of(fields, path) for at, path in enumerate(paths)}
        columns = [column.label(name) for name, column in named.items()]
        found = select(*columns).where(*_where(project, wanted, fields))
        for group in self._server.groups(_page(found, wanted)):
            yield [[getattr(row, name) for name in named] for row in group]

    def trace_sizes(
        self, connection: Connection, project: ProjectKey, trace_ids: Collection[str]
    ) -> Mapping[str, int]:
        """See `CallStore.trace_sizes`."""
        _ = connection
        sizes = (
            select(CALL.c.trace_id, func.sum(CALL.c.size_bytes).label("size"))
            .where(CALL.c.project == project, CALL.c.trace_id.in_(trace_ids))
            .group_by(CALL.c.trace_id)
        )
        return {row.trace_id: int(row.size) for row in self._server.rows(sizes)}


class _Fields:
    """The fields of calls in ClickHouse."""

    def __init__(self, connection: Connection, project: ProjectKey) -> None:
        self._connection = connection
        self._project = project

    def find(self, path: str) -> Field:
        """See `Fields.find`."""
        if path in _FIELDS:
            return _FIELDS[path]
        if path == "exception":
            return TextField(CALL.c.exception)
        if path.startswith("feedback."):
            inner, of_kind = feedback_field(path)
            return ManyField(inner, self._some(of_kind), _refuse_sorting)
        return JsonField(CALL.c[text_name(path)], split_path(path)[1:])

    def _some(
        self, of_kind: ColumnElement[bool]
    ) -> Callable[[ColumnElement[bool]], ColumnElement[bool]]:
        def some(condition: ColumnElement[bool]) -> ColumnElement[bool]:
            if any(table is not FEEDBACK for table in find_tables(condition)):
                raise InvalidRequest(
                    "calls in ClickHouse are not compared with their feedback", param="query"
                )
            wanted = (
                select(FEEDBACK.c.call_id)
                .where(
                    FEEDBACK.c.project == self._project,
                    FEEDBACK.c.call_id.is_not(None),
                    of_kind,
                    condition,
                )
                .distinct()
                .limit(FEEDBACK_CALLS + 1)
            )
            ids = self._connection.execute(wanted).scalars().all()
            if len(ids) > FEEDBACK_CALLS:
                raise InvalidRequest(
                    f"more than {FEEDBACK_CALLS} calls have such feedback", param="query"
                )
            return CALL.c.id.in_(ids)

        return some


def _refuse_sorting(_expression: ColumnElement[Any]) -> ColumnElement[Any]:
    raise InvalidRequest("calls in ClickHouse are not sorted by feedback", param="sort_by")


def conditions_of(
    connection: Connection, project: ProjectKey, wanted: Wanted
) -> Iterator[ColumnElement[bool]]:
    """What calls have to be to be wanted."""
    return _where(project, wanted, _Fields(connection, project))


def _where(project: ProjectKey, wanted: Wanted, fields: _Fields) -> Iterator[ColumnElement[bool]]:
    yield CALL.c.project == project
    yield from conditions(wanted.given or CallFilter(), CALL.c.__getitem__, CALL)
    if wanted.query is not None:
        yield compile_query(wanted.query, fields)


def _page(found: Select[Any], wanted: Wanted) -> Select[Any]:
    limit = (1 << 62) if wanted.limit is None else bound(wanted.limit, "limit")
    return found.limit(limit).offset(bound(wanted.offset, "offset"))
