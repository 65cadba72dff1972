"""CSV for finance: month by month, and never more than a month in memory."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from weft.kit.db import Database
from weft.ledger.types import UsageRecord
from weft.ledger.usage.export import csv_months, csv_report
from weft.ledger.usage.report import GroupBy, UsageFilter, UsageRow
from weft.ledger.usage.store import insert_usage

RecordMaker = Callable[..., UsageRecord]


async def pieces(database: Database, *filters: UsageFilter) -> list[str]:
    now = datetime(2026, 4, 2, tzinfo=UTC)
    return [piece async for piece in csv_months(database, filters, now)]


async def test_months_when_exported_then_a_piece_is_a_month(
    database: Database, a_record: RecordMaker
) -> None:
    with database.write() as connection:
        insert_usage(connection, [a_record(n, day=n, cost=n) for n in range(70)])
    header, *months = await pieces(database, UsageFilter())
    assert header.startswith("month,team_id,team,project_id,project,model,requests")
    assert [month.count("\r\n") for month in months] == [1, 1, 1, 0], "January to April"
    assert [month.split(",")[0] for month in months] == ["2026-01", "2026-02", "2026-03", ""]
    costs = [int(month.split(",")[-2]) for month in months[:3]]
    assert sum(costs) == sum(range(70))


async def test_months_when_the_span_ends_within_a_month_then_only_that_part_counts(
    database: Database, a_record: RecordMaker
) -> None:
    with database.write() as connection:
        insert_usage(connection, [a_record(n, day=n) for n in range(70)])
    since, until = datetime(2026, 1, 30, tzinfo=UTC), datetime(2026, 2, 3, tzinfo=UTC)
    _, *months = await pieces(database, UsageFilter(since=since, until=until))
    assert [month.split(",")[6] for month in months] == ["2", "2"]


@pytest.mark.parametrize("filters", [[], [UsageFilter()]])
async def test_months_when_there_is_nothing_then_the_header_alone(
    database: Database, filters: list[UsageFilter]
) -> None:
    assert "".join(await pieces(database, *filters)).count("\r\n") == 1


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_csv_when_a_name_looks_like_a_formula_then_it_stays_text(name: str) -> None:
    _, line = csv_report([UsageRow("k")], GroupBy.KEY, None, {(GroupBy.KEY, "k"): name})
    assert line.startswith(f"k,'{name}")


def test_csv_when_a_name_has_commas_and_quotes_then_it_is_quoted() -> None:
    _, line = csv_report([UsageRow("k")], GroupBy.KEY, None, {(GroupBy.KEY, "k"): 'a,"b"'})
    assert line.startswith('k,"a,""b""",0')
