"""`/threads/stream_query`: a JSON object for each thread, one a line."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from fastapi import APIRouter, Request, Response

from weft.kit.errors import InvalidRequest
from weft.traces.calls.parts import stamp_us
from weft.traces.calls.stats.shapes import moment
from weft.traces.calls.table import CallTable
from weft.traces.routes.desk import Desk, trace_router
from weft.traces.threads.read import (
    THREADS_LIMIT,
    Sort,
    Thread,
    Wanted,
    milliseconds,
    read_threads,
)

IDS_LIMIT = 1000
SORTS_LIMIT = 6
OFFSET_LIMIT = 1_000_000


class ThreadsFilter(msgspec.Struct):
    """Which threads."""

    after_datetime: datetime | None = None
    before_datetime: datetime | None = None
    thread_ids: list[str] | None = None


class SortBy(msgspec.Struct):
    """In which order."""

    field: str
    direction: Literal["asc", "desc"] = "asc"


class ThreadsBody(msgspec.Struct):
    """`threads/stream_query`."""

    project_id: str
    filter: ThreadsFilter | None = None
    limit: int | None = None
    offset: int | None = None
    sort_by: list[SortBy] | None = None


def router(desk: Desk, table: CallTable) -> APIRouter:
    """The route of threads."""
    routes = trace_router()

    @routes.post("/threads/stream_query")
    async def query(request: Request) -> Response:
        """Threads with their turns, the last updated first."""
        asked = await desk.reading(request, ThreadsBody)
        wanted = _wanted(asked.body)
        none: list[Thread] = []
        threads = await desk.store.read(
            asked.project_id, lambda c, project: read_threads(c, project, wanted, table), empty=none
        )
        lines = msgspec.json.Encoder().encode_lines([_line(thread) for thread in threads])
        return Response(lines, media_type="application/jsonl")

    _ = query
    return routes


def _wanted(body: ThreadsBody) -> Wanted:
    narrowed = body.filter or ThreadsFilter()
    limit = THREADS_LIMIT if body.limit is None else body.limit
    offset = body.offset or 0
    sorts = tuple(Sort(by.field, by.direction == "desc") for by in body.sort_by or ())
    if limit < 0 or not 0 <= offset <= OFFSET_LIMIT or len(sorts) > SORTS_LIMIT:
        raise InvalidRequest(
            f"limit is 0 or more, offset 0 to {OFFSET_LIMIT}, sort_by at most {SORTS_LIMIT} fields"
        )
    ids = narrowed.thread_ids
    if ids is not None and (len(ids) > IDS_LIMIT or any("\0" in id_ for id_ in ids)):
        raise InvalidRequest(f"thread_ids has at most {IDS_LIMIT} values", param="filter")
    after, before = narrowed.after_datetime, narrowed.before_datetime
    return Wanted(
        thread_ids=ids,
        after_us=None if after is None else stamp_us(after),
        before_us=None if before is None else stamp_us(before),
        sorts=sorts or Wanted().sorts,
        limit=min(limit, THREADS_LIMIT),
        offset=offset,
    )


def _line(thread: Thread) -> dict[str, Any]:
    return {
        "thread_id": thread.thread_id,
        "turn_count": thread.turn_count,
        "start_time": moment(thread.started_at_us),
        "last_updated": moment(thread.updated_at_us),
        "first_turn_id": thread.first_turn_id,
        "last_turn_id": thread.last_turn_id,
        "p50_turn_duration_ms": milliseconds(thread.p50_us),
        "p99_turn_duration_ms": milliseconds(thread.p99_us),
    }
