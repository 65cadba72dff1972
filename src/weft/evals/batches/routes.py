"""`/api/evals/{team}/{project}`: estimates of evaluations, and batches of runs under one budget."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from weft.evals.batches.bench import Bench
from weft.evals.batches.wire import EvalBatch, EvalBatches, EvalEstimate, EvalResume, EvalWanted
from weft.evals.door import Asker
from weft.traces.routes.desk import Desk

BASE = "/api/evals/{team}/{project}"
PAGE = 50
MAX_PAGE = 200


def router(desk: Desk, bench: Bench) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=BASE, tags=["evaluations"])

    @routes.post("/estimate")
    async def estimate_evaluation(
        request: Request, team: str, project: str, wanted: EvalWanted
    ) -> EvalEstimate:
        """What an evaluation is going to cost. Nothing is asked of any model, unless `pilot_rows` says so."""
        visitor = await desk.enter(request, f"{team}/{project}")
        visitor.may_write()
        return await bench.estimate(Asker.of(request, visitor.name), visitor, wanted)

    @routes.post("/batches")
    async def start_batch(
        request: Request, team: str, project: str, wanted: EvalWanted
    ) -> EvalBatch:
        """Start an evaluation run for each model, all of them under one budget, on the caller's account."""
        visitor = await desk.enter(request, f"{team}/{project}")
        visitor.may_write()
        return await bench.start(Asker.of(request, visitor.name), visitor, wanted)

    @routes.get("/batches")
    async def list_batches(
        request: Request,
        team: str,
        project: str,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = PAGE,
        cursor: Annotated[str | None, Query(max_length=64)] = None,
    ) -> EvalBatches:
        """The project's batches, newest first."""
        visitor = await desk.enter(request, f"{team}/{project}")
        batches = await bench.page(visitor, limit, cursor or "")
        more = len(batches) == limit
        return EvalBatches(batches=batches, next_cursor=batches[-1].id if more else None)

    @routes.get("/batches/{batch_id}")
    async def show_batch(request: Request, team: str, project: str, batch_id: str) -> EvalBatch:
        """One batch, and how far it is."""
        visitor = await desk.enter(request, f"{team}/{project}")
        return await bench.show(visitor, batch_id)

    @routes.post("/batches/{batch_id}/stop")
    async def stop_batch(request: Request, team: str, project: str, batch_id: str) -> EvalBatch:
        """Ask nothing more; what is being asked ends, and is kept."""
        visitor = await desk.enter(request, f"{team}/{project}")
        visitor.may_write()
        return await bench.stop(visitor, batch_id)

    @routes.post("/batches/{batch_id}/resume")
    async def resume_batch(
        request: Request, team: str, project: str, batch_id: str, how: EvalResume
    ) -> EvalBatch:
        """Go on where it stopped, on the caller's account; what was answered is neither asked nor paid again."""
        visitor = await desk.enter(request, f"{team}/{project}")
        visitor.may_write()
        budget_nusd = None if how.budget_nusd is None else int(how.budget_nusd)
        asker = Asker.of(request, visitor.name)
        return await bench.resume(asker, visitor, batch_id, budget_nusd)

    _ = (estimate_evaluation, start_batch, list_batches, show_batch, stop_batch, resume_batch)
    return routes
