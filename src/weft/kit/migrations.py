"""Migrations: named steps, applied once each and in order, remembered in the table `migration`.

A step is data: SQL statements that both SQLite and PostgreSQL accept. Rooms own their steps; `app` hands them all in.
A step that was released is never edited: what it made is changed by a later one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from weft.kit.db import Database
from weft.kit.errors import CannotStart


@dataclass(frozen=True, slots=True)
class Migration:
    """One step. `name` is `<room>.<number>_<what>` and unique for ever."""

    name: str
    statements: tuple[str, ...]


def migrate(database: Database, migrations: Sequence[Migration]) -> list[str]:
    """Apply what is missing, in one transaction, and return the names of what was applied.

    Raises:
        CannotStart: the database was written by a newer Weft (it has steps that this one does not know).
    """
    names = [migration.name for migration in migrations]
    assert len(set(names)) == len(names), "a migration's name is used twice"
    with database.write() as connection:
        applied = _applied(connection)
        _refuse_newer(database, applied, names)
        missing = [migration for migration in migrations if migration.name not in applied]
        for migration in missing:
            for statement in migration.statements:
                connection.execute(text(statement))
            connection.execute(
                text("INSERT INTO migration (name) VALUES (:name)"), {"name": migration.name}
            )
    return [migration.name for migration in missing]


def pending(database: Database, migrations: Sequence[Migration]) -> list[str]:
    """The names of what `migrate` would apply. Changes nothing.

    Raises:
        CannotStart: as `migrate` does.
    """
    names = [migration.name for migration in migrations]
    with database.read() as connection:
        known = inspect(connection).has_table("migration")
        applied = _names(connection) if known else set[str]()
    _refuse_newer(database, applied, names)
    return [name for name in names if name not in applied]


def _refuse_newer(database: Database, applied: set[str], names: Sequence[str]) -> None:
    unknown = sorted(applied - set(names))
    if unknown:
        msg = (
            f"the database {database.path} was written by a newer Weft (step {unknown[0]});"
            " run that version, or restore an older backup"
        )
        raise CannotStart(msg)


def _applied(connection: Connection) -> set[str]:
    connection.execute(text("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY)"))
    return _names(connection)


def _names(connection: Connection) -> set[str]:
    return set(connection.execute(text("SELECT name FROM migration")).scalars())
