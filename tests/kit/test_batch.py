import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from databases import PostgresServer
from weft.kit.batch import GroupCommit
from weft.kit.db import Database


@pytest.fixture
def database(database: Database) -> Database:
    with database.write() as connection:
        connection.execute(text("CREATE TABLE item (id INTEGER PRIMARY KEY)"))
    return database


@pytest.fixture
async def writer(database: Database) -> AsyncIterator[GroupCommit]:
    writer = GroupCommit(database)
    yield writer
    await writer.close()


def insert(connection: Connection, ids: Sequence[Any]) -> None:
    connection.execute(text("INSERT INTO item (id) VALUES (:id)"), [{"id": i} for i in ids])


def stored(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.execute(text("SELECT id FROM item ORDER BY id")).scalars())


async def test_submit_when_awaited_then_another_connection_sees_it(
    database: Database, writer: GroupCommit
) -> None:
    await writer.submit(insert, 1)
    assert stored(database) == [1]


async def test_submit_when_many_at_once_then_all_are_written(
    database: Database, writer: GroupCommit
) -> None:
    await asyncio.gather(*(writer.submit(insert, i) for i in range(500)))
    assert stored(database) == list(range(500))
    assert writer.backlog == 0


async def test_submit_when_one_row_is_bad_then_its_neighbours_are_written(
    database: Database, writer: GroupCommit
) -> None:
    futures = [writer.submit(insert, i) for i in (1, 2, 2, 3)]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [
        type(None),
        type(None),
        IntegrityError,
        type(None),
    ]
    assert stored(database) == [1, 2, 3]


async def test_submit_when_the_waiter_is_cancelled_then_the_write_stands(
    database: Database, writer: GroupCommit
) -> None:
    writer.submit(insert, 1).cancel()
    await writer.submit(insert, 2)
    assert stored(database) == [1, 2]


async def test_close_when_writes_are_queued_then_they_are_written_first(database: Database) -> None:
    writer = GroupCommit(database)
    futures = [writer.submit(insert, i) for i in range(50)]
    await writer.close()
    await asyncio.gather(*futures)
    assert stored(database) == list(range(50))
    with pytest.raises(RuntimeError, match="closed"):
        writer.submit(insert, 99)


async def test_submit_when_the_server_was_restarted_then_the_writer_goes_on(
    postgres: PostgresServer, postgres_url: str
) -> None:
    database = Database(postgres_url)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE item (id INTEGER PRIMARY KEY)"))
    writer = GroupCommit(database)
    await writer.submit(insert, 1)
    assert await asyncio.to_thread(postgres.kill_backends, str(database.engine.url.database))
    await writer.submit(insert, 2)
    assert await asyncio.to_thread(postgres.kill_backends, str(database.engine.url.database))
    await asyncio.gather(*(writer.submit(insert, n, durable=n % 2 == 0) for n in range(3, 9)))
    assert stored(database) == list(range(1, 9))
    await writer.close()
    database.close()
