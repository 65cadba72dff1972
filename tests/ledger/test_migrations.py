"""The migrations and the schema say the same."""

from sqlalchemy import create_engine, inspect

from weft.identity.migrations import MIGRATIONS as IDENTITY
from weft.kit.db import Database
from weft.kit.migrations import migrate
from weft.ledger.migrations import MIGRATIONS
from weft.ledger.schema import metadata


def test_migrate_when_done_then_the_tables_are_those_of_the_schema(database: Database) -> None:
    by_core = create_engine("sqlite://")
    metadata.create_all(by_core)
    wanted, made = inspect(by_core), inspect(database.engine)
    for table in metadata.tables:
        columns = [
            (column["name"], str(column["type"]), column["nullable"])
            for column in made.get_columns(table)
            if column["name"] != "id"
        ]
        assert columns == [
            (column["name"], str(column["type"]), column["nullable"])
            for column in wanted.get_columns(table)
            if column["name"] != "id"
        ]
        assert made.get_pk_constraint(table) == wanted.get_pk_constraint(table)
        assert made.get_indexes(table) == wanted.get_indexes(table)
    by_core.dispose()


def test_migrate_when_run_again_then_nothing_is_applied(database: Database) -> None:
    assert migrate(database, (*IDENTITY, *MIGRATIONS)) == []
