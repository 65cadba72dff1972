"""The generation of identity: one number that every change of users, teams, projects, roles or keys adds to.

Invariant: a change and its new generation commit in one transaction, in whatever process, so a cache that knows the
generation it was filled in knows whether it still holds. Logins and `last used` stamps are no change in this sense.
"""

import sqlite3
import threading
import time
from contextlib import suppress

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import DBAPIError

from weft.identity.schema import GENERATION
from weft.kit.db import SQLITE, Database

POLL_EVERY_S = 0.05
_READ = "SELECT generation FROM identity_generation"
_BUSY_TIMEOUT_MS = 250
_KEPT_S = 1.0
"""How long an answer of PostgreSQL counts; after that nothing is assumed, and every request asks for itself."""
_RETRY_S = 0.5
_FIRST_ANSWER_S = 5.0


def bump(connection: Connection) -> None:
    """Say that identity changed in this transaction."""
    connection.execute(update(GENERATION).values(generation=GENERATION.c.generation + 1))


def read_generation(connection: Connection) -> int:
    """The generation that this transaction sees."""
    return int(connection.execute(select(GENERATION.c.generation)).scalar_one())


def claim_secret(connection: Connection, fingerprint: str) -> bool:
    """Whether this database's hashes are made with the secret of this fingerprint; the first one asked about is it."""
    connection.execute(
        update(GENERATION)
        .where(GENERATION.c.secret_check.is_(None))
        .values(secret_check=fingerprint)
    )
    return connection.execute(select(GENERATION.c.secret_check)).scalar_one() == fingerprint


class GenerationReader:
    """Tells the generation on the event loop, without waiting for anything."""

    def __init__(self, database: Database) -> None:
        on_file = database.dialect == SQLITE
        self._source = _FileReader(database) if on_file else _Poller(database)

    def read(self) -> int | None:
        """The newest generation known, or None if it cannot be read just now: then nothing may be assumed.

        SQLite: what is committed. PostgreSQL: what was committed at most `POLL_EVERY_S` ago and one answer before.
        """
        return self._source.read()

    def note(self, generation: int) -> None:
        """Say that this generation was seen, so that `read` does not fall behind it until it asks again."""
        self._source.note(generation)

    def close(self) -> None:
        """Close the connection. Idempotent."""
        self._source.close()


class _FileReader:
    """Reads in a few microseconds, on a connection of its own that never writes."""

    def __init__(self, database: Database) -> None:
        self._checked_out = database.engine.raw_connection()
        connection = self._checked_out.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        # It is read on the event loop, where ten seconds of patience would stop everything.
        connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}").close()
        connection.execute("PRAGMA query_only=ON").close()
        self._connection = connection
        self._checked_out.detach()  # the pool may not hand it to others any more

    def read(self) -> int | None:
        try:
            return int(self._connection.execute(_READ).fetchall()[0][0])
        except sqlite3.OperationalError:
            return None

    def note(self, generation: int) -> None:
        """It never falls behind."""

    def close(self) -> None:
        self._checked_out.close()


class _Poller:
    """Asks the server again and again in a thread, on a connection of its own, and keeps the last answer a while."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._closing = threading.Event()
        self._lock = threading.Lock()  # for what follows; held for no longer than an assignment
        self._known: tuple[int, float] | None = None
        """The generation, and when it was asked for."""
        self._noted = (0, 0.0)
        """What others saw, and when: an answer that was on its way meanwhile may be older."""
        self._answered = threading.Event()
        self._thread = threading.Thread(target=self._run, name="generation", daemon=True)
        self._thread.start()
        self._answered.wait(_FIRST_ANSWER_S)

    def read(self) -> int | None:
        known = self._known
        return known[0] if known and time.monotonic() - known[1] < _KEPT_S else None

    def note(self, generation: int) -> None:
        with self._lock:
            self._noted = (generation, time.monotonic())
            if self._known and generation > self._known[0]:
                self._known = (generation, self._known[1])

    def close(self) -> None:
        self._closing.set()
        self._thread.join(_FIRST_ANSWER_S)

    def _run(self) -> None:
        pause_s = 0.0
        while not self._closing.wait(pause_s):
            pause_s = _RETRY_S
            # The server may be away for a while: until it is back the answer is None, and requests ask it themselves.
            with suppress(DBAPIError), self._engine.connect() as connection:
                connection.exec_driver_sql(f"SET statement_timeout = {round(_KEPT_S * 1000)}")
                connection.detach()  # the pool may not hand it to others any more
                self._ask(connection)
            self._answered.set()

    def _ask(self, connection: Connection) -> None:
        while not self._closing.wait(POLL_EVERY_S if self._known else 0):
            asked_s = time.monotonic()
            try:
                generation = int(connection.exec_driver_sql(_READ).scalar_one())
            except DBAPIError:
                self._known = None
                raise
            with self._lock:
                noted, noted_s = self._noted
                newest = max(generation, noted) if noted_s >= asked_s else generation
                self._known = (newest, asked_s)
            self._answered.set()
