"""The migrations and the schema say the same."""

from sqlalchemy import create_engine, inspect

from weft.billing.schema import METADATA
from weft.kit.db import Database


def test_migrate_when_done_then_the_tables_are_those_of_the_schema(database: Database) -> None:
    by_core = create_engine("sqlite://")
    METADATA.create_all(by_core)
    wanted, made = inspect(by_core), inspect(database.engine)
    for table in METADATA.tables:
        for column, expected in zip(
            made.get_columns(table), wanted.get_columns(table), strict=True
        ):
            assert column["name"] == expected["name"]
            keys = wanted.get_pk_constraint(table)["constrained_columns"]
            if column["name"] not in keys:
                assert column["nullable"] == expected["nullable"], (table, column["name"])
        assert (
            made.get_pk_constraint(table)["constrained_columns"]
            == wanted.get_pk_constraint(table)["constrained_columns"]
        )
        assert {index["name"] for index in wanted.get_indexes(table)} <= {
            index["name"] for index in made.get_indexes(table)
        }
    by_core.dispose()


def test_schema_when_compared_then_knows_every_table_of_billing(database: Database) -> None:
    made = {
        name for name in inspect(database.engine).get_table_names() if name.startswith("billing_")
    }
    assert made == set(METADATA.tables)
