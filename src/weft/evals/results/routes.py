"""`POST /v2/{entity}/{project}/eval_results/query`."""

from fastapi import APIRouter, Request, Response

from weft.evals.results.query import find_results
from weft.evals.results.shapes import ResultsAnswer, ResultsWire, SummaryAnswer
from weft.traces.json_text import decode
from weft.traces.resolving.read import read_ref_values
from weft.traces.routes.desk import Desk, json_answer, trace_router


def router(desk: Desk) -> APIRouter:
    """The route of results."""
    routes = trace_router(tags="evaluations")

    @routes.post("/v2/{entity}/{project}/eval_results/query")
    async def query(entity: str, project: str, request: Request) -> Response:
        """Rows x evaluations, and what each evaluation comes to."""
        visitor = await desk.enter(request, f"{entity}/{project}")
        wire = decode(await request.body(), ResultsWire)
        nothing = SummaryAnswer(0, []) if wire.include_summary else None
        found = await desk.store.read(
            visitor.project_id,
            lambda connection, key: find_results(
                connection,
                key,
                wire,
                book=desk.book,
                resolve=lambda c, k, refs: read_ref_values(c, k, visitor.name, refs),
            ),
            empty=ResultsAnswer([], 0, nothing, []),
        )
        return json_answer(found)

    _ = query
    return routes
