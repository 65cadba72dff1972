"""Calls as a table that can be summed up and looked into, wherever they are kept; and those of the trace database.

What lists calls goes through `calls.read.kept`; what adds them up or finds a few of them by their narrow columns comes
here with a SELECT of its own, which is compiled for the place where it runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Connection, FromClause, select
from sqlalchemy.sql.selectable import ExecutableReturnsRows

from weft.traces.calls.counting import FIELDS, USES, own_of
from weft.traces.calls.facts import ERROR, Usage
from weft.traces.calls.read.fields import CallFields
from weft.traces.calls.read.filters import conditions
from weft.traces.calls.read.find import Search
from weft.traces.calls.read.wire import CallFilter
from weft.traces.calls.rollups import LATENCY_MOST_US, bucket_of
from weft.traces.query.ast import Condition
from weft.traces.schema import CALL, PAYLOAD, USAGE
from weft.traces.types import ProjectKey

_ROWS = 5_000

Where = Sequence[ColumnElement[bool]]


class CallSum(NamedTuple):
    """Ended calls whose latencies lie in one bucket of the histogram, and that started in one piece of time."""

    moment_us: int
    """When they started, to within the piece."""
    calls: int
    errors: int
    latency_us: int
    shortest_us: int
    longest_us: int
    bucket: int


class OwnUse(NamedTuple):
    """What one call used of one model itself, without what its children tell of."""

    started_at_us: int
    model: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class CallNode:
    """A call in its trace, and what it tells of its use."""

    id: str
    parent_id: str | None
    started_at_us: int
    ended_at_us: int | None
    told: Mapping[str, Usage]


class CallTable(Protocol):
    """A table of calls. `connection` is one of the trace database, where everything else is.

    Every condition and SELECT that is handed in names the project.
    """

    @property
    def call(self) -> FromClause:
        """The narrow columns of calls, for conditions and SELECTs."""
        ...

    @property
    def has_hours(self) -> bool:
        """Whether `trace_rollup` holds the hourly sums of these calls."""
        ...

    def run(self, connection: Connection, wanted: ExecutableReturnsRows) -> Iterator[Any]:
        """What a SELECT on `call` finds, columns by name."""
        ...

    def narrowed(self, project: ProjectKey, given: CallFilter) -> Where:
        """What a filter asks for.

        Raises:
            InvalidRequest: it asks for too much.
        """
        ...

    def meant(
        self,
        connection: Connection,
        project: ProjectKey,
        given: CallFilter | None,
        query: Condition | None,
        most: int,
    ) -> ColumnElement[bool]:
        """A condition that the calls meet that filter and query mean, where more than `most` need not meet it.

        Raises:
            InvalidRequest: they ask for what there is not, or for too much.
        """
        ...

    def sums(self, connection: Connection, where: Where, piece_us: int) -> Iterator[CallSum]:
        """Ended calls, summed up by pieces of time of this length at most: as far as that is quicker."""
        ...

    def uses(self, connection: Connection, project: ProjectKey, where: Where) -> Iterator[OwnUse]:
        """What ended calls used themselves."""
        ...

    def nodes(
        self, connection: Connection, project: ProjectKey, where: ColumnElement[bool], most: int
    ) -> Sequence[CallNode]:
        """Calls, at most `most`; what they tell is there only if they are fewer."""
        ...


class SqlCallTable:
    """The calls of the trace database itself."""

    call: FromClause = CALL
    has_hours = True

    def run(self, connection: Connection, wanted: ExecutableReturnsRows) -> Iterator[Any]:
        """See `CallTable.run`."""
        yield from connection.execute(wanted, execution_options={"yield_per": _ROWS})

    def narrowed(self, project: ProjectKey, given: CallFilter) -> Where:
        """See `CallTable.narrowed`."""
        fields = CallFields(project)
        found = list(conditions(given, fields.text))
        if not fields.opens_payload:
            return found
        texts = select(PAYLOAD.c.seq).where(PAYLOAD.c.seq == CALL.c.seq, *found)
        return [texts.correlate(CALL).exists()]

    def meant(
        self,
        connection: Connection,
        project: ProjectKey,
        given: CallFilter | None,
        query: Condition | None,
        most: int,
    ) -> ColumnElement[bool]:
        """See `CallTable.meant`."""
        _ = connection
        some = Search(project, given, query).statement((), most + 1).subquery()
        return CALL.c.seq.in_(select(some.c.seq))

    def sums(self, connection: Connection, where: Where, piece_us: int) -> Iterator[CallSum]:
        """See `CallTable.sums`: one for each call, since they have to be read in any case."""
        _ = piece_us
        wanted = select(CALL.c.started_at_us, CALL.c.ended_at_us, CALL.c.status).where(
            CALL.c.ended_at_us.is_not(None), *where
        )
        for started_at_us, ended_at_us, status in self.run(connection, wanted):
            latency_us = min(max(ended_at_us - started_at_us, 0), LATENCY_MOST_US)
            yield CallSum(
                started_at_us,
                1,
                int(status == ERROR),
                latency_us,
                latency_us,
                latency_us,
                bucket_of(latency_us),
            )

    def uses(self, connection: Connection, project: ProjectKey, where: Where) -> Iterator[OwnUse]:
        """See `CallTable.uses`."""
        wanted = (
            select(CALL.c.started_at_us, USAGE)
            .join(USAGE, USAGE.c.seq == CALL.c.seq)
            .where(USAGE.c.project == project, CALL.c.ended_at_us.is_not(None), *where)
        )
        for row in self.run(connection, wanted):
            own = own_of([getattr(row, name) for name in USES])
            yield OwnUse(row.started_at_us, row.model, own)

    def nodes(
        self, connection: Connection, project: ProjectKey, where: ColumnElement[bool], most: int
    ) -> Sequence[CallNode]:
        """See `CallTable.nodes`."""
        mine = (CALL.c.project == project, where)
        columns = (CALL.c.id, CALL.c.parent_id, CALL.c.started_at_us, CALL.c.ended_at_us)
        wanted = select(CALL.c.seq, *columns).where(*mine).limit(most)
        told: dict[int, dict[str, Usage]] = {}
        nodes: list[CallNode] = []
        for row in connection.execute(wanted):
            uses = told[row.seq] = {}
            nodes.append(CallNode(row.id, row.parent_id, row.started_at_us, row.ended_at_us, uses))
        if len(nodes) < most:
            used = (
                select(USAGE)
                .join(CALL, CALL.c.seq == USAGE.c.seq)
                .where(USAGE.c.project == project, *mine)
            )
            for row in connection.execute(used):
                told[row.seq][row.model] = Usage(*(getattr(row, name) for name in FIELDS))
        return nodes


SQL_TABLE = SqlCallTable()
