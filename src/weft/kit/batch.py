"""Group commit: many small durable writes for the price of one.

Async code submits operations; one thread takes all that has gathered, runs them in one transaction, commits (that is
the fsync) and only then answers. There is no linger timer: while one group commits, the next one gathers, so groups
grow with load by themselves. Measured on two cores: tens of thousands of durable operations a second, where a
commit each gives hundreds on a slow disk.

What one turn of the event loop submits is handed to the thread together, and while a group is being written the next
one gathers in the loop: one wake-up of the thread for each group, not for each operation.

There are two lanes. What must outlive a power cut goes the durable way; what others must see at once, but may be lost
with the power, is committed without an fsync, before the durable part of the same group, and answered at once.

An operation is handed to the `apply` function it was submitted with, together with all others of the same function. If
a group fails, each of its operations is tried alone, so that one bad row does not fail its neighbours.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from functools import partial
from queue import SimpleQueue
from typing import Any

from sqlalchemy import Connection

from weft.kit.db import Database, begin_write

GROUP_LIMIT = 4096
CLOSE_TIMEOUT_S = 30.0
MAX_TURNS = 8
"""Turns of the event loop that a group may gather for; at light load it takes one, some ten microseconds."""

Apply = Callable[[Connection, Sequence[Any]], None]
"""Writes a group of operations; runs on the writer's thread, inside its transaction."""

Done = Callable[[Any, Exception | None], None]
"""Told, on the event loop, what came of an operation, also when nobody waits for it any more."""

_Item = tuple[Apply, Any, "asyncio.Future[None]", Done | None]
_Group = list[_Item]
_Outcomes = list[Exception | None] | None
"""None: all is written. Otherwise each operation's own."""


class _Lanes:
    """What one group holds, by how it is committed."""

    __slots__ = ("durable", "visible")

    def __init__(self) -> None:
        self.visible: _Group = []
        self.durable: _Group = []

    def __len__(self) -> int:
        return len(self.visible) + len(self.durable)


class GroupCommit:
    """The one writer of a database's hot tables. Made inside the event loop; `close` flushes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loop = asyncio.get_running_loop()
        self._gathering = _Lanes()
        self._is_writing = False
        self._groups: SimpleQueue[_Lanes | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._closing = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._thread.start()

    def submit(
        self, apply: Apply, operation: object, *, durable: bool = True, done: Done | None = None
    ) -> "asyncio.Future[None]":
        """Queue `operation`; the future ends when it is committed, or with the error that kept it from being so.

        Whoever waits may be cancelled; the operation goes on, and `done` is told.

        Committed means durable, or with `durable=False` at least seen by every other process.
        """
        if self._closing:
            msg = "the writer is closed"
            raise RuntimeError(msg)
        future: asyncio.Future[None] = self._loop.create_future()
        lane = self._gathering.durable if durable else self._gathering.visible
        lane.append((apply, operation, future, done))
        if not self._is_writing:
            self._is_writing = True
            self._idle.clear()
            self._loop.call_soon(self._look, 0, 0)
        return future

    @property
    def backlog(self) -> int:
        """Operations that wait for the next group."""
        return len(self._gathering)

    async def close(self) -> None:
        """Write what is queued, then end the thread. Idempotent."""
        self._closing = True
        await self._idle.wait()
        self._groups.put(None)
        await asyncio.to_thread(self._thread.join, CLOSE_TIMEOUT_S)

    def _look(self, seen: int, turns: int) -> None:
        """Let the group gather for as long as each turn of the loop adds to it: a busy loop has more at hand."""
        gathered = len(self._gathering)
        if seen < gathered < GROUP_LIMIT and turns < MAX_TURNS:
            self._loop.call_soon(self._look, gathered, turns + 1)
        else:
            self._hand_over()

    def _hand_over(self) -> None:
        """Give what has gathered to the thread, or let it rest."""
        if len(self._gathering):
            self._groups.put(self._gathering)
            self._gathering = _Lanes()
        else:
            self._is_writing = False
            self._idle.set()

    def _answer(self, group: _Group, outcomes: _Outcomes, *, is_last: bool) -> None:
        if is_last:
            self._look(0, 0)  # the thread writes on while those who waited go on
        for position, (_apply, operation, future, done) in enumerate(group):
            outcome = outcomes[position] if outcomes else None
            if done is not None:
                done(operation, outcome)
            if future.done():  # whoever waited was cancelled; the write stands all the same
                continue
            if outcome is None:
                future.set_result(None)
            else:
                future.set_exception(outcome)

    def _run(self) -> None:
        with self._database.engine.connect() as connection:
            while (lanes := self._groups.get()) is not None:
                if lanes.visible:
                    outcomes = _write(connection, lanes.visible, durable=False)
                    self._tell(lanes.visible, outcomes, is_last=not lanes.durable)
                if lanes.durable:
                    outcomes = _write(connection, lanes.durable, durable=True)
                    self._tell(lanes.durable, outcomes, is_last=True)

    def _tell(self, group: _Group, outcomes: _Outcomes, *, is_last: bool) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(partial(self._answer, group, outcomes, is_last=is_last))


def _write(connection: Connection, group: _Group, *, durable: bool) -> _Outcomes:
    failure = _commit(connection, group, durable=durable)
    if failure is None:
        return None
    if len(group) == 1:
        return [failure]
    return [_commit(connection, [item], durable=durable) for item in group]


def _commit(connection: Connection, group: _Group, *, durable: bool) -> Exception | None:
    by_apply: dict[Apply, list[Any]] = {}
    for apply, operation, _future, _done in group:
        by_apply.setdefault(apply, []).append(operation)
    try:
        begin_write(connection, durable=durable)
        for apply, operations in by_apply.items():
            apply(connection, operations)
        connection.commit()
    except Exception as error:  # noqa: BLE001 - the owning thread: the error travels to whoever waits for the write
        connection.rollback()
        return error
    return None
