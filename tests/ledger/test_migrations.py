"""The migrations and the schema say the same, on both databases; and what was there before is in the roll-ups."""

from pathlib import Path

from sqlalchemy import create_engine, inspect

from weft.app.storage import MIGRATIONS
from weft.kit.db import Database
from weft.kit.migrations import Migration, migrate
from weft.ledger.migrations import MIGRATIONS as LEDGER
from weft.ledger.schema import metadata
from weft.ledger.usage.report import GroupBy, UsageFilter
from weft.ledger.usage.rollups.folding import find_wrong_rollup
from weft.ledger.usage.sums import sum_usage

OLD_RECORD = """
    INSERT INTO usage VALUES ('{id}', {started_at_us}, 'u', 't', 'p', 'k', 'm', 'm', 'e', 200, 'completed', '', FALSE,
        10, 5, 3, 1, 'engine', 'v', 1000, 0, 1, 7)
"""


def test_migrate_when_done_then_the_tables_are_those_of_the_schema(database: Database) -> None:
    by_core = create_engine("sqlite://")
    metadata.create_all(by_core)
    wanted, made = inspect(by_core), inspect(database.engine)
    for table in metadata.tables:
        columns = [
            (column["name"], plain(column["type"]), column["nullable"])
            for column in made.get_columns(table)
            if column["name"] != "id"
        ]
        assert columns == [
            (column["name"], plain(column["type"]), column["nullable"])
            for column in wanted.get_columns(table)
            if column["name"] != "id"
        ]
        keys = [set(one.get_pk_constraint(table)["constrained_columns"]) for one in (made, wanted)]
        assert keys[0] == keys[1]
        indexes = [
            {
                (index["name"], tuple(index["column_names"]), bool(index["unique"]))
                for index in found
            }
            for found in (made.get_indexes(table), wanted.get_indexes(table))
        ]
        assert indexes[0] == indexes[1]
    by_core.dispose()


def plain(kind: object) -> str:
    return str(kind).replace(' COLLATE "C"', "")


def test_migrate_when_run_again_then_nothing_is_applied(database: Database) -> None:
    assert migrate(database, MIGRATIONS) == []


def test_migrate_when_usage_was_there_before_roll_ups_then_they_hold_it(tmp_path: Path) -> None:
    check_backfill(Database(tmp_path / "old.db"))


def test_migrate_when_usage_was_there_on_postgresql_then_roll_ups_hold_it(
    postgres_url: str,
) -> None:
    check_backfill(Database(postgres_url))


def check_backfill(database: Database) -> None:
    day_us = 86_400_000_000
    old = [OLD_RECORD.format(id=f"r{n}", started_at_us=n * 20 * day_us) for n in range(60)]
    migrate(database, [LEDGER[0], Migration("test.0001_old", tuple(old))])
    migrate(database, [LEDGER[0], Migration("test.0001_old", ()), *LEDGER[1:]])
    with database.read() as connection:
        assert find_wrong_rollup(connection) is None
        rows = sum_usage(connection, GroupBy.MONTH, UsageFilter())
    assert sum(row.requests for row in rows) == 60
    assert (rows[0].group, rows[-1].group) == ("1970-01", "1973-03")
    database.close()
