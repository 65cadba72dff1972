"""A PostgreSQL server that is gone for a while takes nothing with it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from databases import PostgresServer, throwaway_postgres
from traces.stores import PROJECT, call, trace_store
from weft.app.storage import TRACE_MIGRATIONS
from weft.kit.db import Database
from weft.kit.migrations import migrate
from weft.traces.calls.parts import WriteCalls
from weft.traces.schema import CALL, ROLLUP
from weft.traces.writing import writer as writing
from weft.traces.writing.writer import StoreAway

PATIENCE_S = 60.0


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """One of our own: it is stopped in the middle."""
    with throwaway_postgres() as server:
        yield server


async def test_write_when_postgresql_is_stopped_for_a_while_then_nothing_is_lost_or_doubled(
    server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "RETRY_EVERY_S", 0.05)
    database = Database(server.url(server.create()))
    migrate(database, TRACE_MIGRATIONS)
    async with trace_store(database, tmp_path) as store:
        written = 0

        async def write(batches: int) -> int:
            ops = [WriteCalls(PROJECT, [call() for _ in range(100)]) for _ in range(batches)]
            await asyncio.gather(*[store.writer.write(op) for op in ops])
            return 100 * batches

        written += await write(5)
        await asyncio.to_thread(server.kill)
        written += await write(45)
        assert store.writer.backlog.is_away
        with pytest.raises(StoreAway):
            await store.change(PROJECT, lambda _c, _key: None)
        await asyncio.to_thread(server.start)
        written += await write(5)
        async with asyncio.timeout(PATIENCE_S):
            while store.writer.backlog.is_away or store.writer.backlog.operations:
                await asyncio.sleep(0.05)
        with database.read() as connection:
            calls = connection.execute(select(func.count()).select_from(CALL)).scalar_one()
            summed = connection.execute(select(func.sum(ROLLUP.c.calls))).scalar_one()
        assert (calls, summed, store.writer.backlog.lost) == (written, written, 0)
    database.close()
