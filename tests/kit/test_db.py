"""The database: what is written stays, what fails does not, and nobody waits for readers; on both kinds alike."""

import asyncio
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from weft.kit.db import Database, begin_write
from weft.kit.errors import CannotStart

PATIENCE_S = 20


@pytest.fixture
def items(database: Database) -> Database:
    with database.write() as connection:
        connection.execute(text("CREATE TABLE item (id INTEGER PRIMARY KEY)"))
    return database


def put(connection: Connection, number: int) -> None:
    connection.execute(text("INSERT INTO item VALUES (:id)"), {"id": number})


def count(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM item")).scalar_one())


def test_write_when_done_then_another_connection_reads_it(items: Database) -> None:
    with items.write() as connection:
        put(connection, 1)
    with items.read() as connection:
        assert count(connection) == 1


def test_write_when_it_raises_then_nothing_of_it_stays(items: Database) -> None:
    def break_it() -> None:
        with items.write() as connection:
            put(connection, 1)
            raise KeyError

    with pytest.raises(KeyError):
        break_it()
    with items.read() as connection:
        assert count(connection) == 0


def test_read_when_something_is_written_then_it_does_not_stay(items: Database) -> None:
    with suppress(DatabaseError), items.read() as connection:  # PostgreSQL refuses it at once
        put(connection, 1)
    with items.read() as connection:
        assert count(connection) == 0


def test_read_when_a_write_commits_meanwhile_then_the_snapshot_stands(items: Database) -> None:
    with items.read() as reader:
        assert count(reader) == 0
        with items.write() as writer:
            put(writer, 1)
        assert count(reader) == 0
    with items.read() as reader:
        assert count(reader) == 1


async def test_soon_when_awaited_then_reads_and_writes_do_their_work(items: Database) -> None:
    await asyncio.gather(*(items.write_soon(lambda c, n=n: put(c, n)) for n in range(20)))
    assert await items.read_soon(count) == 20


async def test_write_soon_when_the_work_raises_then_its_error_is_raised(items: Database) -> None:
    def break_it(connection: Connection) -> None:
        put(connection, 1)
        raise KeyError

    with pytest.raises(KeyError):
        await items.write_soon(break_it)
    assert await items.read_soon(count) == 0


def test_write_when_two_look_and_then_write_then_they_take_turns(items: Database) -> None:
    looked = threading.Event()

    def put_the_next() -> None:
        with items.write() as connection:
            looked.set()
            put(connection, count(connection) + 1)

    with items.write() as connection:
        other = threading.Thread(target=put_the_next)
        other.start()
        assert count(connection) == 0
        assert not looked.wait(0.2)
        put(connection, 1)
    other.join(PATIENCE_S)
    with items.read() as connection:
        assert count(connection) == 2


@pytest.mark.parametrize("durable", [True, False])
def test_begin_write_when_committed_then_others_see_it_at_once(
    items: Database, durable: bool
) -> None:
    with items.engine.connect() as connection:
        begin_write(connection, durable=durable)
        put(connection, 1)
        connection.commit()
        with items.read() as reader:
            assert count(reader) == 1


def test_begin_write_when_rolled_back_then_the_connection_goes_on(items: Database) -> None:
    with items.engine.connect() as connection:
        begin_write(connection)
        put(connection, 1)
        connection.rollback()
        begin_write(connection, durable=False)
        put(connection, 2)
        connection.commit()
    with items.read() as reader:
        assert count(reader) == 1


def test_place_when_opened_again_then_it_is_the_same_database(items: Database) -> None:
    with items.write() as connection:
        put(connection, 1)
    other = Database(items.place)
    with other.read() as connection:
        assert count(connection) == 1
    other.close()


def test_check_when_sound_then_nothing(database: Database) -> None:
    database.check()


def test_close_when_called_twice_then_it_is_fine(database: Database) -> None:
    database.close()
    database.close()


@pytest.mark.parametrize("place", ["/somewhere/weft.db", Path("/somewhere/weft.db")])
def test_place_when_a_path_then_it_is_a_file(place: Path | str) -> None:
    database = Database(place)
    assert (database.dialect, database.path) == ("sqlite", Path("/somewhere/weft.db"))
    database.close()


def test_place_when_a_sqlite_url_then_it_is_a_file() -> None:
    database = Database("sqlite:////somewhere/weft.db")
    assert database.path == Path("/somewhere/weft.db")
    database.close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_name_when_the_url_holds_a_password_then_it_is_not_shown(scheme: str) -> None:
    database = Database(f"{scheme}://ada:geheim@db.example/weft?sslpassword=geheim")
    assert database.dialect == "postgresql"
    assert database.name == "postgresql://ada:***@db.example/weft"
    database.close()


@pytest.mark.parametrize(
    "place",
    ["mysql://ada:geheim@h/d", "postgresql://ada:geheim@h:port/d", "sqlite://", "://geheim"],
)
def test_place_when_the_url_leads_nowhere_then_cannot_start_without_the_password(
    place: str,
) -> None:
    with pytest.raises(CannotStart) as caught:
        Database(place)
    assert "geheim" not in str(caught.value)
    assert "postgresql://user" in str(caught.value.metadata["remedy"])
