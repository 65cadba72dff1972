"""Migrations are applied once, in order, all or none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

from weft.kit.db import Database
from weft.kit.errors import CannotStart
from weft.kit.migrations import Migration, migrate, pending

FIRST = Migration("a.0001_item", ("CREATE TABLE item (id INTEGER PRIMARY KEY)",))
SECOND = Migration("a.0002_name", ("ALTER TABLE item ADD COLUMN name TEXT",))
BROKEN = Migration("a.0003_broken", ("CREATE TABLE other (id INTEGER)", "CREATE NONSENSE"))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "weft.db")
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
    with pytest.raises(OperationalError):
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
