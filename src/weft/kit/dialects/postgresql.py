"""PostgreSQL 15 and newer, by psycopg 3: how its connections are made, how transactions begin, and what it must be.

Connections are in the driver's autocommit mode and we send each BEGIN ourselves, together with what belongs to it, in
one round trip. Every wait is bounded, so that a database that hangs costs errors and not a hanging server: connecting,
waiting for a lock, a statement, a transaction that its process forgot, a peer that is gone without a word.

Sources: PostgreSQL's manual, chapters "Client Connection Defaults", "Explicit Locking" (advisory locks) and "libpq
connection parameters"; psycopg's page "Transactions management"; read 2026-11.
"""

import os
import socket
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool

from weft.kit.errors import CannotStart

OLDEST = 15
CONNECT_TIMEOUT_S = 10
LOCK_TIMEOUT_MS = 10_000
STATEMENT_TIMEOUT_MS = 60_000
FORGOTTEN_TIMEOUT_MS = 30_000
"""A transaction whose process stands still for so long is ended: it may hold the lock that all others wait for."""
ONE_WRITER = 0x77656674
"""The key of the advisory lock that makes the writers of one database take turns ("weft" in ASCII)."""

APPLICATION = f"weft/{os.getpid()}@{socket.gethostname()}"[:63]
"""By what the server's operators, and `others`, tell one process of Weft from another; the server keeps 63 bytes."""

_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_NOT_DURABLE = "; SET LOCAL synchronous_commit = off"
_TURN = f"; SELECT pg_advisory_xact_lock({ONE_WRITER})"
_MEND = "start PostgreSQL, or mend the URL in WEFT_DATABASE_URL or database_url"


class _Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection whose rollback does not fail when the server is gone: with it went the transaction."""

    def rollback(self) -> None:
        if not self.closed:
            super().rollback()


def make_engine(url: URL, readers: int) -> Engine:
    """A pool of connections to the database at `url`; none is made before it is needed."""
    bounds = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
        "application_name": APPLICATION,
    }
    options = (
        f"-c lock_timeout={LOCK_TIMEOUT_MS} -c statement_timeout={STATEMENT_TIMEOUT_MS}"
        f" -c idle_in_transaction_session_timeout={FORGOTTEN_TIMEOUT_MS}"
    )
    theirs = url.query.get("options", "")  # what the URL says stands after ours, and so wins
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        poolclass=QueuePool,
        pool_size=readers + 2,
        max_overflow=8,
        pool_timeout=30,
        pool_pre_ping=True,  # the server may have been restarted since
        connect_args={
            **{key: value for key, value in bounds.items() if key not in url.query},
            "options": f"{options} {theirs}".strip(),
            "client_encoding": "utf8",
            "autocommit": True,
        },
    )
    event.listen(engine, "do_connect", _connect)
    return engine


def begin_read(connection: Connection) -> None:
    """Begin one consistent snapshot, in which nothing can be written."""
    connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")


def begin_write(connection: Connection, *, durable: bool, take_turn: bool) -> None:
    """Begin a transaction that writes; `take_turn` waits for all others that do.

    Not durable: its commit is seen by all at once but may be lost when the server dies; what a later durable commit
    wrote never survives without it, for both are in one log. Statements see what was committed before each of them.
    """
    begin = _BEGIN + ("" if durable else _NOT_DURABLE) + (_TURN if take_turn else "")
    if driver_connection(connection).closed:
        connection.invalidate()
    connection.begin()  # for SQLAlchemy's own books; it leaves the statement to us
    try:
        _send(connection, begin)
    except psycopg.OperationalError:
        if not driver_connection(connection).closed:
            raise
        # The server was restarted while this connection rested. Nothing is lost yet: begin on a new one.
        connection.invalidate()
        connection.rollback()
        connection.begin()
        _send(connection, begin)


def driver_connection(connection: Connection) -> psycopg.Connection[tuple[Any, ...]]:
    """The driver's own connection, for hot statements that need nothing that SQLAlchemy adds."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, _Connection)
    return raw


def let_it_take_long(connection: Connection) -> None:
    """Lift the bounds on statements and pauses for the rest of this transaction."""
    for bound in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {bound} = 0")


def check(engine: Engine, name: str) -> None:
    """Raise `CannotStart` if the server cannot be reached, or is not one that Weft can use."""
    try:
        with engine.connect() as connection:
            version, encoding, standby = connection.exec_driver_sql(
                "SELECT current_setting('server_version_num')::int / 10000,"
                " current_setting('server_encoding'), pg_is_in_recovery()"
            ).one()
    except (OperationalError, DBAPIError) as error:
        raise CannotStart(
            f"cannot reach the database {name} ({_first_line(error)})", remedy=_MEND
        ) from error
    if version < OLDEST:
        raise CannotStart(
            f"the database {name} is PostgreSQL {version}; Weft needs {OLDEST} or newer",
            remedy=f"name a server of PostgreSQL {OLDEST} or newer in WEFT_DATABASE_URL",
        )
    if encoding != "UTF8":
        raise CannotStart(
            f"the database {name} stores text as {encoding}, not as UTF-8",
            remedy="make another with CREATE DATABASE weft ENCODING 'UTF8' TEMPLATE template0",
        )
    if standby:
        raise CannotStart(
            f"the database {name} is a standby, which nobody can write to",
            remedy="name the primary server in WEFT_DATABASE_URL",
        )


def others(engine: Engine) -> list[str]:
    """The other processes of Weft that are connected to this database: `weft/<process>@<host>`."""
    with engine.connect() as connection:
        names = connection.exec_driver_sql(
            "SELECT DISTINCT application_name FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE 'weft/%%'"
        ).scalars()
        return sorted(set(names) - {APPLICATION})


def settings(engine: Engine, names: Sequence[str]) -> dict[str, str]:
    """What the server was set to, by the names of its settings."""
    with engine.connect() as connection:
        wanted = text("SELECT current_setting(:name)")
        return {name: connection.execute(wanted, {"name": name}).scalar_one() for name in names}


def ahead_s(engine: Engine) -> float:
    """By how much the server's clock is ahead of this machine's; half the way there and back is not known."""
    with engine.connect() as connection:
        before_s = time.time()
        theirs_s = connection.exec_driver_sql(
            "SELECT extract(epoch FROM clock_timestamp())::float8"
        ).scalar_one()
        return float(theirs_s) - (before_s + time.time()) / 2


def _send(connection: Connection, statements: str) -> None:
    driver_connection(connection).execute(statements.encode(), prepare=False).close()


def _connect(
    _dialect: object, _record: object, arguments: Sequence[Any], parameters: dict[str, Any]
) -> _Connection:
    return _Connection.connect(*arguments, **parameters)


def _first_line(error: DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error.orig).__name__
