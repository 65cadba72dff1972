"""What the routes do: an evaluation is planned, estimated, started, stopped and gone on with, for somebody let in."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from weft.evals.batches import store
from weft.evals.batches.ask import Purse
from weft.evals.batches.budget import count_answered
from weft.evals.batches.estimates.estimate import Estimator, spread
from weft.evals.batches.keeper import Batches, NotResumable
from weft.evals.batches.planning.plan import Plan, make_plan
from weft.evals.batches.planning.publish import publish
from weft.evals.batches.store import Batch, End, Run
from weft.evals.batches.told import told
from weft.evals.batches.wire import EvalBatch, EvalEstimate, EvalPilot, EvalWanted
from weft.evals.batches.work import CRASHED, RESUME, Session
from weft.evals.calls import EVALUATE, now_us, started
from weft.evals.door import Asker, PricedDoor
from weft.evals.prompts import Prompts
from weft.evals.runs.definition import read_definition
from weft.evals.runs.score import WORKER_META
from weft.evals.runs.structured import read_model
from weft.identity.projects.gate import Visitor
from weft.kit.clock import from_us
from weft.kit.errors import NotFound
from weft.kit.ids import new_id, uuid7_hex
from weft.kit.money import format_usd
from weft.traces.calls.parts import WriteCalls

PILOT_S = 240.0
"""How long an estimate waits for the rows that it asks first."""


class NoSuchBatch(NotFound):
    """The project has no such batch."""

    code = "batch_not_found"
    remedy = "list the project's batches to see their ids"


@dataclass(frozen=True, slots=True)
class Bench:
    """What every batch needs."""

    batches: Batches
    door: PricedDoor
    prompts: Prompts

    async def estimate(self, asker: Asker, visitor: Visitor, wanted: EvalWanted) -> EvalEstimate:
        """What `wanted` is going to cost; with `pilot_rows`, after so many were asked."""
        house = self.batches.house
        plan = await make_plan(house.shelf, visitor, wanted)
        estimator = Estimator(house.database, self.door, house.shelf, self.prompts, asker, visitor)
        if not wanted.pilot_rows:
            return await estimator.estimate(plan, None)
        await estimator.estimate(plan, None)  # refuses what the door would refuse, before it costs
        places = spread(range(len(plan.rows)), wanted.pilot_rows)
        batch, task = await self._start(asker, visitor, plan, places)
        done, _ = await asyncio.wait([task], timeout=PILOT_S)
        if not done:
            await self.batches.stop(batch)
        batch = await self.find(visitor, batch.id)
        pilot = EvalPilot(batch_id=batch.id, rows=len(places), cost_nusd=str(batch.spent_nusd))
        return await estimator.estimate(plan, pilot)

    async def start(self, asker: Asker, visitor: Visitor, wanted: EvalWanted) -> EvalBatch:
        """Publish what is asked, and begin to ask."""
        house = self.batches.house
        plan = await make_plan(house.shelf, visitor, wanted)
        estimator = Estimator(house.database, self.door, house.shelf, self.prompts, asker, visitor)
        await estimator.check(plan)
        batch, _task = await self._start(asker, visitor, plan, None)
        return await self.show(visitor, batch.id)

    async def _start(
        self, asker: Asker, visitor: Visitor, plan: Plan, places: Sequence[int] | None
    ) -> tuple[Batch, "asyncio.Task[None]"]:
        self.batches.check(visitor.project_id)
        batch = await self._write(visitor, plan)
        try:
            session = await self._session(asker, visitor, batch, places)
        except BaseException:
            await self.batches.bring_to_rest(batch, End(store.FAILED, CRASHED, RESUME))
            raise
        return batch, self.batches.begin(session)

    async def resume(
        self, asker: Asker, visitor: Visitor, batch_id: str, budget_nusd: int | None
    ) -> EvalBatch:
        """Go on with a batch on this caller's account.

        Raises:
            NoSuchBatch: there is none.
            NotResumable: it runs, is done, or the budget is below what was spent.
        """
        batch = await self.find(visitor, batch_id)
        if budget_nusd is not None and budget_nusd < batch.spent_nusd + batch.held_nusd:
            raise NotResumable(
                f"${format_usd(batch.spent_nusd + batch.held_nusd)} are spent or kept back already",
                param="budget_nusd",
                remedy="Name a larger budget: it is over all of the evaluation.",
            )
        self.batches.check(visitor.project_id)
        session = await self._session(asker, visitor, batch, None)
        await self.batches.take(batch, budget_nusd)
        self.batches.begin(session)
        return await self.show(visitor, batch_id)

    async def stop(self, visitor: Visitor, batch_id: str) -> EvalBatch:
        """Have nothing more asked. Idempotent."""
        await self.batches.stop(await self.find(visitor, batch_id))
        return await self.show(visitor, batch_id)

    async def find(self, visitor: Visitor, batch_id: str) -> Batch:
        """A batch of the visitor's project.

        Raises:
            NoSuchBatch: there is none.
        """
        find = partial(store.find_batch, project_id=visitor.project_id, batch_id=batch_id)
        found = await self.batches.house.database.read_soon(find)
        if found is None:
            raise NoSuchBatch(f"there is no batch {batch_id[:100]} in {visitor.name}")
        return found

    async def show(self, visitor: Visitor, batch_id: str) -> EvalBatch:
        """A batch, as it is told."""
        [shown] = await self.tell([await self.find(visitor, batch_id)])
        return shown

    async def page(self, visitor: Visitor, limit: int, cursor: str) -> list[EvalBatch]:
        """The project's batches, newest first."""
        find = partial(store.page, project_id=visitor.project_id, limit=limit, before=cursor)
        return await self.tell(await self.batches.house.database.read_soon(find))

    async def tell(self, found: list[Batch]) -> list[EvalBatch]:
        """Batches, as they are told."""
        ids = [batch.id for batch in found]
        count = partial(count_answered, batch_ids=ids)
        answered = await self.batches.house.database.read_soon(count)
        return [told(batch, self.batches.session(batch.id), answered) for batch in found]

    async def _session(
        self, asker: Asker, visitor: Visitor, batch: Batch, places: Sequence[int] | None
    ) -> Session:
        """Everything that is asked, read anew from what was published: a resume finds what the start had."""
        house = self.batches.house
        definition = await read_definition(house.shelf, visitor, batch.evaluation_ref)
        values = [await house.shelf.value(visitor, run.model_ref) for run in batch.runs]
        models = [
            read_model(value, run.model_ref) for value, run in zip(values, batch.runs, strict=True)
        ]
        purse = Purse(house.writer, self.door, self.prompts, asker, visitor, house.owner)
        concurrency = json.loads(batch.definition)["concurrency"]
        return Session(house, purse, batch, definition, models, concurrency, places)

    async def _write(self, visitor: Visitor, plan: Plan) -> Batch:
        """A new batch of this process, with the calls of its runs, which others see from now on."""
        house = self.batches.house
        published = await publish(house.shelf, visitor, plan)
        op = await house.ops.ref(visitor, EVALUATE)
        at_us = now_us()
        stamp = from_us(at_us).strftime("%Y-%m-%d %H:%M")
        runs: list[Run] = []
        for position, (one, ref) in enumerate(zip(plan.models, published.models, strict=True)):
            inputs = {"self": published.evaluation, "model": ref}
            root = started(visitor, op, inputs, attributes=WORKER_META, id_=uuid7_hex())
            root.display_name = f"{plan.wanted.name} {one.name} {stamp}"
            await house.shelf.store.writer.write(WriteCalls(visitor.project_id, [root]))
            runs.append(
                Run(
                    position=position,
                    call_id=root.id,
                    name=one.name,
                    model=one.model.model,
                    model_ref=ref,
                    state=store.RUNNING,
                    rows_total=plan.items,
                    rows_done=0,
                    errors=0,
                    cost_nusd=0,
                    started_at_us=root.started_at_us,
                    ended_at_us=None,
                )
            )
        wanted = plan.wanted
        batch = Batch(
            id=new_id("batch"),
            project_id=visitor.project_id,
            name=wanted.name,
            description=wanted.description,
            evaluation_ref=published.evaluation,
            dataset_ref=wanted.dataset_ref,
            definition=json.dumps({"concurrency": wanted.concurrency, "judges": plan.judge_models}),
            budget_nusd=None if wanted.budget_nusd is None else int(wanted.budget_nusd),
            spent_nusd=0,
            held_nusd=0,
            state=store.RUNNING,
            reason="",
            remedy="",
            owner=house.owner,
            made_by=visitor.user_id,
            by=visitor.username,
            questions_total=plan.questions,
            created_at_us=at_us,
            ended_at_us=None,
            is_orphan=False,
            runs=tuple(runs),
        )
        await self.batches.add(batch)
        return batch
