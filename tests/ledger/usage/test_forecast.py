"""What a month will come to."""

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from weft.kit.db import Database
from weft.ledger.types import UsageRecord
from weft.ledger.usage.forecast import CONFIDENCE, Forecast, forecast_usage, margin
from weft.ledger.usage.report import UsageFilter
from weft.ledger.usage.store import insert_usage

RecordMaker = Callable[..., UsageRecord]


def forecast(
    database: Database, now: datetime, *records: UsageRecord, chosen: UsageFilter | None = None
) -> Forecast:
    with database.write() as connection:
        insert_usage(connection, records)
    with database.read() as connection:
        return forecast_usage(connection, [chosen or UsageFilter()], now)


def moment(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_forecast_when_use_is_steady_then_the_month_comes_to_its_days(
    database: Database, a_record: RecordMaker
) -> None:
    daily = [a_record(day, day=day, cost=1_000) for day in range(59)]
    found = forecast(database, moment(1, 21), *daily)
    assert (found.month, found.since, found.until) == ("2026-01", moment(1, 1), moment(2, 1))
    assert (found.so_far.requests, found.so_far.cost_nusd) == (20, 20_000)
    assert (found.expected.requests, found.expected.cost_nusd) == (31, 31_000)
    assert found.expected.input_tokens == 3_100
    assert found.low == found.high == found.expected, "days that are all the same leave no doubt"


def test_forecast_when_the_last_week_was_busier_then_it_counts_for_half(
    database: Database, a_record: RecordMaker
) -> None:
    records = [a_record(day, day=day, cost=3_000 if day >= 14 else 0) for day in range(21)]
    found = forecast(database, moment(1, 22), *records)
    # 1,000 a day over the month so far, 3,000 over the last week: 2,000 a day for the ten days that are left.
    assert (found.so_far.cost_nusd, found.expected.cost_nusd) == (21_000, 41_000)


@pytest.mark.parametrize("hour", [0, 6])
def test_forecast_when_it_is_the_first_of_the_month_then_the_last_week_is_asked(
    database: Database, a_record: RecordMaker, hour: int
) -> None:
    daily = [a_record(day, day=day, cost=1_000) for day in range(31)]
    found = forecast(database, moment(2, 1, hour), *daily)
    assert found.so_far.cost_nusd == 0
    assert found.expected.cost_nusd == pytest.approx(28_000, rel=0.05)


def test_forecast_when_there_was_no_usage_then_it_is_nothing(database: Database) -> None:
    found = forecast(database, moment(3, 1))
    assert (found.so_far.requests, found.expected.requests, found.expected.cost_nusd) == (0, 0, 0)


def test_forecast_when_the_first_request_was_just_now_then_it_is_one_days_work(
    database: Database, a_record: RecordMaker
) -> None:
    found = forecast(database, moment(1, 2, 1), a_record(1, day=1, cost=1_000))
    assert found.so_far.cost_nusd == 1_000
    assert found.expected.cost_nusd == 1_000 + round(1_000 * (30 - 1 / 24))


def test_forecast_when_filtered_then_only_that_counts(
    database: Database, a_record: RecordMaker
) -> None:
    found = forecast(
        database,
        moment(1, 31),
        a_record(1, team="a", cost=5),
        a_record(2, team="b", cost=7),
        chosen=UsageFilter(team_id="a", since=moment(1, 30)),
    )
    assert found.so_far.cost_nusd == 5, "its own span is left aside"


def test_forecast_when_it_is_december_then_the_month_ends_with_the_year(database: Database) -> None:
    assert forecast(database, moment(12, 31, 23)).until == datetime(2027, 1, 1, tzinfo=UTC)


def test_range_when_days_differ_then_lies_around_what_is_expected_and_above_what_was(
    database: Database, a_record: RecordMaker
) -> None:
    records = [a_record(day, day=day, cost=3_000 if day % 2 else 2_000) for day in range(27)]
    found = forecast(database, moment(1, 28), *records)
    assert found.low is not None
    assert found.high is not None
    cost = found.expected.cost_nusd
    assert found.so_far.cost_nusd < found.low.cost_nusd < cost < found.high.cost_nusd
    assert found.high.cost_nusd - cost == cost - found.low.cost_nusd
    assert found.high.requests == found.expected.requests, "there was one each day"


def test_range_when_two_days_are_all_there_is_then_is_not_told(
    database: Database, a_record: RecordMaker
) -> None:
    found = forecast(database, moment(1, 3), *(a_record(day, day=day) for day in range(2)))
    assert (found.low, found.high) == (None, None)


@pytest.mark.parametrize("left_days", [1, 10, 25])
def test_margin_when_days_are_alike_then_holds_as_often_as_it_says(left_days: int) -> None:
    rnd = random.Random(left_days)

    def day() -> int:
        return round(rnd.lognormvariate(10, 0.5) * 1_000)

    def holds() -> bool:
        days = [day() for _ in range(7)]
        off = margin(days, left_days * 86_400_000_000)
        assert off is not None
        to_come = sum(day() for _ in range(left_days))
        return abs(to_come - left_days * sum(days) / 7) <= off

    share = sum(holds() for _ in range(2_000)) / 2_000
    assert share == pytest.approx(CONFIDENCE, abs=0.05)
