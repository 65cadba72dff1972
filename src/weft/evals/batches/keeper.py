"""The batches that this process works on: started, stopped and resumed; and an eye on those whose process is gone."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from weft.evals.batches import store
from weft.evals.batches.store import Batch, End, Resting, RunEnded, Taking
from weft.evals.batches.work import RESUME, House, Session
from weft.evals.calls import end_of, ended, now_us
from weft.evals.refusals import exception_text
from weft.evals.runs.keeper import TooManyRuns
from weft.kit.db import DATABASE_AWAY
from weft.kit.errors import WeftError
from weft.traces.calls.parts import CallPart, WriteCalls

log = logging.getLogger(__name__)

BATCHES = 32
"""At once in this process."""
PROJECT_BATCHES = 4
LOOK_S = 2.0
STOP_S = 10.0


class NotResumable(WeftError):
    """The batch runs, or is done: there is nothing to go on with."""

    status = 409
    type = "invalid_request_error"
    code = "not_resumable"
    remedy = "look at the batch again"


@dataclass(slots=True)
class _Known:
    session: Session
    task: "asyncio.Task[None]"


class Batches:
    """Made inside the event loop; `close` brings all to rest."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._known: dict[str, _Known] = {}
        self._watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look for batches whose process is gone."""
        self._watch = asyncio.get_running_loop().create_task(self._look_forever())

    async def close(self) -> None:
        """Stop all; what is in flight has `STOP_S` to end. Idempotent."""
        tasks = [known.task for known in self._known.values()]
        for known in self._known.values():
            known.session.stop_for(store.GONE)
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_S)
        if self._watch is not None:
            self._watch.cancel()
            tasks.append(self._watch)
            self._watch = None
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_S)

    def check(self, project_id: str) -> None:
        """Raise `TooManyRuns` if no more may run for this project."""
        if len(self._known) >= BATCHES:
            raise TooManyRuns("on this server", BATCHES)
        own = sum(one.session.batch.project_id == project_id for one in self._known.values())
        if own >= PROJECT_BATCHES:
            raise TooManyRuns("for this project", PROJECT_BATCHES)

    def session(self, batch_id: str) -> Session | None:
        """The work of this process on a batch."""
        known = self._known.get(batch_id)
        return known.session if known else None

    async def add(self, batch: Batch) -> None:
        """Write a new batch down; it is this process's, and rests until `begin`."""
        await self.house.writer.submit(_add, batch)

    async def take(self, batch: Batch, budget_nusd: int | None) -> None:
        """Make a batch this process's.

        Raises:
            NotResumable: it runs, or somebody else was faster.
        """
        if batch.state == store.RUNNING and not batch.is_orphan:
            raise NotResumable("the evaluation is running")
        if batch.state == store.DONE:
            raise NotResumable("the evaluation is done")
        wish = Taking(batch.id, self.house.owner, batch.owner, budget_nusd)
        await self.house.writer.submit(store.take, wish)
        if not wish.is_taken:
            raise NotResumable("somebody else goes on with the evaluation")

    def begin(self, session: Session) -> "asyncio.Task[None]":
        """Work on a batch that is this process's, beside everything else."""
        task = asyncio.get_running_loop().create_task(session.run())
        self._known[session.batch.id] = _Known(session, task)
        task.add_done_callback(lambda done: self._done(session.batch.id, done))
        return task

    async def stop(self, batch: Batch) -> None:
        """Have nothing more asked of a batch. What is in flight ends, and is kept; this waits for it, but not long.

        A batch that another process runs is taken from it: its next question finds that it may not be asked.
        """
        known = self._known.get(batch.id)
        if known is not None:
            known.session.stop_for("")
            await asyncio.wait([known.task], timeout=STOP_S)
        elif batch.state == store.RUNNING:
            await self.bring_to_rest(
                batch, End(store.STOPPED, "the evaluation was stopped", RESUME)
            )

    async def _look_forever(self) -> None:
        while True:
            with contextlib.suppress(*DATABASE_AWAY, WeftError):
                for batch in await self.house.database.read_soon(store.find_orphans):
                    await self.bring_to_rest(batch, End(store.STOPPED, store.GONE, RESUME))
            await asyncio.sleep(LOOK_S)

    async def bring_to_rest(self, batch: Batch, end: End) -> None:
        """End a batch for a process that cannot, or need not know yet."""
        at_us, house = now_us(), self.house
        await house.writer.submit(store.rest, Resting(batch.id, batch.owner, end, at_us))
        ends: list[CallPart] = []
        for run in batch.runs:
            if run.state == store.RUNNING:
                root = CallPart(
                    id=run.call_id, trace_id=run.call_id, started_at_us=run.started_at_us
                )
                ends.append(
                    end_of(ended(root, None, exception=exception_text(end.state, end.reason)))
                )
                over = RunEnded(batch.id, run.position, end.state, at_us)
                await house.writer.submit(store.end_runs, over)
        await house.shelf.store.writer.write(WriteCalls(batch.project_id, ends))

    def _done(self, batch_id: str, task: "asyncio.Task[None]") -> None:
        del self._known[batch_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("evaluation_lost batch=%s", batch_id, exc_info=error)


def _add(connection: Connection, batches: Sequence[Batch]) -> None:
    for batch in batches:
        store.add_batch(connection, batch)
