from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from databases import PostgresServer, new_sqlite
from pristine import PristineDatabases
from traces.doors import Door, open_door
from weft.kit.db import Database
from weft.traces.writing import writer


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A database with all tables for all tests of a module, once of each kind."""
    if request.param == "sqlite":
        database = new_sqlite(tmp_path_factory.mktemp("shared") / "weft.db")
        yield database
        database.close()
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    pristine: PristineDatabases = request.getfixturevalue("pristine")
    name = pristine.take()
    database = Database(server.url(name))
    yield database
    database.close()
    pristine.give_back(name)


@pytest.fixture
async def door(shared_database: Database, tmp_path: Path) -> AsyncIterator[Door]:
    """The routes of traces, on a database that has none; once on each kind of database."""
    forget_traces(shared_database)
    async with open_door(shared_database, tmp_path / "data") as door:
        yield door


@pytest.fixture(scope="module")
def quiet_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A SQLite database with all tables for all tests of a module."""
    database = new_sqlite(tmp_path_factory.mktemp("quiet") / "weft.db")
    yield database
    database.close()


@pytest.fixture
async def quiet_door(quiet_database: Database, tmp_path: Path) -> AsyncIterator[Door]:
    """As `door`, on SQLite alone: for what has nothing to do with databases."""
    forget_traces(quiet_database)
    async with open_door(quiet_database, tmp_path / "data") as door:
        yield door


def forget_traces(database: Database) -> None:
    """Empty the tables of traces."""
    with database.write() as connection:
        for name in inspect(connection).get_table_names():
            if name.startswith("trace_"):
                connection.execute(text(f'DELETE FROM "{name}"'))


@pytest.fixture
def impatient_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trace database that does not answer is soon taken to be away."""
    monkeypatch.setattr(writer, "PATIENCE_S", 0.5)
