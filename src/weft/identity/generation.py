"""The generation of identity: one number that every change of users, teams, projects, roles or keys adds to.

Invariant: a change and its new generation commit in one transaction, in whatever process, so a cache that knows the
generation it was filled in knows whether it still holds. Logins and `last used` stamps are no change in this sense.
"""

import sqlite3

from sqlalchemy import Connection, select, update

from weft.identity.schema import GENERATION
from weft.kit.db import Database

_READ = "SELECT generation FROM identity_generation"
_BUSY_TIMEOUT_MS = 250


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
    """Reads the generation in a few microseconds, on a connection of its own that never writes."""

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
        """The newest committed generation, or None if it cannot be read just now: then nothing may be assumed."""
        try:
            return int(self._connection.execute(_READ).fetchall()[0][0])
        except sqlite3.OperationalError:
            return None

    def close(self) -> None:
        """Close the connection. Idempotent."""
        self._checked_out.close()
