"""PostgreSQL databases that tests use one after the other: emptied, not made anew, which takes several times as long.

A database whose tables are not as they were (another column, a truncated table, a dropped trigger), that has grown, or
that somebody stays connected to is removed instead.
"""

import json
import time
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[Any, ...]]

GROWN_BYTES = 8 * 1024 * 1024
GONE_S = 5.0
"""How long connections may take to end."""
_TABLES = """SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"""
_SHAPE = """SELECT
    (SELECT array[count(*), max(xmin::text::bigint)] FROM pg_class),
    (SELECT array[count(*), max(xmin::text::bigint)] FROM pg_attribute),
    (SELECT array[count(*), max(xmin::text::bigint)] FROM pg_trigger),
    (SELECT array[count(*), max(xmin::text::bigint)] FROM pg_proc),
    (SELECT array[count(*), max(xmin::text::bigint)] FROM pg_namespace)"""
_END_OTHERS = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""


class Server(Protocol):
    """What makes databases."""

    def create(self, template: str = ...) -> str: ...

    def drop(self, name: str) -> None: ...

    def connect(self, name: str = ...) -> Connection: ...


@dataclass(frozen=True)
class _Origin:
    """How a database is when it is new."""

    rows: dict[str, str]
    """What tables hold, as JSON."""
    empty: tuple[str, ...]
    """The other tables."""
    size_bytes: int


@dataclass(frozen=True)
class _Made:
    """A database, and what is kept open to it: a new connection would have to learn all tables first."""

    connection: Connection
    shape: Any


@dataclass
class PristineDatabases:
    """Copies of `template`, one for each that is in use at a time."""

    server: Server
    template: str
    _origin: _Origin | None = None
    _free: list[str] = field(default_factory=list[str])
    _made: dict[str, _Made] = field(default_factory=dict[str, _Made])

    def take(self) -> str:
        """The name of a database that is as the template."""
        if self._free:
            return self._free.pop()
        name = self.server.create(self.template)
        connection = self.server.connect(name)
        self._made[name] = _Made(connection, connection.execute(_SHAPE).fetchone())
        if self._origin is None:
            self._origin = _look(connection)
        return name

    def give_back(self, name: str) -> None:
        """Have the next one use it."""
        if self._is_emptied(self._made[name]):
            self._free.append(name)
        else:
            self._made.pop(name).connection.close()
            self.server.drop(name)

    def close(self) -> None:
        """End the connections."""
        for made in self._made.values():
            made.connection.close()

    def _is_emptied(self, made: _Made) -> bool:
        assert self._origin is not None
        try:
            if not _is_alone(made.connection) or not _is_as_made(made, self._origin):
                return False
            _clean(made.connection, self._origin)
        except psycopg.OperationalError:  # a test may end the server, and ours with it
            return False
        return True


def _is_as_made(made: _Made, origin: _Origin) -> bool:
    size = made.connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert size is not None
    return (
        size[0] <= origin.size_bytes + GROWN_BYTES
        and made.connection.execute(_SHAPE).fetchone() == made.shape
    )


def _is_alone(connection: Connection) -> bool:
    until_s = time.monotonic() + GONE_S
    while connection.execute(_END_OTHERS).fetchone() != (0,):
        if time.monotonic() > until_s:
            return False
        time.sleep(0.01)
    return True


def _look(connection: Connection) -> _Origin:
    rows: dict[str, str] = {}
    empty: list[str] = []
    for (table,) in connection.execute(_TABLES).fetchall():
        found = connection.execute(
            sql.SQL("SELECT json_agg(one) FROM {} one").format(sql.Identifier(table))
        ).fetchone()
        if found and found[0]:
            rows[table] = json.dumps(found[0])
        else:
            empty.append(table)
    size = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert size is not None
    return _Origin(rows, tuple(empty), size[0])


def _clean(connection: Connection, origin: _Origin) -> None:
    asked = [
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(table, sql.Identifier(table))
        for table in origin.empty
    ]
    used = connection.execute(sql.SQL(" UNION ALL ").join(asked)).fetchall()
    with connection.transaction():
        # References from table to table do not matter while all of them go.
        connection.execute("SET LOCAL session_replication_role = replica")
        for table in (*(name for (name,) in used), *origin.rows):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        for table, rows in origin.rows.items():
            connection.execute(
                sql.SQL(
                    "INSERT INTO {0} SELECT * FROM json_populate_recordset(NULL::{0}, %s)"
                ).format(sql.Identifier(table)),
                [rows],
            )
