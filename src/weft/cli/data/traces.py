"""The database of traces as commands open it; where it lies in backups and copies, and the flag that leaves it out."""

import contextlib
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy import Connection

from weft.app.traces.database import are_guests, open_trace_database, place_of_traces
from weft.cli.output import read_project_name
from weft.cli.store import check_made, open_database, tell
from weft.identity.audit.types import Value
from weft.identity.teams import get_project, get_team
from weft.kit.db import POSTGRESQL, Database
from weft.kit.settings import Settings
from weft.traces.projects import ProjectKeys
from weft.traces.types import ProjectKey
from weft.traces.writing.writer import take_turn

T = TypeVar("T")

WithoutTraces = Annotated[
    bool, typer.Option("--without-traces", help="Leave traces out; they may be large.")
]
_ENDING = ".traces"


def traces_beside(file: Path) -> Path:
    """The file of traces that belongs to a backup."""
    return file.with_name(file.name + _ENDING)


def has_own_traces(settings: Settings) -> bool:
    """Whether traces have a database of their own, and there is one."""
    if are_guests(settings):
        return False
    place = place_of_traces(settings)
    return not isinstance(place, Path) or place.exists()


@contextlib.contextmanager
def opened_traces(settings: Settings) -> Generator[Database]:
    """The database of traces, with its tables, for the length of a block.

    Raises:
        CannotStart: it cannot be opened or reached, or nothing was started here yet.
    """
    check_made(settings)
    if are_guests(settings):
        open_database(settings).close()  # brings the tables up to date
    with contextlib.closing(open_trace_database(settings)) as database:
        yield database


def reading_traces(
    settings: Settings, project_id: str, work: Callable[[Connection, ProjectKey], T]
) -> T | None:
    """What `work` finds of a project; None where nothing was ever written to it."""
    with opened_traces(settings) as database, database.read() as connection:
        key = ProjectKeys().find(connection, project_id)
        return None if key is None else work(connection, key)


def changing_traces(
    settings: Settings, project_id: str, work: Callable[[Connection, ProjectKey], T]
) -> T:
    """Run `work` on a project in one transaction, beside a server that may run."""
    with opened_traces(settings) as database, database.write() as connection:
        if database.dialect == POSTGRESQL:
            take_turn(connection)
        return work(connection, ProjectKeys().make(connection, project_id))


def tell_of_project(settings: Settings, project: str, action: str, **detail: Value) -> str:
    """Put what is about to be changed of a project's traces into the audit log; the project's id."""
    team, name = read_project_name(project)
    with contextlib.closing(open_database(settings)) as accounts, accounts.write() as connection:
        found = get_project(connection, team, name)
        tell(connection, action, project, get_team(connection, team), **detail)
    return found.id
