"""Every statement of the ledger on a real file."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from sqlite3 import IntegrityError

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from weft.kit.db import Database
from weft.ledger.types import Outcome, Tokens, UsageRecord
from weft.ledger.usage import store
from weft.ledger.usage.report import GroupBy, UsageFilter, UsageRow

RecordMaker = Callable[..., UsageRecord]


same_file = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)


def write(database: Database, *records: UsageRecord) -> None:
    with database.write() as connection:
        store.insert_usage(connection, records)


def report(database: Database, by: GroupBy, chosen: UsageFilter | None = None) -> list[UsageRow]:
    with database.read() as connection:
        return store.sum_usage(connection, by, chosen or UsageFilter())


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


def test_insert_when_the_other_dialects_way_is_taken_then_the_rows_are_the_same(
    database: Database, a_record: RecordMaker
) -> None:
    record = a_record(outcome=Outcome.FAILED)
    with database.write() as connection:
        store.insert_rows(connection, [record])
        assert store.find_usage(connection, record.id) == record


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
    with pytest.raises(IntegrityError):
        write(database, a_record(2), a_record(1, cost=9))
    [row] = report(database, GroupBy.DAY)
    assert (row.requests, row.cost_nusd) == (1, 1_000)


@same_file
@given(name=st.text(st.characters(codec="utf-8")))
def test_insert_when_a_name_is_any_text_then_it_comes_back(
    database: Database, a_record: RecordMaker, name: str
) -> None:
    record = msgspec.structs.replace(a_record(), model_id=name)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        store.insert_usage(connection, [record])
        assert store.find_usage(connection, record.id) == record
        connection.rollback()


def test_sum_when_there_is_nothing_then_no_rows(database: Database) -> None:
    assert report(database, GroupBy.MODEL) == []


def test_sum_when_by_day_then_utc_days_in_order(database: Database, a_record: RecordMaker) -> None:
    write(database, a_record(1, day=1), a_record(2), a_record(3, day=1, cost=500))
    rows = report(database, GroupBy.DAY)
    assert [(row.group, row.requests, row.cost_nusd) for row in rows] == [
        ("2026-01-01", 1, 1_000),
        ("2026-01-02", 2, 1_500),
    ]


def test_sum_when_grouped_then_every_figure_is_added(
    database: Database, a_record: RecordMaker
) -> None:
    write(
        database,
        a_record(1, tokens=Tokens(1, 1, 2, 2)),
        a_record(2, tokens=Tokens(10, 5, 20, 7), outcome=Outcome.CANCELLED),
        a_record(3, tokens=Tokens(), outcome=Outcome.REFUSED, cost=0),
        a_record(4, tokens=Tokens(100), outcome=Outcome.FAILED),
    )
    assert report(database, GroupBy.MODEL) == [
        UsageRow(
            group="weft/tiny",
            requests=4,
            errors=2,
            input_tokens=111,
            cached_input_tokens=6,
            output_tokens=22,
            reasoning_tokens=9,
            cost_nusd=3_000,
        )
    ]


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        (GroupBy.MODEL, ["b", "a"]),
        (GroupBy.PROJECT, ["prj_a"]),
        (GroupBy.KEY, ["key_k"]),
        (GroupBy.USER, ["usr_ada", "usr_bob"]),
        (GroupBy.TEAM, ["team_t"]),
    ],
)
def test_sum_when_by_anything_else_then_the_dearest_comes_first(
    database: Database, a_record: RecordMaker, by: GroupBy, groups: list[str]
) -> None:
    write(
        database,
        a_record(1, model="a", cost=1),
        a_record(2, model="b", cost=9),
        a_record(3, model="a", user="usr_bob", cost=1),
    )
    assert [row.group for row in report(database, by)] == groups


def test_sum_when_by_model_then_names_that_clients_made_up_are_one_group(
    database: Database, a_record: RecordMaker
) -> None:
    refused = [
        msgspec.structs.replace(
            a_record(number, model=name, outcome=Outcome.REFUSED, cost=0), error_code=code
        )
        for number, (name, code) in enumerate(
            [
                ("nope", "model_not_found"),
                ("x" * 256, "model_not_found"),
                ("", "invalid_json"),
                ("weft/tiny", "overloaded"),
            ],
            start=2,
        )
    ]
    write(database, a_record(1), *refused)
    rows = report(database, GroupBy.MODEL)
    assert [(row.group, row.requests) for row in rows] == [("weft/tiny", 2), ("(unknown)", 3)]
    named = report(database, GroupBy.MODEL, UsageFilter(model_id="nope"))
    assert [(row.group, row.requests) for row in named] == [("(unknown)", 1)]


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        (UsageFilter(), [1, 2, 4]),
        (UsageFilter(since=datetime(2026, 1, 2, tzinfo=UTC)), [2, 4]),
        (UsageFilter(until=datetime(2026, 1, 2, tzinfo=UTC)), [1]),
        (UsageFilter(model_id="b"), [2]),
        (UsageFilter(user_id="usr_bob"), [4]),
        (UsageFilter(project_id="prj_b"), [4]),
        (UsageFilter(project_id="prj_b", model_id="b"), []),
        (UsageFilter(team_id="team_t", key_id="key_k"), [1, 2, 4]),
        (UsageFilter(team_id="team_x"), []),
        (UsageFilter(key_id="key_x"), []),
    ],
)
def test_sum_when_filtered_then_only_those_records_count(
    database: Database, a_record: RecordMaker, chosen: UsageFilter, numbers: list[int]
) -> None:
    write(
        database,
        a_record(1, cost=1, model="a"),
        a_record(2, cost=2, model="b", day=1),
        a_record(4, cost=4, model="a", day=2, user="usr_bob", project="prj_b"),
    )
    assert sum(row.cost_nusd for row in report(database, GroupBy.DAY, chosen)) == sum(numbers)


def test_sum_when_there_are_more_groups_than_the_bound_then_the_dearest_stay(
    database: Database, a_record: RecordMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAX_GROUPS", 2)
    write(database, *(a_record(number, model=f"m{number}", cost=number) for number in (1, 2, 3)))
    assert [row.group for row in report(database, GroupBy.MODEL)] == ["m3", "m2"]
