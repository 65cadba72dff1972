from sqlalchemy import Connection, text

from weft.identity.schema import METADATA
from weft.kit.db import Database


def columns(connection: Connection, table: str) -> dict[str, tuple[bool, bool]]:
    rows = connection.execute(text(f"PRAGMA table_info({table})")).mappings()
    return {row["name"]: (bool(row["notnull"]), bool(row["pk"])) for row in rows}


def test_tables_when_migrated_then_are_those_of_the_schema(database: Database) -> None:
    with database.read() as connection:
        for table in METADATA.sorted_tables:
            stored = columns(connection, table.name)
            assert {name: pk for name, (_, pk) in stored.items()} == {
                column.name: column.primary_key for column in table.columns
            }
            required = {name for name, (not_null, pk) in stored.items() if not_null and not pk}
            assert required == {
                column.name
                for column in table.columns
                if not column.nullable and not column.primary_key
            }


def test_tables_when_migrated_then_the_schema_knows_them_all(database: Database) -> None:
    with database.read() as connection:
        names = connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'identity%'")
        ).scalars()
        assert set(names) == set(METADATA.tables)
