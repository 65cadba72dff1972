"""Calls in ClickHouse are kept for so many days too; removed projects leave nothing behind there."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from traces.calls.test_reading import AT, call, ids, send, write
from traces.doors import OURS, Door
from weft.app.traces.place import CallPlace
from weft.identity.teams import remove_project
from weft.identity.types import ProjectId
from weft.kit.db import Database
from weft.traces.feedback.schema import FEEDBACK
from weft.traces.retention.apart import CallsApart, expire_apart
from weft.traces.retention.days import set_days
from weft.traces.schema import ORPHAN
from weft.traces.types import ProjectKey

pytest.importorskip("chdb")


def apart(door: Door) -> CallsApart:
    place: CallPlace = door.traces.place
    assert place.apart is not None
    return place.apart


def left(door: Door, project: str = OURS) -> list[str]:
    """The ids of all that was ever written and is there still."""
    with door.house.database.read() as connection:
        key = door.traces.store.keys.find(connection, door.projects[project])
    assert key is not None
    return [one.id for one in apart(door).oldest(key, None, 1000)]


def count(database: Database, table: Any) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


async def test_calls_go_when_they_are_too_old(door: Door) -> None:
    await door.traces.cleaner.close()  # passes are made by hand
    store = door.traces.store
    await write(door, call(1), call(2), call(3, started_at="2026-11-09T00:00:00Z"))
    await write(door, call(1, output="again"))
    await door.get("/calls/delete", {"project_id": OURS, "call_ids": ["c2"]})
    start = {name: value for name, value in call(4).items() if name not in {"ended_at", "output"}}
    await send(door, "/call/start", json.dumps({"start": start}))
    for number in (1, 3):
        ref = f"weave:///{OURS}/call/c{number}"
        said: dict[str, Any] = {"project_id": OURS, "weave_ref": ref, "feedback_type": "x"}
        said["payload"] = {"note": "n"}
        await door.get("/feedback/create", said)
    door.house.clock.moment = door.house.clock.moment.replace(year=2026, month=11, day=10)
    assert (await door.traces.cleaner.clean()).calls == 0
    assert await door.get("/project/ttl_settings/read", {"project_id": OURS}) == {
        "retention_days": None
    }
    await store.change(door.projects[OURS], lambda c, project: set_days(c, project, 3))
    assert (await door.traces.cleaner.clean()).calls == 2
    assert (await ids(door), left(door)) == (["c3"], ["c3"])
    assert (count(store.database, FEEDBACK), count(store.database, ORPHAN)) == (1, 0)
    await write(door, call(1))  # a call that was sent again only now
    assert await ids(door) == ["c1", "c3"]
    assert (await door.traces.cleaner.clean()).calls == 1


async def test_calls_of_one_moment_go_a_few_at_a_time(door: Door) -> None:
    await door.traces.cleaner.close()
    same = AT.format(0, 0)
    await write(door, *(call(number, started_at=same) for number in range(5)))
    store = door.traces.store
    with store.database.read() as connection:
        key = store.keys.find(connection, door.projects[OURS])
    before_us = int((door.house.clock.moment + timedelta(days=3650)).timestamp()) * 1_000_000
    assert key is not None
    assert await expire_apart(apart(door), store, ProjectKey(key + 1), before_us) == 0
    assert await expire_apart(apart(door), store, key, before_us, piece=2) == 5
    assert left(door) == []


async def test_calls_go_with_their_project(door: Door) -> None:
    await door.traces.cleaner.close()
    await write(door, call(1), call(2))
    with door.house.database.write() as connection:
        remove_project(connection, ProjectId(door.projects[OURS]), door.house.clock.now())
    assert (await door.traces.cleaner.clean()).rows >= 2
    assert left(door) == []
    assert (await door.traces.cleaner.clean()).rows == 0
