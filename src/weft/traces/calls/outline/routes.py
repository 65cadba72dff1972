"""`/trace/outline`: what a tree of calls shows. A route of this server's own, for the console."""

import msgspec
from fastapi import APIRouter, Request, Response

from weft.traces.calls.outline.read import read_outline
from weft.traces.calls.table import CallTable
from weft.traces.routes.desk import Desk, json_answer, trace_router


class OutlineBody(msgspec.Struct):
    """`trace/outline`."""

    project_id: str
    call_id: str
    """Any call of the trace."""


def router(desk: Desk, table: CallTable) -> APIRouter:
    """The route of outlines."""
    routes = trace_router()

    @routes.post("/trace/outline")
    async def outline(request: Request) -> Response:
        """All calls of the trace that a call is in, by columns and without their texts; null if there is none."""
        asked = await desk.reading(request, OutlineBody)
        found = await desk.store.read(
            asked.project_id,
            lambda c, project: read_outline(c, project, asked.body.call_id, desk.book, table),
            empty=None,
        )
        return json_answer({"outline": found})

    _ = outline
    return routes
