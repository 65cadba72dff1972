"""The trace store as everything else sees it: a database to read from, a writer, and the keys of projects."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DataError

from weft.kit.db import DATABASE_AWAY, Database
from weft.kit.errors import InvalidRequest, WeftError
from weft.traces.projects import ProjectKeys
from weft.traces.types import ProjectKey
from weft.traces.writing.writer import StoreAway, TraceWriter

T = TypeVar("T")


class BadText(InvalidRequest):
    """PostgreSQL was asked for something that it cannot hold: a NUL in a name, a number of too many digits."""

    code = "invalid_value"


@dataclass(frozen=True, slots=True)
class TraceStore:
    """What routes of traces work with."""

    database: Database
    writer: TraceWriter
    keys: ProjectKeys

    async def read(
        self, project_id: str, work: Callable[[Connection, ProjectKey], T], *, empty: T
    ) -> T:
        """What `work` finds in one snapshot; `empty` where nothing was ever written to the project.

        Raises:
            StoreAway: the database does not answer.
            BadText: it was asked for something that it cannot hold.
        """

        def run(connection: Connection) -> T:
            key = self.keys.find(connection, project_id)
            return empty if key is None else work(connection, key)

        try:
            return await self.database.read_soon(run)
        except DATABASE_AWAY as error:
            raise StoreAway from error
        except _BAD_VALUE as error:
            raise _bad_text(error) from error

    async def change(self, project_id: str, work: Callable[[Connection, ProjectKey], T]) -> T:
        """Run `work` in a transaction of the writer; durable when this returns.

        Raises:
            StoreAway: the database does not answer.
            BadText: it was given something that it cannot hold.
        """

        def run(connection: Connection) -> T:
            return work(connection, self.keys.make(connection, project_id))

        try:
            return await self.writer.change(run)
        except _BAD_VALUE as error:
            raise _bad_text(error) from error

    def missing(self, error: WeftError) -> WeftError:
        """What to raise for a thing that was not found: it may lie on disk still, accepted and not written yet."""
        return StoreAway() if self.writer.backlog.size_bytes else error


_BAD_VALUE = (DataError, psycopg.DataError)


def _bad_text(error: Exception) -> BadText:
    said = str(getattr(error, "orig", None) or error).partition("\n")[0]
    return BadText(f"the database cannot hold a value of the request ({said[:200]})")
