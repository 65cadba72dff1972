"""What a query asks of the index."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, literal_column, select, union_all

from weft.traces.schema import CALL
from weft.traces.search.needles import runs
from weft.traces.search.schema import INDEXED, ON, SWITCH
from weft.traces.search.trigrams import has_place, matching
from weft.traces.types import ProjectKey

MOST = 5_000
"""What more calls may have is found sooner in the order that was asked for: a page of it is full early."""
UNDONE = INDEXED.c.state != literal_column("0")
"""As the index of those rows has it."""


@dataclass(frozen=True, slots=True)
class CallIndex:
    """The index of one project's calls, for one question."""

    connection: Connection
    project: ProjectKey
    place: str
    most: int = MOST

    def narrow(self, piece: str) -> ColumnElement[bool] | None:
        """What holds for each call with `piece` in its inputs or outputs, and few others; None if it cannot help."""
        found = runs(piece)
        if not found:
            return None
        dialect = self.connection.dialect.name
        matches = matching(dialect, self.project, self.place, found)
        some = matches.limit(self.most + 1).subquery()
        count = self.connection.execute(select(func.count()).select_from(some)).scalar_one()
        if count > self.most:
            return None
        undone = select(INDEXED.c.seq).where(INDEXED.c.project == self.project, UNDONE)
        return CALL.c.seq.in_(union_all(matches, undone))


def find_index(connection: Connection, project: ProjectKey) -> CallIndex | None:
    """The project's index, if it has one that is whole."""
    wanted = select(SWITCH.c.place).where(SWITCH.c.project == project, SWITCH.c.state == ON)
    place = connection.execute(wanted).scalar_one_or_none()
    if place is None or not has_place(connection, place):  # a copy of a database lacks it
        return None
    return CallIndex(connection, project, place)
