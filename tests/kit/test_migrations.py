"""Migrations are applied once, in order, all or none."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from databases import PostgresServer
from weft.kit.db import Database
from weft.kit.errors import CannotStart
from weft.kit.migrations import Migration, migrate, pending, spelled

FIRST = Migration("a.0001_item", ("CREATE TABLE item (id INTEGER PRIMARY KEY)",))
SECOND = Migration("a.0002_name", ("ALTER TABLE item ADD COLUMN name TEXT",))
BROKEN = Migration("a.0003_broken", ("CREATE TABLE other (id INTEGER)", "CREATE NONSENSE"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables, once of each kind."""
    on_file = request.param == "sqlite"
    database = Database(
        tmp_path / "weft.db" if on_file else request.getfixturevalue("postgres_url")
    )
    yield database
    database.close()


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def test_migrate_when_new_then_all_are_applied_in_order(database: Database) -> None:
    assert migrate(database, [FIRST, SECOND]) == [FIRST.name, SECOND.name]
    assert tables(database) == {"item", "migration"}


def test_migrate_when_some_were_applied_then_only_the_rest_is(database: Database) -> None:
    migrate(database, [FIRST])
    assert migrate(database, [FIRST, SECOND]) == [SECOND.name]
    assert migrate(database, [FIRST, SECOND]) == []


def test_migrate_when_a_step_fails_then_none_of_the_run_stays(database: Database) -> None:
    with pytest.raises(DBAPIError):
        migrate(database, [FIRST, BROKEN])
    assert tables(database) == set()


def test_migrate_when_the_database_is_newer_then_cannot_start(database: Database) -> None:
    migrate(database, [FIRST, SECOND])
    with pytest.raises(CannotStart, match=r"newer Weft \(step a.0002_name\)"):
        migrate(database, [FIRST])


def test_migrate_when_a_name_is_used_twice_then_it_is_a_programming_error(
    database: Database,
) -> None:
    with pytest.raises(AssertionError):
        migrate(database, [FIRST, FIRST])


def test_pending_when_asked_then_nothing_changes(database: Database) -> None:
    assert pending(database, [FIRST, SECOND]) == [FIRST.name, SECOND.name]
    assert tables(database) == set()
    migrate(database, [FIRST])
    assert pending(database, [FIRST, SECOND]) == [SECOND.name]
    with pytest.raises(CannotStart, match="newer Weft"):
        pending(database, [SECOND])


def test_migrate_when_two_do_it_at_once_then_each_step_is_applied_once(database: Database) -> None:
    with ThreadPoolExecutor(4) as threads:
        starts = [threads.submit(migrate, database, [FIRST, SECOND]) for _ in range(4)]
        applied = [start.result() for start in starts]
    assert sorted(applied) == [[], [], [], [FIRST.name, SECOND.name]]


def test_placeholders_when_applied_then_each_database_has_its_own_kind(database: Database) -> None:
    step = "CREATE TABLE odd (id TEXT PRIMARY KEY, seal {bytes}, is_open {flag}) {by_key}"
    migrate(database, [Migration("a.0001_odd", (step,))])
    row = {"id": "a", "seal": b"\0\xff", "is_open": True}
    with database.write() as connection:
        connection.execute(text("INSERT INTO odd VALUES (:id, :seal, :is_open)"), row)
        assert dict(connection.execute(text("SELECT * FROM odd")).mappings().one()) == row


def test_texts_when_sorted_then_both_databases_go_by_their_bytes(database: Database) -> None:
    migrate(database, [Migration("a.0001_word", ("CREATE TABLE word (id TEXT PRIMARY KEY)",))])
    with database.write() as connection:
        for word in ("b", "B", "a", "_", "\N{LATIN SMALL LETTER A WITH DIAERESIS}", "A"):
            connection.execute(text("INSERT INTO word VALUES (:word)"), {"word": word})
        found = connection.execute(text("SELECT id FROM word ORDER BY id")).scalars()
        assert list(found) == ["A", "B", "_", "a", "b", "\N{LATIN SMALL LETTER A WITH DIAERESIS}"]


def test_spelled_when_text_is_no_column_then_it_stays() -> None:
    assert spelled("UPDATE a SET b = 'TEXT'", "postgresql") == "UPDATE a SET b = 'TEXT'"
    assert spelled("alter table a ADD b TEXT", "sqlite") == "alter table a ADD b TEXT"
    assert spelled("alter table a ADD b TEXT", "postgresql") == (
        'alter table a ADD b TEXT COLLATE "C"'
    )


def test_migrate_when_the_user_may_not_make_tables_then_the_grant_is_told(
    postgres: PostgresServer,
) -> None:
    name = postgres.create()
    with postgres.connect() as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN")
    owner, reader = (Database(url) for url in (postgres.url(name), postgres.url(name, "reader")))
    with pytest.raises(CannotStart, match="may not make tables") as caught:
        migrate(reader, [FIRST])
    assert "GRANT ALL ON SCHEMA public" in str(caught.value.metadata["remedy"])
    migrate(owner, [FIRST])
    with owner.write() as connection:
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"))
    assert migrate(reader, [FIRST]) == []  # there is nothing that it would have to make
    owner.close()
    reader.close()
    postgres.drop(name)
