"""Switches a project's index on and off, and tells how far it is. The work itself is done by `indexer`."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, func, insert, select, update

from weft.traces.schema import CALL
from weft.traces.search.reading import UNDONE
from weft.traces.search.schema import CLEARING, FILLING, INDEXED, ON, SWITCH
from weft.traces.search.trigrams import has_place, make_place
from weft.traces.types import ProjectKey

State = Literal["off", "filling", "on"]


@dataclass(frozen=True, slots=True)
class SearchStatus:
    """How it is with a project's index."""

    search: bool
    """Whether it is wanted."""
    state: State = "off"
    """`filling` until all calls have been looked at; queries use it from then on."""
    progress: float = 0.0
    """Of the first filling, from 0 to 1."""
    waiting: int = 0
    """Calls that are read whole by each search, until the index has them."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A project's row."""

    project: ProjectKey
    state: str
    is_wanted: bool
    place: str
    below: int
    top: int


def read_switch(connection: Connection, project: ProjectKey) -> Switch | None:
    """The project's row; None if it has no index, and nothing left of one."""
    row = connection.execute(
        select(
            *(SWITCH.c.project, SWITCH.c.state, SWITCH.c.is_wanted),
            *(SWITCH.c.place, SWITCH.c.below, SWITCH.c.top),
        ).where(SWITCH.c.project == project)
    ).first()
    return None if row is None else Switch(*row)


def turn_on(connection: Connection, project: ProjectKey) -> None:
    """Have an index of the project's calls; inside the writer's transaction.

    Raises:
        SearchUnavailable: the database cannot have one.
    """
    found = read_switch(connection, project)
    if found is None:
        begin(connection, project)
    elif not found.is_wanted:
        _set(connection, project, is_wanted=True)


def turn_off(connection: Connection, project: ProjectKey) -> None:
    """Have none; what there is of it goes in the background."""
    if read_switch(connection, project) is not None:
        _set(connection, project, state=CLEARING, is_wanted=False)


def begin(connection: Connection, project: ProjectKey, *, anew: bool = False) -> None:
    """Begin a first filling, of an index that was made for it.

    Raises:
        SearchUnavailable: the database cannot have one.
    """
    top = connection.execute(select(func.max(CALL.c.seq))).scalar_one() or 0
    values = {
        "state": FILLING,
        "is_wanted": True,
        "place": make_place(connection),
        "below": top,
        "top": top,
    }
    if anew:
        _set(connection, project, **values)
    else:
        connection.execute(insert(SWITCH).values(project=project, **values))


def search_status(connection: Connection, project: ProjectKey) -> SearchStatus:
    """How it is with the project's index."""
    found = read_switch(connection, project)
    if found is None or not found.is_wanted:
        return SearchStatus(search=False)
    if found.state == CLEARING:
        return SearchStatus(search=True, state="filling")
    wanted = select(func.count()).where(INDEXED.c.project == project, UNDONE)
    waiting = connection.execute(wanted).scalar_one()
    if found.state == ON:
        return SearchStatus(search=True, state="on", progress=1.0, waiting=waiting)
    done = 1 - found.below / found.top if found.top else 0.0
    return SearchStatus(search=True, state="filling", progress=round(done, 3), waiting=waiting)


def missing_indexes(connection: Connection) -> list[ProjectKey]:
    """The projects whose indexes are not there: this database is a copy."""
    return [
        project
        for project, place in connection.execute(
            select(SWITCH.c.project, SWITCH.c.place).where(SWITCH.c.state != CLEARING)
        ).all()
        if not has_place(connection, place)
    ]


def renew_missing(connection: Connection) -> None:
    """Have indexes that are not there made again."""
    for project in missing_indexes(connection):
        _set(connection, project, state=CLEARING)


def _set(connection: Connection, project: ProjectKey, **values: object) -> None:
    connection.execute(update(SWITCH).where(SWITCH.c.project == project).values(**values))
