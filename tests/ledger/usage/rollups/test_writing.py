"""Roll-ups as they are written: exact after every group, in whatever order and from whatever process."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from weft.kit.db import Database, begin_write
from weft.ledger.types import UsageRecord
from weft.ledger.usage.report import GroupBy, UsageFilter
from weft.ledger.usage.rollups import series
from weft.ledger.usage.rollups.folding import (
    find_wrong_rollup,
    read_folded,
    rebuild_rollups,
)
from weft.ledger.usage.store import insert_usage
from weft.ledger.usage.sums import sum_usage

RecordMaker = Callable[..., UsageRecord]
HOUR_S = 3600


def write(database: Database, *records: UsageRecord) -> None:
    with database.write() as connection:
        insert_usage(connection, records)


def costs(connection: Connection, by: GroupBy) -> dict[str, int]:
    return {row.group: row.cost_nusd for row in sum_usage(connection, by, UsageFilter())}


def test_write_when_an_hour_begins_then_the_one_before_is_folded(
    database: Database, a_record: RecordMaker
) -> None:
    write(database, a_record(1))
    with database.read() as connection:
        first = read_folded(connection)
        tiers = connection.execute(text("SELECT DISTINCT tier FROM usage_sum")).scalars().all()
        assert tiers == [0], "what goes on is in the base tier alone"
    write(database, a_record(2, second=5 * HOUR_S))
    with database.read() as connection:
        assert read_folded(connection) == first + 5
        assert find_wrong_rollup(connection) is None
        assert costs(connection, GroupBy.DAY) == {"2026-01-01": 2_000}


def test_write_when_a_record_is_late_then_all_tiers_have_it(
    database: Database, a_record: RecordMaker
) -> None:
    write(database, a_record(1), a_record(2, day=40))
    write(database, a_record(3, second=HOUR_S), a_record(4, day=40, second=9))
    with database.read() as connection:
        assert find_wrong_rollup(connection) is None
        assert costs(connection, GroupBy.MONTH) == {"2026-01": 2_000, "2026-02": 2_000}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 90 * 24), st.sampled_from("abc")), min_size=1),
        max_size=6,
    )
)
def test_write_when_groups_come_in_any_order_then_every_tier_is_right_and_the_same_as_rebuilt(
    database: Database, a_record: RecordMaker, groups: list[list[tuple[int, str]]]
) -> None:
    number = 0
    with database.engine.connect() as connection:
        begin_write(connection)
        for group in groups:
            records: list[UsageRecord] = []
            for hour, name in group:
                number += 1
                records.append(a_record(number, second=hour * HOUR_S, key=name, user=name))
            insert_usage(connection, records)
            assert find_wrong_rollup(connection) is None
        before = rows_of(connection)
        rebuild_rollups(connection)
        assert rows_of(connection) == before
        connection.rollback()


def rows_of(connection: Connection) -> list[tuple[object, ...]]:
    rows = connection.execute(text("SELECT * FROM usage_sum ORDER BY tier, period, series"))
    return [tuple(row) for row in rows]


def test_rebuild_when_rows_were_changed_or_lost_then_they_are_found_and_put_right(
    database: Database, a_record: RecordMaker
) -> None:
    write(database, *(a_record(n, day=n, key=f"k{n % 3}") for n in range(50)))
    for damage in (
        "UPDATE usage_sum SET cost_nusd = cost_nusd + 1 WHERE tier = 10 AND period = 20470",
        "DELETE FROM usage_sum WHERE tier = 24",
        "DELETE FROM usage_sum WHERE tier = 0 AND period % 2 = 0",
        "UPDATE usage_sum SET requests = 0 WHERE tier = 3",
    ):
        with database.write() as connection:
            assert find_wrong_rollup(connection) is None
            connection.execute(text(damage))
            wrong = find_wrong_rollup(connection)
            assert wrong is not None
            assert "usage_sum of tier" in wrong
            rebuild_rollups(connection)


def test_write_when_the_transaction_fails_then_series_that_it_made_are_forgotten(
    database: Database, a_record: RecordMaker
) -> None:
    with database.engine.connect() as connection:
        begin_write(connection)
        insert_usage(connection, [a_record(1, key="lost")])
        insert_usage(connection, [a_record(2, key="lost"), a_record(3, key="other")])
        connection.rollback()
        begin_write(connection)
        insert_usage(connection, [a_record(4, key="kept", cost=5)])
        insert_usage(connection, [a_record(5, key="lost", cost=7)])
        connection.commit()
    with database.read() as connection:
        assert find_wrong_rollup(connection) is None
        assert costs(connection, GroupBy.KEY) == {"lost": 7, "kept": 5}


def test_write_when_another_connection_made_the_series_then_it_is_used(
    database: Database, a_record: RecordMaker
) -> None:
    with database.engine.connect() as first, database.engine.connect() as second:
        for number, connection in enumerate((first, second, first, second)):
            begin_write(connection)
            insert_usage(connection, [a_record(number), a_record(10 + number, key=f"k{number}")])
            connection.commit()
        begin_write(first)
        assert find_wrong_rollup(first) is None
        assert costs(first, GroupBy.KEY)["key_k"] == 4_000
        first.rollback()


def test_write_when_more_series_are_known_than_the_bound_then_it_still_adds_up(
    database: Database, a_record: RecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series, "KNOWN_LIMIT", 3)
    with database.engine.connect() as connection:
        for turn in range(3):
            begin_write(connection)
            records = [a_record(turn * 10 + place, key=f"k{place}") for place in range(10)]
            insert_usage(connection, records)
            insert_usage(connection, [a_record(100 + turn, key="new", model=f"m{turn}")])
            connection.commit()
        begin_write(connection)
        assert find_wrong_rollup(connection) is None
        connection.rollback()


def test_write_when_nothing_is_to_write_then_nothing_happens(database: Database) -> None:
    write(database)
    with database.read() as connection:
        assert read_folded(connection) == 0
