"""The usage log on the group commit that the server uses."""

import asyncio
from collections.abc import AsyncIterator, Callable
from sqlite3 import IntegrityError

import pytest

from weft.kit.batch import GroupCommit
from weft.kit.db import Database
from weft.ledger.types import UsageRecord
from weft.ledger.usage.log import UsageLog
from weft.ledger.usage.report import GroupBy, UsageFilter
from weft.ledger.usage.store import find_usage, sum_usage

RecordMaker = Callable[..., UsageRecord]


@pytest.fixture
async def log(database: Database) -> AsyncIterator[UsageLog]:
    writer = GroupCommit(database)
    yield UsageLog(writer)
    await writer.close()


async def test_record_when_awaited_then_it_is_stored(
    database: Database, log: UsageLog, a_record: RecordMaker
) -> None:
    await log.record(a_record())
    with database.read() as connection:
        assert find_usage(connection, a_record().id) == a_record()


async def test_record_when_one_of_a_group_was_recorded_before_then_only_it_fails(
    database: Database, log: UsageLog, a_record: RecordMaker
) -> None:
    await log.record(a_record(0, cost=1))
    again = [log.record(a_record(number, cost=1)) for number in range(1000)]
    outcomes = await asyncio.gather(*again, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [IntegrityError] + [type(None)] * 999
    with database.read() as connection:
        [row] = sum_usage(connection, GroupBy.DAY, UsageFilter())
    assert (row.requests, row.cost_nusd) == (1000, 1000)
