"""Usage records as they are written and found."""

import json
from collections.abc import Callable
from sqlite3 import IntegrityError

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from weft.kit.db import Database
from weft.ledger.types import UsageRecord
from weft.ledger.usage import store
from weft.ledger.usage.report import GroupBy, UsageFilter, UsageRow
from weft.ledger.usage.sums import sum_usage

RecordMaker = Callable[..., UsageRecord]


same_file = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)


def write(database: Database, *records: UsageRecord) -> None:
    with database.write() as connection:
        store.insert_usage(connection, records)


def report(database: Database, by: GroupBy, chosen: UsageFilter | None = None) -> list[UsageRow]:
    with database.read() as connection:
        return sum_usage(connection, by, chosen or UsageFilter())


def test_find_when_written_then_every_field_comes_back(
    database: Database, a_record: RecordMaker
) -> None:
    record = a_record()
    write(database, record)
    with database.read() as connection:
        assert store.find_usage(connection, record.id) == record
        assert store.find_usage(connection, "req_none") is None


def test_digest_when_read_back_then_is_that_of_the_fresh_record(
    database: Database, a_record: RecordMaker
) -> None:
    record = msgspec.structs.replace(
        a_record(), refusal='{"limit":"spend"}', posted_at_us=1_767_225_600_000_001, seq=7
    )
    write(database, record)
    with database.read() as connection:
        found = store.find_usage(connection, record.id)
    assert found is not None
    assert store.usage_digest(found) == store.usage_digest(record)
    content = json.loads(store.usage_content(record))
    assert (content[0], content[12], content[-3:]) == (
        record.id,
        True,
        ['{"limit":"spend"}', 1_767_225_600_000_001, 7],
    )


@pytest.mark.parametrize("count", [1, 7, 8, 63, 64, 65, 511, 512, 513, 1100])
def test_insert_when_a_group_has_any_size_then_each_row_is_written_once(
    database: Database, a_record: RecordMaker, count: int
) -> None:
    records = [a_record(number) for number in range(count)]
    write(database, *records)
    with database.read() as connection:
        stored = connection.execute(text("SELECT id FROM usage ORDER BY id")).scalars().all()
    assert stored == [record.id for record in records]


def test_insert_when_the_id_exists_then_it_is_an_error_and_nothing_changes(
    database: Database, a_record: RecordMaker
) -> None:
    write(database, a_record(1))
    with pytest.raises((IntegrityError, psycopg.IntegrityError)):
        write(database, a_record(2), a_record(1, cost=9))
    [row] = report(database, GroupBy.DAY)
    assert (row.requests, row.cost_nusd) == (1, 1_000)


@same_file
@given(name=st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_insert_when_a_name_is_any_text_then_it_comes_back(
    database: Database, a_record: RecordMaker, name: str
) -> None:
    record = msgspec.structs.replace(a_record(), model_id=name)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        store.insert_usage(connection, [record])
        assert store.find_usage(connection, record.id) == record
        connection.rollback()
