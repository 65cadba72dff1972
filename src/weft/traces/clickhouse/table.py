"""Calls in ClickHouse, summed up and looked into: counts and latencies by ClickHouse itself, uses from its summaries.

There are no hourly sums beside the calls: a column store adds up millions of rows in the time of one request.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    select,
)
from sqlalchemy.sql.selectable import ExecutableReturnsRows

from weft.traces.calls.counting import FIELDS
from weft.traces.calls.facts import ERROR, Usage, usage_of
from weft.traces.calls.read.filters import conditions
from weft.traces.calls.read.kept import Wanted
from weft.traces.calls.read.wire import CallFilter
from weft.traces.calls.rollups import BUCKETS_PER_OCTAVE, LATENCY_MOST_US
from weft.traces.calls.table import CallNode, CallSum, OwnUse, Where
from weft.traces.clickhouse.calls import conditions_of
from weft.traces.clickhouse.schema import CALL
from weft.traces.clickhouse.server import ClickHouse
from weft.traces.query.ast import Condition
from weft.traces.query.sql import Quotient
from weft.traces.types import ProjectKey


class ClickHouseTable:
    """A `calls.table.CallTable`."""

    call: FromClause = CALL
    has_hours = False

    def __init__(self, server: ClickHouse) -> None:
        self._server = server

    def run(self, connection: Connection, wanted: ExecutableReturnsRows) -> Iterator[Any]:
        """See `CallTable.run`."""
        _ = connection
        for group in self._server.groups(wanted):
            yield from group

    def narrowed(self, project: ProjectKey, given: CallFilter) -> Where:
        """See `CallTable.narrowed`."""
        _ = project
        return list(conditions(given, CALL.c.__getitem__, CALL))

    def meant(
        self,
        connection: Connection,
        project: ProjectKey,
        given: CallFilter | None,
        query: Condition | None,
        most: int,
    ) -> ColumnElement[bool]:
        """See `CallTable.meant`."""
        _ = most
        return and_(*conditions_of(connection, project, Wanted(given, query)))

    def sums(self, connection: Connection, where: Where, piece_us: int) -> Iterator[CallSum]:
        """See `CallTable.sums`."""
        latency = func.least(
            func.greatest(CALL.c.ended_at_us - CALL.c.started_at_us, literal(0)),
            literal(LATENCY_MOST_US),
        )
        inner = (
            select(
                Quotient(CALL.c.started_at_us, literal(piece_us)).label("piece"),
                latency.label("latency"),
                CALL.c.status,
            )
            .where(CALL.c.ended_at_us.is_not(None), *where)
            .subquery()
        )
        length = inner.c.latency
        octaves = func.log2(length, type_=Float) * literal(float(BUCKETS_PER_OCTAVE))
        bucket = case((length > 1, func.floor(octaves)), else_=literal(0.0)).label("bucket")
        wanted = select(
            inner.c.piece,
            bucket,
            func.count().label("calls"),
            func.sum(case((inner.c.status == ERROR, 1), else_=0)).label("errors"),
            func.sum(length).label("latency_us"),
            func.min(length).label("shortest_us"),
            func.max(length).label("longest_us"),
        ).group_by("piece", "bucket")
        for row in self.run(connection, wanted):
            yield CallSum(
                row.piece * piece_us,
                row.calls,
                int(row.errors),
                int(row.latency_us),
                row.shortest_us,
                row.longest_us,
                int(row.bucket),
            )

    def uses(self, connection: Connection, project: ProjectKey, where: Where) -> Iterator[OwnUse]:
        """See `CallTable.uses`."""
        those = (CALL.c.ended_at_us.is_not(None), CALL.c.model.is_not(None))
        below = self._told_below(connection, project, select(CALL.c.id).where(*those, *where))
        wanted = select(CALL.c.id, CALL.c.started_at_us, CALL.c.summary).where(*those, *where)
        for row in self.run(connection, wanted):
            for model, told in usage_of(row.summary).items():
                sums = below.get((row.id, model), _NOTHING)
                own = (max(getattr(told, name) - sums[at], 0) for at, name in enumerate(FIELDS))
                yield OwnUse(row.started_at_us, model, Usage(*own))

    def nodes(
        self, connection: Connection, project: ProjectKey, where: ColumnElement[bool], most: int
    ) -> Sequence[CallNode]:
        """See `CallTable.nodes`."""
        columns = (CALL.c.id, CALL.c.parent_id, CALL.c.started_at_us, CALL.c.ended_at_us)
        wanted = (
            select(*columns, CALL.c.model, CALL.c.summary)
            .where(CALL.c.project == project, where)
            .limit(most)
        )
        return [
            CallNode(row.id, row.parent_id, row.started_at_us, row.ended_at_us, _told(row))
            for row in self.run(connection, wanted)
        ]

    def _told_below(
        self, connection: Connection, project: ProjectKey, parents: Select[Any]
    ) -> Mapping[tuple[str, str], Sequence[int]]:
        """What the children of calls tell, whenever they ran, by parent and model."""
        wanted = select(CALL.c.parent_id, CALL.c.summary).where(
            CALL.c.project == project,
            CALL.c.ended_at_us.is_not(None),
            CALL.c.model.is_not(None),
            CALL.c.parent_id != CALL.c.id,
            CALL.c.parent_id.in_(parents),
        )
        found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * len(FIELDS))
        for row in self.run(connection, wanted):
            for model, told in usage_of(row.summary).items():
                sums = found[row.parent_id, model]
                for at, name in enumerate(FIELDS):
                    sums[at] += getattr(told, name)
        return found


def count_all(server: ClickHouse) -> int:
    """How many calls there are, of all projects."""
    [row] = server.rows(select(func.count().label("calls")).select_from(CALL))
    return row.calls


_NOTHING = (0,) * len(FIELDS)


def _told(row: Any) -> Mapping[str, Usage]:
    return {} if row.ended_at_us is None or row.model is None else usage_of(row.summary)
