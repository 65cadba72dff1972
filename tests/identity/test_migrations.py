from sqlalchemy import inspect, text

from weft.identity.schema import METADATA
from weft.kit.db import Database


def test_tables_when_migrated_then_are_those_of_the_schema(database: Database) -> None:
    found = inspect(database.engine)
    for table in METADATA.sorted_tables:
        stored = found.get_columns(table.name)
        assert [column["name"] for column in stored] == [column.name for column in table.columns]
        keys = set(found.get_pk_constraint(table.name)["constrained_columns"])
        assert keys == {column.name for column in table.primary_key}
        required = {column["name"] for column in stored if not column["nullable"]}
        assert required - keys == {
            column.name
            for column in table.columns
            if not column.nullable and not column.primary_key
        }


def test_tables_when_migrated_then_the_schema_knows_them_all(database: Database) -> None:
    names = inspect(database.engine).get_table_names()
    assert {name for name in names if name.startswith("identity")} == set(METADATA.tables)


def test_texts_when_migrated_then_they_are_compared_byte_by_byte(
    migrated_postgres_url: str,
) -> None:
    database = Database(migrated_postgres_url)
    with database.read() as connection:
        others = connection.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND data_type = 'text'"
                " AND collation_name IS DISTINCT FROM 'C'"
            )
        ).all()
    database.close()
    assert others == []
