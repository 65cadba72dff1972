"""The database: what is written stays, what fails does not, and nobody waits for readers."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from weft.kit.db import Database
from weft.kit.errors import CannotStart


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "weft.db")
    with database.write() as connection:
        connection.execute(text("CREATE TABLE item (id INTEGER PRIMARY KEY)"))
    yield database
    database.close()


def put(connection: Connection, number: int) -> None:
    connection.execute(text("INSERT INTO item VALUES (:id)"), {"id": number})


def count(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM item")).scalar_one())


def test_write_when_done_then_another_connection_reads_it(database: Database) -> None:
    with database.write() as connection:
        put(connection, 1)
    with database.read() as connection:
        assert count(connection) == 1


def test_write_when_it_raises_then_nothing_of_it_stays(database: Database) -> None:
    def break_it() -> None:
        with database.write() as connection:
            put(connection, 1)
            raise KeyError

    with pytest.raises(KeyError):
        break_it()
    with database.read() as connection:
        assert count(connection) == 0


def test_read_when_something_is_written_then_it_is_rolled_back(database: Database) -> None:
    with database.read() as connection:
        put(connection, 1)
    with database.read() as connection:
        assert count(connection) == 0


def test_read_when_a_write_commits_meanwhile_then_the_snapshot_stands(database: Database) -> None:
    with database.read() as reader:
        assert count(reader) == 0
        with database.write() as writer:
            put(writer, 1)
        assert count(reader) == 0
    with database.read() as reader:
        assert count(reader) == 1


async def test_soon_when_awaited_then_reads_and_writes_do_their_work(database: Database) -> None:
    await asyncio.gather(*(database.write_soon(lambda c, n=n: put(c, n)) for n in range(20)))
    assert await database.read_soon(count) == 20


async def test_write_soon_when_the_work_raises_then_its_error_is_raised(database: Database) -> None:
    def break_it(connection: Connection) -> None:
        put(connection, 1)
        raise KeyError

    with pytest.raises(KeyError):
        await database.write_soon(break_it)
    assert await database.read_soon(count) == 0


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)],
)
def test_connection_when_made_then_it_is_durable_and_patient(
    database: Database, pragma: str, value: str | int
) -> None:
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_check_when_sound_then_nothing(database: Database) -> None:
    database.check()


def test_check_when_it_is_no_database_then_cannot_start(tmp_path: Path) -> None:
    path = tmp_path / "bad.db"
    path.write_bytes(b"no database at all, and long enough to be looked at" * 100)
    database = Database(path)
    with pytest.raises(CannotStart, match="is damaged"):
        database.check()
    database.close()


def test_check_when_a_page_is_damaged_then_cannot_start(tmp_path: Path) -> None:
    path = tmp_path / "torn.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, filler TEXT)")
        rows = [(number, "x" * 500) for number in range(200)]
        connection.executemany("INSERT INTO item VALUES (?, ?)", rows)
    connection.close()
    raw = bytearray(path.read_bytes())
    raw[4096 * 3 : 4096 * 5] = b"\xa5" * 8192
    path.write_bytes(raw)
    database = Database(path)
    with pytest.raises(CannotStart, match="is damaged"):
        database.check()
    database.close()


def test_close_when_called_twice_then_it_is_fine(database: Database) -> None:
    database.close()
    database.close()
