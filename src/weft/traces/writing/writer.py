"""The one way into the trace database: group commit while it answers, a spool on disk while it does not.

`write` is for callers who wait for an answer: accepted means durable, in the database or in the spool. `offer` is for
the inference door, which never waits: what cannot be held in memory goes to the spool, and what that cannot hold is
counted as lost. `change` is for what needs an answer from the database itself, and fails when it is away.

States: ok -> (a write fails or hangs) -> away -> (the spool's oldest are written again) -> ok. While anything lies in
the spool, new operations follow it there. Invariant: an operation that was accepted is applied at least once, and
applying it twice changes nothing (see `ops`).
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, text

from weft.kit.batch import GroupCommit
from weft.kit.db import DATABASE_AWAY, POSTGRESQL, Database
from weft.kit.errors import Overloaded
from weft.traces.writing.ops import Kinds, Op
from weft.traces.writing.spool import Spool, SpoolFull

log = logging.getLogger(__name__)

PATIENCE_S = 2.0
"""How long a write may hang before it is put on disk instead."""
RETRY_EVERY_S = 0.5
REPLAY_TIMEOUT_S = 60.0
REPLAY_OPS = 200
REPLAY_BYTES = 8 * 1024 * 1024
HELD_OPS = 2_000
"""Operations that may wait for the database in memory; more go to the spool at once."""
OFFERS_LIMIT = 20_000
"""Operations that nobody waits for, on their way into database or spool; more are lost, and counted."""
_TURN = 0x7472616365
"""The key of the advisory lock that makes the trace writers of one PostgreSQL database take turns ("trace")."""

T = TypeVar("T")


class StoreAway(Overloaded):
    """The trace database does not answer at the moment, and this cannot wait on disk."""

    code = "trace_store_unavailable"

    def __init__(self) -> None:
        super().__init__("The trace store does not answer at the moment", retry_after_s=2)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What was accepted and is not in the database yet."""

    is_away: bool
    operations: int
    size_bytes: int
    """On disk."""
    lost: int
    """Operations of the inference door that had no room anywhere, since the start."""


class _Change(Generic[T]):
    """A function that runs in the writer's transaction, and what it returned."""

    __slots__ = ("result", "run")

    def __init__(self, run: Callable[[Connection], T]) -> None:
        self.run = run
        self.result: T | None = None


class TraceWriter:
    """Writes operations. Made inside the event loop; `close` flushes."""

    def __init__(self, database: Database, kinds: Kinds, spool: Spool) -> None:
        self._kinds = kinds
        self._spool = spool
        self._group = GroupCommit(database)
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="trace-spool")
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._is_appending = False
        self._is_away = False
        self._held = 0
        self._lost = 0
        self._replay: asyncio.Task[None] | None = None
        self._turn = database.dialect == POSTGRESQL
        self._applies: dict[Any, Any] = {}
        self._offers: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Adopt what dead processes left on disk, and write it."""
        adopted = await self._on_disk(self._spool.adopt)
        if adopted:
            log.info("trace_spool_adopted operations=%d", adopted)
            self._begin_replay()

    @property
    def backlog(self) -> Backlog:
        """What waits."""
        waiting = self._spool.count + len(self._waiting) + self._held
        return Backlog(self._is_away, waiting, self._spool.size_bytes, self._lost)

    async def write(self, op: Op) -> None:
        """Have `op` written; durable when this returns, though perhaps not in the database yet.

        Raises:
            SpoolFull: neither database nor disk has room.
            Exception: the database refused this very operation.
        """
        if self._replay is not None or self._held >= HELD_OPS:
            await self._spooled(self._kinds.encode(op))
            return
        self._held += 1
        future = self._group.submit(self._apply_of(op), op, done=self._written)
        try:
            await asyncio.wait_for(asyncio.shield(future), PATIENCE_S)
        except (TimeoutError, *DATABASE_AWAY) as error:
            future.add_done_callback(_forget)
            self._went_away(error)
            await self._spooled(self._kinds.encode(op))

    def offer(self, op: Op, done: Callable[[], None] | None = None) -> None:
        """Have `op` written without waiting for anything; what cannot be kept is counted.

        `done` is called when it needs no memory any more.
        """
        if len(self._offers) >= OFFERS_LIMIT:
            self._lost += 1
            if done is not None:
                done()
            return
        task = asyncio.get_running_loop().create_task(self._offered(op))
        self._offers.add(task)
        task.add_done_callback(self._offers.discard)
        if done is not None:
            task.add_done_callback(lambda _task: done())

    async def change(self, run: Callable[[Connection], T]) -> T:
        """Run `run` in a transaction of the writer; its result, once that is durable.

        Raises:
            StoreAway: the database does not answer.
        """
        change = _Change(run)
        future = self._group.submit(self._run_changes, change)
        try:
            await asyncio.wait_for(asyncio.shield(future), 5 * PATIENCE_S)
        except (TimeoutError, *DATABASE_AWAY) as error:
            future.add_done_callback(_forget)
            self._went_away(error)
            raise StoreAway from error
        return change.result  # pyright: ignore[reportReturnType] - set when the future ended

    async def close(self) -> None:
        """Write what waits in memory; what lies in the spool stays for the next start. Idempotent."""
        if self._offers:
            await asyncio.wait(set(self._offers), timeout=2 * PATIENCE_S)
        if self._replay is not None:
            self._replay.cancel()
        await self._group.close()
        await self._on_disk(self._spool.close)
        self._disk.shutdown(wait=True)

    async def _offered(self, op: Op) -> None:
        try:
            await self.write(op)
        except SpoolFull:
            self._lost += 1
        except Exception:
            self._lost += 1
            log.exception("trace_record_lost")

    def _apply_of(self, op: Op) -> Callable[[Connection, Sequence[Any]], None]:
        apply = self._kinds.apply_of(op)
        if not self._turn:
            return apply
        known = self._applies.get(apply)
        if known is None:

            def in_turn(connection: Connection, ops: Sequence[Any]) -> None:
                take_turn(connection)
                apply(connection, ops)

            known = self._applies[apply] = in_turn
        return known

    def _run_changes(self, connection: Connection, changes: Sequence[_Change[Any]]) -> None:
        if self._turn:
            take_turn(connection)
        for change in changes:
            change.result = change.run(connection)

    def _run_replay(self, connection: Connection, chunks: Sequence[list[Op]]) -> None:
        if self._turn:
            take_turn(connection)
        for ops in chunks:
            self._kinds.apply(connection, ops)

    def _written(self, _op: object, _error: Exception | None) -> None:
        self._held -= 1

    def _went_away(self, error: BaseException) -> None:
        if not self._is_away:
            log.warning("trace_store_away error=%s", str(error)[:200] or type(error).__name__)
        self._is_away = True
        self._begin_replay()

    def _begin_replay(self) -> None:
        if self._replay is None:
            self._replay = asyncio.get_running_loop().create_task(self._replay_all())
            self._replay.add_done_callback(self._replayed)

    def _replayed(self, task: "asyncio.Task[None]") -> None:
        self._replay = None
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("trace_replay_failed", exc_info=error)
            self._begin_replay()

    async def _replay_all(self) -> None:
        """Write the spool, oldest first, until it is empty and nobody adds to it."""
        while True:
            if self._is_away and not await self._is_back():
                await asyncio.sleep(RETRY_EVERY_S)
                continue
            bodies = await self._on_disk(lambda: self._spool.peek(REPLAY_OPS, REPLAY_BYTES))
            if not bodies and not self._waiting and not self._is_appending:
                return
            ops = [self._kinds.decode(body) for body in bodies]
            try:
                await asyncio.wait_for(asyncio.shield(self._submit_replay(ops)), REPLAY_TIMEOUT_S)
            except (TimeoutError, *DATABASE_AWAY):
                self._is_away = True
                continue
            except Exception:
                log.exception("trace_replay_refused operations=%d", len(ops))
                await self._one_by_one(ops)
            await self._on_disk(lambda bodies=bodies: self._spool.drop(bodies))

    async def _is_back(self) -> bool:
        """Whether the database writes again, asked with nothing to write: a large group may take its time."""
        try:
            await asyncio.wait_for(asyncio.shield(self._submit_replay([])), PATIENCE_S)
        except (TimeoutError, *DATABASE_AWAY):
            return False
        self._is_away = False
        log.info("trace_store_back operations=%d", self._spool.count)
        return True

    async def _one_by_one(self, ops: list[Op]) -> None:
        """Write what the database takes of operations that it did not take together; the rest is counted as lost."""
        for op in ops:
            try:
                await self._submit_replay([op])
            except Exception:
                self._lost += 1
                log.exception("trace_operation_lost kind=%s", type(op).__name__)

    def _submit_replay(self, ops: list[Op]) -> "asyncio.Future[None]":
        future = self._group.submit(self._run_replay, ops)
        future.add_done_callback(_forget)
        return future

    async def _spooled(self, body: bytes) -> None:
        """`body` lies on disk; appends that come together share one fsync."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._waiting.append((body, future))
        if not self._is_appending:
            self._is_appending = True
            loop.create_task(self._append_all()).add_done_callback(_forget)
        await future

    async def _append_all(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                bodies = [body for body, _future in group]
                try:
                    await self._on_disk(lambda bodies=bodies: self._spool.append(bodies))
                except SpoolFull as error:
                    for _body, future in group:
                        if not future.done():
                            future.set_exception(error)
                else:
                    for _body, future in group:
                        if not future.done():
                            future.set_result(None)
        finally:
            self._is_appending = False

    async def _on_disk(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work)


def take_turn(connection: Connection) -> None:
    """Wait, on PostgreSQL, until no other process writes to the trace tables; held to the transaction's end."""
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_TURN})"))


def _forget(future: "asyncio.Future[Any]") -> None:
    """Whoever waited went on; what came of it was told by another way."""
    if not future.cancelled():
        future.exception()
