"""Calls are kept for so many days; removed projects leave nothing behind, in whatever table."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, func, insert, inspect, select

from traces.calls_admin.conftest import Place
from traces.calls_admin.setting import NOON_US, call, fresh_project, write
from traces.calls_admin.test_change import count
from traces.calls_admin.test_counting import plain_sums, rollups
from traces.stores import end_of
from weft.identity.projects.removed import removed_projects
from weft.identity.teams import remove_project
from weft.identity.types import ProjectId
from weft.kit.clock import from_us
from weft.kit.db import Database
from weft.traces.calls.parts import CallPart, WriteCalls
from weft.traces.calls.write import INLINE_BYTES, CallWriter
from weft.traces.projects import ProjectKeys
from weft.traces.retention.cleaner import DAY_US, Cleaned, Cleaner
from weft.traces.retention.expire import expire_calls
from weft.traces.retention.purge import COLUMN, PREFIX, tables_of_projects
from weft.traces.schema import BLOB, CALL, ORPHAN, PAYLOAD
from weft.traces.store import TraceStore
from weft.traces.writing.ops import Kinds
from weft.traces.writing.spool import Spool
from weft.traces.writing.writer import TraceWriter

WITHOUT = {"trace_project", "trace_payload"}
"""Tables of traces that name no project: that of projects, and texts, which go with their calls."""


def old(id_: str, days: int) -> CallPart:
    start = NOON_US - days * DAY_US
    large = '"' + id_ * INLINE_BYTES + '"'
    return call(id_, started_at_us=start, ended_at_us=start + 5, output=large, usage={"m": (1, 2)})


def ids(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.execute(select(CALL.c.id)).scalars())


def test_expiry_when_calls_are_old_then_the_oldest_go_with_all_they_had(
    database: Database,
) -> None:
    calls = [old(str(n), n) for n in range(5)]
    project = write(database, fresh_project(), calls)
    write(database, fresh_project(), [old("other", 9)])
    before_us = NOON_US - DAY_US
    with database.write() as connection:
        assert expire_calls(connection, project, before_us, 2) == 2
    assert ids(database) == {"0", "1", "2", "other"}
    with database.write() as connection:
        assert expire_calls(connection, project, before_us, 100) == 1
    assert rollups(database, project) == plain_sums({part.id: part for part in calls[:2]})
    assert count(database, BLOB) == count(database, PAYLOAD) == 3


async def test_pass_when_a_project_says_days_then_calls_and_lone_ends_go(place: Place) -> None:
    store = place.traces.store
    await place.traces.cleaner.close()  # passes are made by hand
    await place.write(old("old", 10), old("young", 1), end_of(call("lone")))
    answer = await place.told("/project/ttl_settings/update", {"retention_days": 30})
    assert answer == {"retention_days": 30}
    place.house.clock.moment = place.house.clock.moment.replace(year=2026, month=9, day=22)
    assert (await place.traces.cleaner.clean()).is_nothing
    await place.told("/project/ttl_settings/update", {"retention_days": 5})
    assert (await place.traces.cleaner.clean()).calls == 1
    assert ids(store.database) == {"young"}
    place.house.clock.moment += timedelta(days=36_000)
    cleaned = await place.traces.cleaner.clean()
    assert (cleaned.calls, cleaned.orphans) == (1, 1)
    assert count(store.database, ORPHAN) == 0


@pytest.mark.parametrize(
    ("who", "days", "status"),
    [("ada", 0, 400), ("ada", 36_501, 400), ("bob", 3, 403), ("eve", 3, 403), ("ada", None, 200)],
)
async def test_days_when_not_fit_or_not_allowed_then_refused(
    place: Place, who: str, days: int | None, status: int
) -> None:
    body = {"retention_days": days}
    assert (await place.post("/project/ttl_settings/update", body, who)).status_code == status
    assert await place.told("/project/ttl_settings/read", {}, who) == {"retention_days": None}


def test_tables_when_looked_for_then_all_that_name_a_project(database: Database) -> None:
    with database.read() as connection:
        found = {table.name for table in tables_of_projects(connection)}
        ours = {n for n in inspect(connection).get_table_names() if n.startswith(PREFIX)}
    assert ours - found - {"trace_call"} == WITHOUT


def fill(connection: Connection, table: Table, project: int) -> None:
    """A row of nonsense in any table."""
    values: dict[str, Any] = {}
    for column in table.columns:
        kind = column.type.python_type
        values[column.name] = b"x" if kind is bytes else kind(7 + project)
        if column.name.endswith("_at_us"):
            values[column.name] = NOON_US
    connection.execute(insert(table).values(**values | {COLUMN: project}))


async def test_pass_when_a_project_was_removed_then_no_table_has_anything_of_it(
    database: Database, tmp_path: Path
) -> None:
    gone_id, kept_id = fresh_project(), fresh_project()
    gone = write(database, gone_id, [old("a", 1), old("b", 2)], [end_of(call("lone"))])
    kept = write(database, kept_id, [old("a", 1)])
    with database.write() as connection:
        tables = tables_of_projects(connection)
        for table in tables:
            for project in (gone, kept):
                fill(connection, table, project)

    async def removed(_ids: Sequence[str]) -> set[str]:
        return {gone_id}

    kinds = Kinds({WriteCalls: CallWriter(ProjectKeys()).apply})
    writer = TraceWriter(database, kinds, Spool(tmp_path / "spool", 1000))
    try:
        cleaner = Cleaner(
            TraceStore(database, writer, ProjectKeys()), removed, _Noon(), server_days=0
        )
        cleaned = await cleaner.clean()
    finally:
        await writer.close()
    assert cleaned.rows > 2 + len(tables)
    with database.read() as connection:
        for table in (*tables, CALL):
            left = select(table.c[COLUMN], func.count()).group_by(table.c[COLUMN])
            assert [row[0] for row in connection.execute(left)] == [kept], table.name
    assert count(database, PAYLOAD) == 1


class _Noon:
    """A clock that stands at noon."""

    def now(self) -> Any:
        return from_us(NOON_US)

    def monotonic_s(self) -> float:
        return 0.0


async def test_pass_when_woken_after_a_removal_then_rows_go(place: Place) -> None:
    await place.write(call("a"))
    with place.house.database.write() as connection:
        remove_project(connection, ProjectId(place.project_id), place.house.clock.now())
        assert removed_projects(connection, [place.project_id, "no"]) == {place.project_id}
    answer = await place.post("/calls/usage", {"call_ids": ["a"]})
    assert answer.status_code == 404
    async with asyncio.timeout(50):
        while ids(place.traces.store.database):
            place.traces.cleaner.wake()
            await asyncio.sleep(0.02)
    await place.traces.cleaner.close()
    await place.traces.cleaner.clean()
    assert await place.traces.cleaner.clean() == Cleaned()
