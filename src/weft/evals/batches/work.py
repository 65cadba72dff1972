"""One batch, as long as one process works on it: every row of every run, the ends of the runs, and why it rests.

Rows are gone through in turn for all models, so that a batch that ends early has asked every model the same. Whatever
happens is the end of the batch, which can be gone on with: `run` never raises but when it is cancelled.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from weft.evals.batches import store
from weft.evals.batches.ask import (
    BatchEnds,
    ModelRefused,
    OutOfBudget,
    Purse,
    Stopped,
)
from weft.evals.batches.budget import Answer, Question, Settling, read_answers, settle_open
from weft.evals.batches.item import Desk, id_at
from weft.evals.batches.store import Batch, End, ItemDone, Resting, RunEnded
from weft.evals.calls import SUMMARIZE, end_of, ended, now_us, started
from weft.evals.ops import Ops
from weft.evals.refusals import exception_text
from weft.evals.runs.definition import Definition
from weft.evals.runs.score import WORKER_META, key_of
from weft.evals.runs.source import DatasetRows, Item
from weft.evals.runs.structured import StructuredModel
from weft.evals.runs.work import Tally
from weft.evals.shelf import Shelf
from weft.kit.batch import GroupCommit
from weft.kit.db import Database
from weft.kit.errors import WeftError
from weft.traces.calls.parts import CallPart, WriteCalls
from weft.traces.feedback.parts import WriteFeedback

log = logging.getLogger(__name__)

PAGE = 100
CRASHED = "the server had an error"
STOPPED = "the evaluation was stopped"
RESUME = "Resume it: what was answered is neither asked nor paid again."


@dataclass(frozen=True, slots=True)
class House:
    """What batches of one process share."""

    database: Database
    writer: GroupCommit
    shelf: Shelf
    ops: Ops
    owner: str


@dataclass(slots=True)
class Session:
    """One process's work on one batch."""

    house: House
    purse: Purse
    batch: Batch
    definition: Definition
    models: Sequence[StructuredModel]
    """By the position of their run."""
    concurrency: int
    places: Sequence[int] | None = None
    """The only places that are gone through; None: all."""
    began_us: int = field(default_factory=now_us)
    done_before: int = 0
    done: int = 0
    _refused: dict[int, ModelRefused] = field(default_factory=dict[int, ModelRefused])
    _end: End | None = None

    def stop_for(self, reason: str) -> None:
        """Have nothing more asked; `reason` is told, if there is one."""
        if self._end is None:
            self._end = End(store.STOPPED, reason or STOPPED, RESUME)
        self.purse.stop()

    async def run(self) -> None:
        """Go through what is not done yet, and bring the batch to rest."""
        try:
            await self._settle_all()
            await self._items()
            end = self._all_done() if self._is_whole else self._end or self._all_done()
        except asyncio.CancelledError:
            await asyncio.shield(self._rest(End(store.STOPPED, store.GONE, RESUME)))
            raise
        except Exception:
            log.exception("evaluation_crashed batch=%s", self.batch.id)
            end = End(store.FAILED, CRASHED, f"Tell whoever runs the server. {RESUME}")
        await self._rest(end)

    async def _settle_all(self) -> None:
        """Learn what questions of an earlier process were charged."""
        await self.house.writer.submit(settle_open, Settling(self.batch.id, now_us()))

    async def _items(self) -> None:
        database, id_ = self.house.database, self.batch.id
        done = await database.read_soon(partial(store.places_done, batch_id=id_))
        waiting = await database.read_soon(partial(store.places_answered, batch_id=id_))
        self.done_before = len(done)
        slots = asyncio.Semaphore(self.concurrency)
        async with asyncio.TaskGroup() as tasks:
            async for place, item in self._rows():
                for position in range(len(self.models)):
                    if (position, place) in done:
                        continue
                    await slots.acquire()
                    if self.purse.is_stopped:
                        slots.release()
                        break
                    if position in self._refused:
                        slots.release()
                        continue
                    is_known = (position, place) in waiting
                    task = tasks.create_task(self._item(position, place, item, is_known=is_known))
                    task.add_done_callback(lambda _done: slots.release())
                if self.purse.is_stopped:
                    break
        if self.purse.is_stopped and self._end is None:
            self._end = End(store.STOPPED, STOPPED, RESUME)

    async def _rows(self) -> AsyncIterator[tuple[int, Item]]:
        source = DatasetRows(self.house.shelf, self.purse.visitor, self.definition)
        if self.places is not None:
            for place in self.places:
                [item] = await source.page(place, place + 1)
                yield place, item
            return
        for start in range(0, source.total, PAGE):
            items = await source.page(start, min(start + PAGE, source.total))
            for place, item in enumerate(items, start):
                yield place, item

    async def _item(self, position: int, place: int, item: Item, *, is_known: bool) -> None:
        """One row of one run; what keeps it from being gone through ends the batch, or the run."""
        known: dict[int, Answer] = {}
        if is_known:
            question = Question(self.batch.id, position, place, 0, "")
            known = await self.house.database.read_soon(partial(read_answers, question=question))
        try:
            written = await self._desk(position).go_through(place, item, known)
        except ModelRefused as error:
            self._refused.setdefault(position, error)
            return
        except BatchEnds as error:
            if not isinstance(error, Stopped) and self._end is None:
                is_budget = isinstance(error, OutOfBudget)
                state = store.OUT_OF_BUDGET if is_budget else store.STOPPED
                self._end = End(state, error.message, str(error.metadata.get("remedy") or ""))
            self.purse.stop()
            return
        writer, project_id = self.house.shelf.store.writer, self.purse.visitor.project_id
        await writer.write(WriteCalls(project_id, written.calls))
        if written.feedback:
            await writer.write(WriteFeedback(project_id, written.feedback))
        told = json.dumps(written.told)
        done = ItemDone(self.batch.id, position, place, told, written.errors)
        await self.house.writer.submit(store.add_items, done)
        self.done += 1

    def _desk(self, position: int) -> Desk:
        return Desk(
            self.purse,
            self.house.ops,
            self.definition,
            self.batch.id,
            position,
            self._root(position),
            self.models[position],
        )

    def _root(self, position: int) -> CallPart:
        run = self.batch.runs[position]
        return CallPart(id=run.call_id, trace_id=run.call_id, started_at_us=run.started_at_us)

    @property
    def _is_whole(self) -> bool:
        return self.done_before + self.done == self.definition.total * len(self.models)

    def _all_done(self) -> End:
        """How a batch ends that was gone through."""
        if self.places is not None and not self._is_whole:
            return End(store.STOPPED, "only the rows for an estimate were asked", RESUME)
        refused = list(self._refused.values())
        if not refused:
            return End(store.DONE)
        names = ", ".join(self.batch.runs[position].name for position in sorted(self._refused))
        reason = f"{names}: {refused[0].message}"
        remedy = str(refused[0].metadata.get("remedy") or "")
        state = store.FAILED if len(refused) == len(self.models) else store.DONE
        return End(state, reason, remedy)

    async def _rest(self, end: End) -> None:
        """End every run for now, then the batch: the last thing that this process writes of it."""
        try:
            for position in range(len(self.models)):
                await self._end_run(position, end)
        except WeftError:
            log.exception("evaluation_end_lost batch=%s", self.batch.id)
        resting = Resting(self.batch.id, self.house.owner, end, now_us())
        await self.house.writer.submit(store.rest, resting)

    async def _end_run(self, position: int, end: End) -> None:
        refused = self._refused.get(position)
        if refused is not None:
            end = End(store.FAILED, refused.message)
        run, batch_id = self.batch.runs[position], self.batch.id
        if run.state == store.DONE:
            return
        tally = await self.house.database.read_soon(
            partial(_tally, batch_id=batch_id, position=position)
        )
        if end.state != store.DONE and len(tally.outputs) == run.rows_total:
            end = End(store.DONE)  # the others are not
        visitor = self.purse.visitor
        summary = tally.summary([key_of(one) for one in self.definition.scorers])
        parts: list[CallPart] = []
        root = self._root(position)
        if tally.outputs:
            op = await self.house.ops.ref(visitor, SUMMARIZE)
            inputs = {"self": self.definition.ref}
            id_ = id_at(run.started_at_us, run.call_id, "summarize")
            call = started(visitor, op, inputs, parent=root, attributes=WORKER_META, id_=id_)
            parts.append(ended(call, summary))
        is_done = end.state == store.DONE
        root = ended(
            root,
            summary if tally.outputs else None,
            exception=None if is_done else exception_text(end.state, end.reason),
            usage=tally.usage,
            errors=tally.errors,
            calls=tally.calls + 1 + len(parts),
        )
        writer = self.house.shelf.store.writer
        await writer.write(WriteCalls(visitor.project_id, [*parts, end_of(root)]))
        over = RunEnded(batch_id, position, end.state, now_us())
        await self.house.writer.submit(store.end_runs, over)


def _tally(connection: Connection, *, batch_id: str, position: int) -> Tally:
    """What came of the rows that a run is done with."""
    tally = Tally()
    for place, text in store.items(connection, batch_id, position):
        told = json.loads(text)
        tally.add(place, told, told["usage"], calls=told["calls"], errors=told["errors"])
    return tally
