"""`/calls/stream_query`, `/calls/query_stats`, `/call/read`; and `/calls/query`, as clients up to 0.53 ask.

Shapes: the Weave trace server's API (client 0.54).
"""

import contextlib
from collections.abc import AsyncGenerator

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from weft.traces.calls.read.reader import CallReader
from weft.traces.calls.read.wire import QueryStats, ReadCall, StreamQuery
from weft.traces.routes.desk import Desk, json_answer, trace_router

JSONL = "application/jsonl"


def router(desk: Desk, reader: CallReader) -> APIRouter:
    """The routes that read calls."""
    routes = trace_router()

    @routes.post("/calls/stream_query")
    async def stream_query(request: Request) -> Response:
        """Calls, one a line, sent while they are read; an error in the first of them is an error of the answer."""
        asked = await desk.reading(request, StreamQuery)
        pieces = reader.stream(asked.project_id, asked.visitor.name, asked.body)
        first = await anext(pieces, b"")
        return StreamingResponse(_all(first, pieces), media_type=JSONL)

    @routes.post("/calls/query", include_in_schema=False)
    async def query(request: Request) -> Response:
        """What `/calls/stream_query` answers, as one object; sent while it is read as well."""
        asked = await desk.reading(request, StreamQuery)
        pieces = reader.stream(asked.project_id, asked.visitor.name, asked.body)
        first = await anext(pieces, b"")
        return StreamingResponse(_as_list(_all(first, pieces)), media_type="application/json")

    @routes.post("/calls/query_stats")
    async def query_stats(request: Request) -> Response:
        """How many calls a query finds."""
        asked = await desk.reading(request, QueryStats)
        return json_answer(await reader.count(asked.project_id, asked.visitor.name, asked.body))

    @routes.post("/call/read")
    async def read(request: Request) -> Response:
        """One call, or null."""
        asked = await desk.reading(request, ReadCall)
        found = await reader.read(asked.project_id, asked.visitor.name, asked.body)
        return Response(b'{"call":%b}' % (found or b"null"), media_type="application/json")

    _ = (stream_query, query, query_stats, read)
    return routes


async def _all(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with contextlib.aclosing(rest):
        yield first
        async for piece in rest:
            yield piece


async def _as_list(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Lines of JSON as the elements of one list: whole lines come in each piece, and a line holds no line feed."""
    yield b'{"calls":['
    comma = b""
    async with contextlib.aclosing(pieces):
        async for piece in pieces:
            if piece:
                yield comma + piece.rstrip(b"\n").replace(b"\n", b",")
                comma = b","
    yield b"]}"
