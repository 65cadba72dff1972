"""`/api/evals/{team}/{project}/runs`, `.../comparison` and `.../rows`: for the console and for scripts."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from weft.evals.comparisons.read import Ground, NoSuchRun, RunReader
from weft.evals.comparisons.wire import RUNS, ComparisonTold, RowPage, RowsAsked, RunList, RunMeans
from weft.traces.routes.desk import Desk

BASE = "/api/evals/{team}/{project}"
LISTED = 500
MOST_LISTED = 5_000
_Ids = Annotated[
    list[Annotated[str, Query(min_length=1, max_length=300)]], Query(min_length=1, max_length=RUNS)
]
_Turned = Annotated[list[Annotated[str, Query(max_length=1000)]], Query(max_length=100)]


def router(desk: Desk, reader: RunReader) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=BASE, tags=["evaluations"])

    _add_lists(routes, desk, reader)

    @routes.get("/comparison")
    async def compare_eval_runs(
        request: Request,
        team: str,
        project: str,
        runs: _Ids,
        baseline: Annotated[str | None, Query(max_length=300)] = None,
        turned: _Turned = [],  # noqa: B006 - FastAPI copies it
    ) -> ComparisonTold:
        """Runs held against a baseline, the first one if none is named; one run alone has its means and intervals.

        `turned` names metrics of which the name misleads about whether more is better.
        """
        on = await _ground(desk, request, f"{team}/{project}")
        found = await desk.store.read(
            on.project_id,
            lambda c, key: reader.compare(c, key, on, runs, baseline=baseline, turned=turned),
            empty=None,
        )
        if found is None:
            raise NoSuchRun(runs[0])
        return found

    @routes.post("/rows")
    async def list_eval_rows(
        request: Request, team: str, project: str, asked: RowsAsked
    ) -> RowPage:
        """Rows of the dataset with what each run made of them, filtered, sorted and paged."""
        on = await _ground(desk, request, f"{team}/{project}")
        found = await desk.store.read(
            on.project_id, lambda c, key: reader.rows(c, key, on, asked), empty=None
        )
        if found is None:
            raise NoSuchRun(asked.runs[0])
        return found

    _ = (compare_eval_runs, list_eval_rows)
    return routes


def _add_lists(routes: APIRouter, desk: Desk, reader: RunReader) -> None:
    @routes.get("/runs")
    async def list_eval_runs(
        request: Request,
        team: str,
        project: str,
        limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = LISTED,
    ) -> RunList:
        """The newest runs with what their own summaries tell, whoever made them: clients, loggers, this server."""
        on = await _ground(desk, request, f"{team}/{project}")
        return await desk.store.read(
            on.project_id,
            lambda c, key: reader.runs(c, key, on, limit),
            empty=RunList(runs=[], total=0),
        )

    @routes.get("/runs/means")
    async def estimate_eval_runs(
        request: Request,
        team: str,
        project: str,
        limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = LISTED,
    ) -> RunMeans:
        """The means of the newest runs over their rows, each with n and its 95 % interval; a part of them at a time."""
        on = await _ground(desk, request, f"{team}/{project}")
        return await desk.store.read(
            on.project_id,
            lambda c, key: reader.estimates(c, key, on, limit),
            empty=RunMeans(means={}, left=0),
        )

    _ = (list_eval_runs, estimate_eval_runs)


async def _ground(desk: Desk, request: Request, project: str) -> Ground:
    visitor = await desk.enter(request, project)
    return Ground(visitor.project_id, visitor.name)
