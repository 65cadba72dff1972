"""The migration and the schema say the same, on both databases."""

from sqlalchemy import create_engine, inspect

from weft.evals.providers.schema import METADATA
from weft.evals.providers.store import SealedKey, delete_key, find_key, list_keys, put_key
from weft.kit.db import Database


def test_migrate_when_done_then_the_table_is_that_of_the_schema(database: Database) -> None:
    by_core = create_engine("sqlite://")
    METADATA.create_all(by_core)
    for table in METADATA.tables:
        made, wanted = (
            {column["name"]: column["nullable"] for column in inspect(side).get_columns(table)}
            for side in (database.engine, by_core)
        )
        assert made == wanted
    by_core.dispose()


def test_key_when_put_again_then_replaced(database: Database) -> None:
    first = SealedKey("proj", "router", "https://a.example", b"1", 1, "user")
    second = SealedKey("proj", "router", "https://b.example", b"2", 2, "user")
    with database.write() as connection:
        put_key(connection, first)
        put_key(connection, second)
        put_key(connection, SealedKey("other", "router", "https://a.example", b"3", 1, "user"))
    with database.read() as connection:
        assert find_key(connection, "proj", "router") == second
        assert list_keys(connection, "proj") == [second]
    with database.write() as connection:
        delete_key(connection, "proj", "router")
        delete_key(connection, "proj", "router")
    with database.read() as connection:
        assert find_key(connection, "proj", "router") is None
        assert find_key(connection, "other", "router") is not None
