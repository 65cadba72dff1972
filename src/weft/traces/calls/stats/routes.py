"""`/calls/stats`."""

from fastapi import APIRouter, Request, Response

from weft.traces.calls.stats.read import Asked, no_stats, read_stats
from weft.traces.calls.stats.shapes import StatsAnswer, StatsBody, moment, span_of
from weft.traces.calls.table import CallTable
from weft.traces.routes.desk import Desk, json_answer, trace_router


def router(desk: Desk, table: CallTable) -> APIRouter:
    """Figures of calls over time."""
    routes = trace_router()

    @routes.post("/calls/stats")
    async def stats(request: Request) -> Response:
        """Calls, errors, latencies, tokens and costs by time."""
        asked = await desk.reading(request, StatsBody)
        body = asked.body
        span = span_of(body, desk.clock.now())
        wanted = Asked(span, body.usage_metrics, body.call_metrics, body.filter)
        found = await desk.store.read(
            asked.project_id,
            lambda c, project: read_stats(c, project, wanted, desk.book, table),
            empty=no_stats(wanted),
        )
        return json_answer(
            StatsAnswer(
                start=moment(span.start_us),
                end=moment(span.end_us),
                granularity=span.granularity_s,
                timezone=str(span.zone),
                usage_buckets=found.usage_buckets,
                call_buckets=found.call_buckets,
            )
        )

    _ = stats
    return routes
