"""The database: one SQLite file in WAL mode, reached through SQLAlchemy Core.

Owns how connections are made and how long they wait; knows no table. Plain synchronous functions take a `Connection`;
async code reaches them through `Database.read_soon` and `write_soon`, or through `GroupCommit` on the hot path.

Settings of SQLite, and why: WAL lets readers go on while one writer commits; `synchronous=FULL` makes a commit survive
a power cut (metering must); `busy_timeout` makes other processes (the command line beside a running server) wait
for the short write transactions of this one instead of failing.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool

from weft.kit.errors import CannotStart

BUSY_TIMEOUT_MS = 10_000
_READERS = 4

T = TypeVar("T")


class Database:
    """One SQLite file. Close it when done; transactions are short and never span an await."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = _engine(path)
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix=f"db-{path.stem}")

    @contextmanager
    def read(self) -> Generator[Connection]:
        """A connection for reading one consistent snapshot; anything written is rolled back."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection
            connection.rollback()

    @contextmanager
    def write(self) -> Generator[Connection]:
        """One write transaction: commits at the end of the block, rolls back if it raises."""
        with self.engine.connect() as connection:
            begin_write(connection)
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

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self.read() as connection:
            return work(connection)

    def _write(self, work: Callable[[Connection], T]) -> T:
        with self.write() as connection:
            return work(connection)

    def check(self) -> None:
        """Raise `CannotStart` if the file is not a sound database."""
        try:
            with self.read() as connection:
                verdict = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
        except DatabaseError as error:
            verdict = str(error.orig)
        if verdict != "ok":
            msg = f"the database {self.path} is damaged ({verdict}); restore it from a backup"
            raise CannotStart(msg)

    def close(self) -> None:
        """Close every connection. Idempotent."""
        self._threads.shutdown(wait=True)
        self.engine.dispose()


def begin_write(connection: Connection) -> None:
    """Begin a transaction that writes: taking the lock at once, rather than at the first write, cannot deadlock."""
    connection.begin()  # for SQLAlchemy's own books; it leaves the statement to us
    driver_connection(connection).execute("BEGIN IMMEDIATE").close()


def driver_connection(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection, for hot statements that need nothing that SQLAlchemy adds."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=_READERS + 2,
        max_overflow=8,
        pool_timeout=30,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
    )
    event.listen(engine, "connect", _on_connect)
    return engine


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    # The sqlite3 module must not begin transactions by itself: read() and write() say which kind they need.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()
