"""`GET /v2/{entity}/{project}/leaderboards/{object_id}/versions/{digest}/results`: ours, for pages and scripts."""

from typing import Any

from fastapi import APIRouter, Request, Response

from weft.evals.calls import call_ref
from weft.evals.leaderboards.results import Column, Line, columns_of, leaderboard_results
from weft.evals.shelf import Shelf
from weft.evals.values import object_in, text_in
from weft.identity.projects.gate import Visitor
from weft.kit.clock import from_us
from weft.traces.refs import object_ref
from weft.traces.routes.desk import Desk, json_answer, trace_router


def router(desk: Desk, shelf: Shelf) -> APIRouter:
    """The route of leaderboards."""
    routes = trace_router(tags="evaluations")

    @routes.get("/v2/{entity}/{project}/leaderboards/{object_id}/versions/{digest}/results")
    async def results(
        entity: str,
        project: str,
        object_id: str,
        digest: str,
        request: Request,
        *,
        any_version: bool = False,
    ) -> Response:
        """What each model came to in each column; `any_version` takes runs of other versions of an evaluation too."""
        visitor = await desk.enter(request, f"{entity}/{project}")
        value = await shelf.value(visitor, object_ref(visitor.name, object_id, digest))
        columns = columns_of(value)
        lines = await desk.store.read(
            visitor.project_id,
            lambda c, key: leaderboard_results(c, key, columns, any_version=any_version),
            empty=list[Line](),
        )
        fields = object_in(value)
        return json_answer(
            {
                "name": text_in(fields.get("name")) or object_id,
                "description": text_in(fields.get("description")),
                "columns": [_column(one) for one in columns],
                "models": [_line(visitor, one) for one in lines],
            }
        )

    _ = results
    return routes


def _column(column: Column) -> dict[str, Any]:
    return {
        "evaluation_object_ref": column.evaluation_ref,
        "scorer_name": column.scorer,
        "summary_metric_path": column.path,
        "should_minimize": column.should_minimize,
    }


def _line(visitor: Visitor, line: Line) -> dict[str, Any]:
    return {
        "model_ref": line.model_ref,
        "column_scores": [
            {
                "scores": [
                    {
                        "evaluate_call_id": one.evaluate_call_id,
                        "evaluate_call_ref": call_ref(visitor, one.evaluate_call_id),
                        "value": one.value,
                        "n": one.n,
                        "started_at": from_us(one.started_at_us),
                    }
                    for one in scores
                ]
            }
            for scores in line.scores
        ],
    }
