"""SQLite: durable, patient, and a file that is damaged says so."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from weft.kit.db import Database, begin_write
from weft.kit.errors import CannotStart


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "weft.db")
    yield database
    database.close()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)],
)
def test_connection_when_made_then_it_is_durable_and_patient(
    database: Database, pragma: str, value: str | int
) -> None:
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


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


def synchronous(connection: Connection) -> int:
    return int(connection.execute(text("PRAGMA synchronous")).scalar_one())


def test_begin_write_when_not_durable_then_only_that_commit_is_not_synced(
    database: Database,
) -> None:
    with database.engine.connect() as connection:
        for durable, expected in ((False, 1), (False, 1), (True, 2), (False, 1)):
            begin_write(connection, durable=durable)
            assert synchronous(connection) == expected
            connection.commit()
    with database.engine.connect() as again:  # the same one, out of the pool
        begin_write(again)
        assert synchronous(again) == 2
        again.rollback()
