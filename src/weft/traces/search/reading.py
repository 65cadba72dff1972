"""What a query asks of the index."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, literal_column, select, union_all

from weft.traces.schema import CALL
from weft.traces.search.needles import runs
from weft.traces.search.schema import INDEXED, ON, SWITCH
from weft.traces.search.trigrams import has_place, matching
from weft.traces.types import ProjectKey

UNDONE = INDEXED.c.state != literal_column("0")
"""As the index of those rows has it."""


@dataclass(frozen=True, slots=True)
class CallIndex:
    """The index of one project's calls."""

    project: ProjectKey
    place: str
    dialect: str

    def narrow(self, piece: str) -> ColumnElement[bool] | None:
        """What holds for each call with `piece` in its inputs or outputs, and few others; None if it cannot help."""
        found = runs(piece)
        if not found:
            return None
        undone = select(INDEXED.c.seq).where(INDEXED.c.project == self.project, UNDONE)
        return CALL.c.seq.in_(
            union_all(matching(self.dialect, self.project, self.place, found), undone)
        )


def find_index(connection: Connection, project: ProjectKey) -> CallIndex | None:
    """The project's index, if it has one that is whole."""
    wanted = select(SWITCH.c.place).where(SWITCH.c.project == project, SWITCH.c.state == ON)
    place = connection.execute(wanted).scalar_one_or_none()
    if place is None or not has_place(connection, place):  # a copy of a database lacks it
        return None
    return CallIndex(project, place, connection.dialect.name)
