"""PostgreSQL: bounded waits, servers that go and come back, and what cannot be used says why."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from databases import PostgresServer, throwaway_postgres
from weft.kit.db import Database, begin_write, let_it_take_long, psycopg_connection
from weft.kit.errors import CannotStart


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE item (id INTEGER PRIMARY KEY)"))
    yield database
    database.close()


def put(connection: Connection, number: int) -> None:
    connection.execute(text("INSERT INTO item VALUES (:id)"), {"id": number})


def numbers(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.execute(text("SELECT id FROM item ORDER BY id")).scalars())


def setting(connection: Connection, name: str) -> str:
    return str(connection.execute(text(f"SHOW {name}")).scalar_one())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lock_timeout", "10s"),
        ("statement_timeout", "1min"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("client_encoding", "UTF8"),
    ],
)
def test_connection_when_made_then_its_waits_are_bounded(
    database: Database, name: str, value: str
) -> None:
    with database.engine.connect() as connection:
        assert setting(connection, name) == value


def test_connection_when_the_url_has_options_then_they_win(postgres_url: str) -> None:
    database = Database(f"{postgres_url}&options=-c%20lock_timeout%3D3s&application_name=mine")
    with database.read() as connection:
        assert setting(connection, "lock_timeout") == "3s"
        assert setting(connection, "statement_timeout") == "1min"
        assert setting(connection, "application_name") == "mine"
    database.close()


def test_let_it_take_long_when_the_transaction_ends_then_the_bounds_are_back(
    database: Database,
) -> None:
    with database.engine.connect() as connection:
        begin_write(connection)
        let_it_take_long(connection)
        assert setting(connection, "statement_timeout") == "0"
        connection.commit()
        assert setting(connection, "statement_timeout") == "1min"


@pytest.mark.parametrize(("durable", "expected"), [(True, "on"), (False, "off")])
def test_begin_write_when_not_durable_then_only_that_commit_is_not_synced(
    database: Database, durable: bool, expected: str
) -> None:
    with database.engine.connect() as connection:
        begin_write(connection, durable=durable)
        assert setting(connection, "synchronous_commit") == expected
        connection.commit()
        assert setting(connection, "synchronous_commit") == "on"


def test_begin_write_when_another_writes_then_it_does_not_wait(database: Database) -> None:
    with database.write() as first, database.engine.connect() as second:
        put(first, 1)
        begin_write(second)
        put(second, 2)
        second.commit()
    assert numbers(database) == [1, 2]


def test_write_when_the_turn_takes_too_long_then_it_is_an_error(postgres_url: str) -> None:
    database = Database(f"{postgres_url}&options=-c%20lock_timeout%3D50ms")
    with database.write(), pytest.raises(psycopg.errors.LockNotAvailable), database.write():
        pass
    with database.write() as connection:  # and it can go on
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    database.close()


def test_connection_when_the_server_restarts_itself_then_the_next_use_goes_through(
    postgres: PostgresServer, database: Database
) -> None:
    with database.engine.connect() as writer:
        begin_write(writer)
        put(writer, 1)
        writer.commit()
        assert postgres.kill_backends(str(database.engine.url.database)) > 0
        begin_write(writer)
        put(writer, 2)
        writer.commit()
    assert numbers(database) == [1, 2]


def test_connection_when_the_server_dies_within_a_transaction_then_rollback_and_on(
    postgres: PostgresServer, database: Database
) -> None:
    with database.engine.connect() as writer:
        begin_write(writer)
        put(writer, 1)
        postgres.kill_backends(str(database.engine.url.database))
        with pytest.raises(psycopg.OperationalError):
            psycopg_connection(writer).execute("INSERT INTO item VALUES (2)")
        writer.rollback()
        begin_write(writer)
        put(writer, 3)
        writer.commit()
    assert numbers(database) == [3]


def test_commit_when_the_server_died_then_it_is_an_error(
    postgres: PostgresServer, database: Database
) -> None:
    with database.engine.connect() as writer:
        begin_write(writer)
        put(writer, 1)
        postgres.kill_backends(str(database.engine.url.database))
        with pytest.raises(OperationalError):
            writer.commit()
        writer.rollback()
    assert numbers(database) == []


def test_check_when_nobody_listens_then_cannot_start_with_a_remedy(tmp_path: Path) -> None:
    database = Database(f"postgresql://ada:geheim@/weft?host={tmp_path}")
    with pytest.raises(CannotStart, match="cannot reach the database") as caught:
        database.check()
    assert "geheim" not in str(caught.value)
    assert "WEFT_DATABASE_URL" in str(caught.value.metadata["remedy"])
    database.close()


def test_check_when_the_url_has_parameters_of_libpq_then_they_count(postgres_url: str) -> None:
    database = Database(f"{postgres_url}&sslmode=nonsense")
    with pytest.raises(CannotStart, match='invalid sslmode value: "nonsense"'):
        database.check()
    database.close()


def test_check_when_there_is_no_such_database_then_the_server_s_words_are_told(
    postgres: PostgresServer,
) -> None:
    database = Database(postgres.url("nowhere"))
    with pytest.raises(CannotStart, match='database "nowhere" does not exist'):
        database.check()
    database.close()


def test_check_when_text_is_not_utf8_then_cannot_start(postgres: PostgresServer) -> None:
    with postgres.connect() as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        )
    database = Database(postgres.url("latin"))
    with pytest.raises(CannotStart, match="stores text as LATIN1"):
        database.check()
    database.close()
    postgres.drop("latin")


def test_server_when_it_crashes_then_what_was_committed_is_there_again() -> None:
    with throwaway_postgres(fsync=True) as server:
        database = Database(server.url(server.create()))
        with database.write() as connection:
            connection.execute(text("CREATE TABLE item (id INTEGER PRIMARY KEY)"))
            put(connection, 1)
        server.kill()
        with pytest.raises(CannotStart):
            database.check()
        server.start()
        assert numbers(database) == [1]
        database.close()
