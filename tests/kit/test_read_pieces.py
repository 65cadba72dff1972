import asyncio
from collections.abc import Iterator

from sqlalchemy import Connection, text

from weft.kit.db import Database


async def test_pieces_when_taken_then_come_from_one_snapshot(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("CREATE TABLE shelf (n INTEGER)"))
        connection.execute(text("INSERT INTO shelf VALUES (1)"))

    def work(connection: Connection) -> Iterator[int]:
        for _ in range(2):
            yield connection.execute(text("SELECT count(*) FROM shelf")).scalar_one()

    counts: list[int] = []
    async for count in database.read_pieces(work):
        counts.append(count)
        with database.write() as connection:
            connection.execute(text("INSERT INTO shelf VALUES (2)"))
    assert counts == [1, 1]


async def test_pieces_when_closed_early_then_the_connection_is_given_back(
    database: Database,
) -> None:
    ended: list[bool] = []

    def work(_connection: Connection) -> Iterator[int]:
        try:
            yield from range(10)
        finally:
            ended.append(True)

    for _ in range(20):  # more than there are connections
        pieces = database.read_pieces(work)
        assert await anext(pieces) == 0
        await pieces.aclose()
    assert len(ended) == 20


async def test_pieces_when_cancelled_while_one_is_made_then_the_work_ends(
    database: Database,
) -> None:
    began, ended = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def work(connection: Connection) -> Iterator[int]:
        try:
            loop.call_soon_threadsafe(began.set)
            yield connection.execute(text("SELECT 1")).scalar_one()
            yield 2
        finally:
            loop.call_soon_threadsafe(ended.set)

    async def take() -> None:
        async for _ in database.read_pieces(work):
            await asyncio.sleep(60)

    task = asyncio.create_task(take())
    await began.wait()
    task.cancel()
    await asyncio.wait([task], timeout=10)
    await asyncio.wait_for(ended.wait(), 10)
