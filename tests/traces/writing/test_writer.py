"""The writer: durable when it says so, also while the database is away; nothing lost, nothing doubled."""

import asyncio
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from traces.stores import PROJECT, call, end_of, start_of, trace_store
from weft.app.storage import TRACE_MIGRATIONS
from weft.kit.db import Database
from weft.kit.migrations import migrate
from weft.traces.calls.parts import CallPart, WriteCalls
from weft.traces.schema import CALL, ROLLUP
from weft.traces.store import TraceStore
from weft.traces.writing import writer as writing
from weft.traces.writing.spool import SpoolFull
from weft.traces.writing.writer import StoreAway

PATIENCE_S = 20.0


@pytest.fixture
def on_file(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "traces.db")
    migrate(database, TRACE_MIGRATIONS)
    yield database
    database.close()


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds in a server takes moments here."""
    monkeypatch.setattr(writing, "PATIENCE_S", 0.2)
    monkeypatch.setattr(writing, "RETRY_EVERY_S", 0.02)


@contextmanager
def frozen(database: Database) -> Generator[None]:
    """Somebody else holds the database's write lock."""
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def count(database: Database) -> tuple[int, int]:
    """Calls that there are, and calls that the sums count."""
    with database.read() as connection:
        calls = connection.execute(select(func.count()).select_from(CALL)).scalar_one()
        summed = connection.execute(select(func.coalesce(func.sum(ROLLUP.c.calls), 0))).scalar_one()
        return int(calls), int(summed)


def calls_op(*parts: CallPart) -> WriteCalls:
    return WriteCalls(PROJECT, list(parts))


async def until_written(store: TraceStore) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while store.writer.backlog.is_away or store.writer.backlog.operations:
            await asyncio.sleep(0.02)


async def test_write_when_the_database_is_there_then_is_in_it(
    database: Database, tmp_path: Path
) -> None:
    async with trace_store(database, tmp_path) as store:
        await store.writer.write(calls_op(call(), call()))
        assert count(database) == (2, 2)
        assert store.writer.backlog == writing.Backlog(False, 0, 0, 0)


async def test_write_when_the_database_is_frozen_then_is_accepted_and_written_once_it_thaws(
    on_file: Database, tmp_path: Path
) -> None:
    async with trace_store(on_file, tmp_path) as store:
        with frozen(on_file):
            await asyncio.gather(*[store.writer.write(calls_op(call())) for _ in range(50)])
            assert store.writer.backlog.is_away
            assert store.writer.backlog.operations >= 50
            with pytest.raises(StoreAway):
                await store.change(PROJECT, lambda _c, _key: None)
        await until_written(store)
        assert count(on_file) == (50, 50)
        await store.writer.write(calls_op(call()))
        assert count(on_file) == (51, 51)


async def test_write_when_starts_and_ends_meet_a_freeze_then_calls_are_whole(
    on_file: Database, tmp_path: Path
) -> None:
    parts = [call() for _ in range(20)]
    async with trace_store(on_file, tmp_path) as store:
        for part in parts[:10]:
            await store.writer.write(calls_op(start_of(part)))
        with frozen(on_file):
            await asyncio.gather(*[store.writer.write(calls_op(end_of(part))) for part in parts])
        for part in parts[10:]:
            await store.writer.write(calls_op(start_of(part)))
        await until_written(store)
        assert count(on_file) == (20, 20)
        with on_file.read() as connection:
            running = connection.execute(select(CALL.c.id).where(CALL.c.ended_at_us.is_(None)))
            assert list(running) == []


async def test_spool_when_the_server_died_with_it_then_the_next_start_writes_it(
    on_file: Database, tmp_path: Path
) -> None:
    async with trace_store(on_file, tmp_path) as store:
        with frozen(on_file):
            await store.writer.write(calls_op(call(id="kept")))
            store.writer._replay.cancel()  # pyright: ignore[reportOptionalMemberAccess, reportPrivateUsage] - the process ends here
    async with trace_store(on_file, tmp_path) as again:
        await until_written(again)
        assert count(on_file) == (1, 1)


async def test_offer_when_the_database_is_frozen_then_returns_at_once_and_nothing_is_lost(
    on_file: Database, tmp_path: Path
) -> None:
    loop = asyncio.get_running_loop()
    async with trace_store(on_file, tmp_path) as store:
        with frozen(on_file):
            before = loop.time()
            for _ in range(200):
                store.writer.offer(calls_op(call()))
            assert loop.time() - before < 0.2  # it only makes tasks
            await asyncio.sleep(0.5)
            assert store.writer.backlog.lost == 0
        await until_written(store)
        assert count(on_file) == (200, 200)


async def test_spool_when_full_then_writes_are_refused_and_offers_are_counted(
    on_file: Database, tmp_path: Path
) -> None:
    async with trace_store(on_file, tmp_path, spool_bytes=2000) as store:
        with frozen(on_file):
            await store.writer.write(calls_op(call()))
            with pytest.raises(SpoolFull):
                await store.writer.write(calls_op(call(inputs='{"x":"%s"}' % ("y" * 3000))))
            store.writer.offer(calls_op(call(inputs='{"x":"%s"}' % ("y" * 3000))))
            async with asyncio.timeout(PATIENCE_S):
                while not store.writer.backlog.lost:
                    await asyncio.sleep(0.01)
        await until_written(store)


async def test_write_when_an_operation_is_no_good_then_its_neighbours_are_written(
    database: Database, tmp_path: Path
) -> None:
    async with trace_store(database, tmp_path) as store:
        bad = calls_op(call(started_at_us=1 << 70))
        good = [calls_op(call()) for _ in range(5)]
        done = await asyncio.gather(
            *[store.writer.write(op) for op in (*good, bad)], return_exceptions=True
        )
        assert [one for one in done[:5] if one is not None] == []
        assert isinstance(done[5], Exception)
        await until_written(store)  # a slow machine's database may be taken to be away
        assert count(database) == (5, 5)
