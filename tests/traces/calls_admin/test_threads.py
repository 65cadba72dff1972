"""Threads and their turns."""

import json
from typing import Any

import pytest

from traces.calls_admin.conftest import Place
from traces.calls_admin.setting import NOON_US, call, fresh_project, write
from weft.kit.db import Database
from weft.kit.errors import InvalidRequest
from weft.traces.calls.parts import CallPart
from weft.traces.threads.read import Sort, Thread, Wanted, read_threads
from weft.traces.types import ProjectKey

SECOND = 1_000_000


def turn(thread: str, id_: str, at_s: int, length_s: int | None) -> CallPart:
    start = NOON_US + at_s * SECOND
    end = None if length_s is None else start + length_s * SECOND
    return call(id_, thread_id=thread, turn_id=id_, started_at_us=start, ended_at_us=end)


@pytest.fixture
def project(database: Database) -> ProjectKey:
    return write(
        database,
        fresh_project(),
        [
            turn("red", "r1", 0, 1),
            turn("red", "r2", 10, 3),
            turn("red", "r3", 20, 2),
            turn("blue", "b1", 5, 30),
            turn("blue", "b2", 6, 1),
            turn("grey", "g1", 50, None),
            call("inner", "r1", thread_id="red", turn_id="r1"),
            call("lone"),
        ],
    )


def found(database: Database, project: ProjectKey, **wanted: Any) -> list[Thread]:
    with database.read() as connection:
        return read_threads(connection, project, Wanted(**wanted))


def test_threads_when_read_then_told_by_their_turns(
    database: Database, project: ProjectKey
) -> None:
    threads = found(database, project)
    assert threads[2] == Thread(
        thread_id="red",
        turn_count=3,
        started_at_us=NOON_US,
        updated_at_us=NOON_US + 22 * SECOND,
        first_turn_id="r1",
        last_turn_id="r3",
        p50_us=2 * SECOND,
        p99_us=3 * SECOND,
    )
    assert [thread.thread_id for thread in threads] == ["grey", "blue", "red"]
    assert (threads[1].first_turn_id, threads[1].last_turn_id) == ("b1", "b1")
    assert threads[0].p50_us is None


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({"thread_ids": ["red", "none"]}, ["red"]),
        ({"after_us": NOON_US}, ["grey", "blue"]),
        ({"before_us": NOON_US + 50 * SECOND}, ["blue", "red"]),
        ({"sorts": [Sort("turn_count", is_descending=True)]}, ["red", "blue", "grey"]),
        ({"sorts": [Sort("p50_turn_duration_ms", is_descending=False)]}, ["grey", "blue", "red"]),
        ({"sorts": [Sort("p99_turn_duration_ms", is_descending=True)]}, ["blue", "red", "grey"]),
        ({"limit": 1, "offset": 1}, ["blue"]),
        ({"thread_ids": []}, []),
    ],
)
def test_threads_when_narrowed_or_sorted_then_those(
    database: Database, project: ProjectKey, wanted: dict[str, Any], ids: list[str]
) -> None:
    assert [thread.thread_id for thread in found(database, project, **wanted)] == ids


def test_threads_when_sorted_by_what_they_have_not_then_refused(
    database: Database, project: ProjectKey
) -> None:
    with pytest.raises(InvalidRequest):
        found(database, project, sorts=[Sort("colour", is_descending=True)])


async def test_route_when_asked_then_a_thread_a_line(place: Place) -> None:
    assert (await place.post("/threads/stream_query", {})).text == ""
    await place.write(turn("red", "r1", 0, 1), turn("blue", "b1", 5, 1))
    body = {"sort_by": [{"field": "start_time", "direction": "asc"}], "limit": 5}
    answer = await place.post("/threads/stream_query", body, "eve")
    first, second = (json.loads(line) for line in answer.text.splitlines())
    assert (first["thread_id"], second["thread_id"]) == ("red", "blue")
    assert first["p50_turn_duration_ms"] == 1000
    assert set(first) == {
        "thread_id",
        "turn_count",
        "start_time",
        "last_updated",
        "first_turn_id",
        "last_turn_id",
        "p50_turn_duration_ms",
        "p99_turn_duration_ms",
    }
