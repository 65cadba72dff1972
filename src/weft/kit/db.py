"""The database: one SQLite file, or one database of a PostgreSQL server, reached through SQLAlchemy Core.

Owns how transactions are made and how long they wait; knows no table. Plain synchronous functions take a `Connection`;
async code reaches them through `Database.read_soon` and `write_soon`, or through `GroupCommit` on the hot path.

Invariant: of the transactions made by `write`, one runs at a time, in all processes together. Code that looks and then
writes is therefore right on both databases. SQLite has one writer by nature; on PostgreSQL `write` takes an advisory
lock first. `begin_write` alone takes none there: whoever uses it (the group commit) brings a lock of its own.
"""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeVar

import psycopg
from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from weft.kit.dialects import postgresql, sqlite
from weft.kit.errors import CannotStart

Dialect = Literal["sqlite", "postgresql"]

SQLITE: Dialect = "sqlite"
POSTGRESQL: Dialect = "postgresql"
DATABASE_ERRORS = (SQLAlchemyError, sqlite3.Error, psycopg.Error)
"""What a database raises, by whatever way: hot statements speak to the driver itself."""
DATABASE_AWAY = (OperationalError, PoolTimeout, sqlite3.OperationalError, psycopg.OperationalError)
"""What it raises when it cannot be reached, is locked for too long, or went away in between."""
_READERS = 4
_FORMS = "a path, sqlite:///path or postgresql://user:password@host:5432/name"

driver_connection = sqlite.driver_connection
psycopg_connection = postgresql.driver_connection

T = TypeVar("T")
_END = object()


class Database:
    """A SQLite file, or a PostgreSQL database. Close it when done; transactions are short and never span an await."""

    def __init__(self, place: Path | str, *, is_large: bool = False) -> None:
        """Get ready to connect to `place`: a file, or a URL (`postgresql://...`, `sqlite:///...`).

        `is_large` tunes a SQLite file for scans of gigabytes.

        Raises:
            CannotStart: it is a URL that leads nowhere.
        """
        self._is_large = is_large
        self.place = place
        """What opens the same database again. A URL may hold a password: show `name` instead."""
        found = _find(place)
        if isinstance(found, Path):
            self.dialect: Dialect = SQLITE
            self.name = str(found)
            self.engine = sqlite.make_engine(found, _READERS, is_large=is_large)
        else:
            self.dialect = POSTGRESQL
            self.name = found.set(drivername="postgresql", query={}).render_as_string()
            self.engine = postgresql.make_engine(found, _READERS)
        self._file = found if isinstance(found, Path) else None
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix=f"db-{self.dialect}")

    @property
    def path(self) -> Path:
        """The file of a SQLite database."""
        assert self._file is not None, "a database of PostgreSQL is no file"
        return self._file

    @contextmanager
    def read(self) -> Generator[Connection]:
        """A connection for reading one consistent snapshot. What is written is rolled back, or refused (PostgreSQL)."""
        with self.engine.connect() as connection:
            if self.dialect == SQLITE:
                sqlite.begin_read(connection)
                yield connection
                connection.rollback()
            else:
                postgresql.begin_read(connection)
                yield connection
                connection.commit()  # a rollback would have the driver forget its prepared statements

    @contextmanager
    def write(self) -> Generator[Connection]:
        """One write transaction: commits at the end of the block, rolls back if it raises."""
        with self.engine.connect() as connection:
            if self.dialect == SQLITE:
                sqlite.begin_write(connection, durable=True)
            else:
                postgresql.begin_write(connection, durable=True, take_turn=True)
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    async def read_soon(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a reading connection in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, work)

    async def write_soon(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one write transaction in a thread; durable when this returns."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._write, work)

    async def read_pieces(self, work: Callable[[Connection], Iterator[T]]) -> AsyncGenerator[T]:
        """What `work` yields on a reading connection, one piece after the other, each made in a thread.

        All of it is one snapshot. The connection is held until the last piece, or until this is closed.
        """
        loop, pieces = asyncio.get_running_loop(), _Pieces(self._pieces(work))
        try:
            while (piece := await loop.run_in_executor(self._threads, pieces.next)) is not _END:
                yield piece  # pyright: ignore[reportReturnType] - it is not the end
        finally:
            await asyncio.shield(loop.run_in_executor(self._threads, pieces.close))

    def _pieces(self, work: Callable[[Connection], Iterator[T]]) -> Generator[T]:
        with self.read() as connection:
            yield from work(connection)

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self.read() as connection:
            return work(connection)

    def _write(self, work: Callable[[Connection], T]) -> T:
        with self.write() as connection:
            return work(connection)

    def check(self) -> None:
        """Raise `CannotStart` if the file is no sound database, or the server none that can be used."""
        if self.dialect == SQLITE:
            sqlite.check(self.engine, self.name, whole=not self._is_large)
        else:
            postgresql.check(self.engine, self.name)

    def others(self) -> list[str]:
        """Other processes that have this database open now, as far as it can tell: SQLite cannot."""
        return [] if self.dialect == SQLITE else postgresql.others(self.engine)

    def clock_ahead_s(self) -> float:
        """By how much the database's clock is ahead of this machine's."""
        return 0.0 if self.dialect == SQLITE else postgresql.ahead_s(self.engine)

    def settings(self, *names: str) -> dict[str, str]:
        """What a PostgreSQL server was set to."""
        return postgresql.settings(self.engine, names)

    def close(self) -> None:
        """Close every connection. Idempotent."""
        self._threads.shutdown(wait=True)
        self.engine.dispose()


class _Pieces:
    """A generator that one thread may close while another still waits for its next piece."""

    def __init__(self, pieces: Generator[object]) -> None:
        self._pieces = pieces
        self._turn = threading.Lock()

    def next(self) -> object:
        with self._turn:
            return next(self._pieces, _END)

    def close(self) -> None:
        with self._turn:
            self._pieces.close()


def begin_write(connection: Connection, *, durable: bool = True) -> None:
    """Begin a transaction that writes. On PostgreSQL it waits for nobody: take a lock of your own.

    Not durable: others see its commit at once, but it may be lost with the power. A later durable commit of anybody
    makes it last as well.
    """
    if connection.dialect.name == SQLITE:
        sqlite.begin_write(connection, durable=durable)
    else:
        postgresql.begin_write(connection, durable=durable, take_turn=False)


def let_it_take_long(connection: Connection) -> None:
    """Let the rest of this transaction take as long as it needs: migrations and copies, never a request."""
    if connection.dialect.name == POSTGRESQL:
        postgresql.let_it_take_long(connection)


def _find(place: Path | str) -> Path | URL:
    if isinstance(place, Path) or "://" not in place:
        return Path(place)
    try:
        url = make_url(place)
    except (ArgumentError, ValueError) as error:  # the text may hold a password, so it is not shown
        raise CannotStart("the database's URL cannot be read", remedy=f"write {_FORMS}") from error
    kind = url.drivername.partition("+")[0]
    if kind in {"postgresql", "postgres"}:
        return url
    if kind == SQLITE and url.database and not url.host:
        return Path(url.database)
    raise CannotStart(f"{kind}:// is no database that Weft can use", remedy=f"write {_FORMS}")
