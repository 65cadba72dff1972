"""The routes that add feedback up."""

from typing import Any

from fastapi import APIRouter, Request, Response

from weft.kit.clock import from_us
from weft.traces.feedback.aggregate import AggregateBody, Bucket, aggregate, check_bounds
from weft.traces.feedback.stats import (
    FeedbackStatsBody,
    SchemaBody,
    feedback_span,
    payload_schema,
    stats,
)
from weft.traces.routes.desk import Desk, json_answer, trace_router


def router(desk: Desk) -> APIRouter:
    """`/feedback/aggregate`, `/feedback/stats`, `/feedback/payload_schema`."""
    routes = trace_router()

    @routes.post("/feedback/aggregate")
    async def add_up(request: Request) -> Response:
        """Tags and ratings, by time and by group."""
        asked = await desk.reading(request, AggregateBody)
        body = asked.body
        check_bounds(body)
        buckets = await desk.store.read(
            asked.project_id, lambda c, key: aggregate(c, key, body), empty=list[Bucket]()
        )
        return json_answer(
            {
                "after_ms": body.after_ms,
                "before_ms": body.before_ms,
                "time_bucket_seconds": body.time_bucket_seconds,
                "buckets": buckets,
            }
        )

    @routes.post("/feedback/stats")
    async def figures(request: Request) -> Response:
        """Figures of what payloads have at given places, over time."""
        asked = await desk.reading(request, FeedbackStatsBody)
        body = asked.body
        span = feedback_span(body, desk.clock.now())
        empty: tuple[list[dict[str, Any]], dict[str, dict[str, float | None]]] = ([], {})
        if body.metrics:
            buckets, whole = await desk.store.read(
                asked.project_id, lambda c, key: stats(c, key, body, span), empty=empty
            )
        else:
            buckets, whole = empty
        return json_answer(
            {
                "start": from_us(span.start_us),
                "end": from_us(span.end_us),
                "granularity": span.granularity_s,
                "timezone": body.timezone,
                "buckets": buckets,
                "window_stats": whole or None,
            }
        )

    @routes.post("/feedback/payload_schema")
    async def schema(request: Request) -> Response:
        """Places in payloads that figures can be made of."""
        asked = await desk.reading(request, SchemaBody)
        body = asked.body
        span = feedback_span(body, desk.clock.now())
        paths = await desk.store.read(
            asked.project_id, lambda c, key: payload_schema(c, key, body, span), empty=[]
        )
        return json_answer({"paths": paths})

    _ = (add_up, figures, schema)
    return routes
