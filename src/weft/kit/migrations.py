"""Migrations: named steps, applied once each and in order, remembered in the table `migration`.

A step is data: SQL statements that both SQLite and PostgreSQL accept. Rooms own their steps; `app` hands them all in.
A step that was released is never edited: what it made is changed by a later one.

What the two databases write differently has one spelling here:
- `{bytes}` is a column of bytes: BLOB, BYTEA.
- `{flag}` is a column of truth values: INTEGER, BOOLEAN. `BOOLEAN` itself works on both as well.
- `{rowid}` is the type of a single primary key of integers: INTEGER, which makes it SQLite's own row number, BIGINT.
- `{by_key}` after a CREATE TABLE keeps its rows in the order of its primary key: WITHOUT ROWID, nothing.
- `TEXT` in CREATE TABLE and ALTER TABLE is compared byte by byte on both, whatever language the server was set up for
  (PostgreSQL: `TEXT COLLATE "C"`), so that everything is in the same order everywhere.
- Write BIGINT for numbers that may pass two thousand million: INTEGER ends there on PostgreSQL.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import ProgrammingError

from weft.kit.db import SQLITE, Database, let_it_take_long
from weft.kit.errors import CannotStart

MARK = "migration"
"""The table of the names of what was applied: a database that has it is one of ours."""
_SPELLINGS = {
    "{bytes}": ("BLOB", "BYTEA"),
    "{flag}": ("INTEGER", "BOOLEAN"),
    "{rowid}": ("INTEGER", "BIGINT"),
    "{by_key}": ("WITHOUT ROWID", ""),
}
_MAKES_COLUMNS = re.compile(r"\s*(CREATE|ALTER)\s+TABLE\b", re.IGNORECASE)
_TEXT = re.compile(r"\bTEXT\b")
_NO_RIGHT = "42501"
"""insufficient_privilege, in PostgreSQL's table of error codes."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step. `name` is `<room>.<number>_<what>` and unique for ever."""

    name: str
    statements: tuple[str, ...]


def migrate(database: Database, migrations: Sequence[Migration]) -> list[str]:
    """Apply what is missing, in one transaction, and return the names of what was applied.

    Raises:
        CannotStart: the database was written by a newer Weft (it has steps that this one does not know), or its user
            may not make tables.
    """
    names = [migration.name for migration in migrations]
    assert len(set(names)) == len(names), "a migration's name is used twice"
    if database.dialect != SQLITE and not pending(database, migrations):
        return []  # whoever may not make tables may still use them
    try:
        with database.write() as connection:
            return _apply(database, connection, migrations)
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _NO_RIGHT:
            raise
        raise CannotStart(
            f"the user of the database {database.name} may not make tables in it",
            remedy="have its owner run GRANT ALL ON SCHEMA public TO <user>; or make it with OWNER <user>",
        ) from error


def spelled(statement: str, dialect: str) -> str:
    """`statement` as the database of this dialect wants it."""
    for word, (sqlite, postgresql) in _SPELLINGS.items():
        statement = statement.replace(word, sqlite if dialect == SQLITE else postgresql)
    if dialect != SQLITE and _MAKES_COLUMNS.match(statement):
        statement = _TEXT.sub('TEXT COLLATE "C"', statement)
    return statement


def _apply(
    database: Database, connection: Connection, migrations: Sequence[Migration]
) -> list[str]:
    let_it_take_long(connection)
    connection.execute(
        text(
            spelled(
                "CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY)", database.dialect
            )
        )
    )
    applied = _names(connection)
    _refuse_newer(database, applied, [migration.name for migration in migrations])
    missing = [migration for migration in migrations if migration.name not in applied]
    for migration in missing:
        for statement in migration.statements:
            # As it stands: to look for parameters in what has none took most of a first start's time in its database.
            connection.exec_driver_sql(
                spelled(statement, database.dialect), execution_options={"no_parameters": True}
            )
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
            f"the database {database.name} was written by a newer Weft (step {unknown[0]});"
            " run that version, or restore an older backup"
        )
        raise CannotStart(msg)


def _names(connection: Connection) -> set[str]:
    return set(connection.execute(text("SELECT name FROM migration")).scalars())
