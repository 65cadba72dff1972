"""`/calls/usage` and `/trace/usage`. Shapes: the Weave trace server's API (client 0.54)."""

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from weft.kit.errors import InvalidRequest
from weft.traces.calls.read.wire import CallFilter
from weft.traces.calls.table import CallTable
from weft.traces.calls.usage.tree import CALLS_LIMIT, UsageTree, Used, usage_below, usage_of_calls
from weft.traces.query.parse import parse_query
from weft.traces.routes.desk import Desk, json_answer, trace_router
from weft.traces.types import ProjectKey

IDS_LIMIT = 1000
DEFAULT_LIMIT = 100_000
_NO_CALLS = UsageTree({}, ())


class CallUsageBody(msgspec.Struct):
    """`calls/usage`."""

    project_id: str
    call_ids: list[str]
    include_costs: bool = False
    limit: int = DEFAULT_LIMIT


class TraceUsageBody(msgspec.Struct):
    """`trace/usage`."""

    project_id: str
    filter: CallFilter | None = None
    query: Any = None
    include_costs: bool = False
    limit: int = DEFAULT_LIMIT


def router(desk: Desk, table: CallTable) -> APIRouter:
    """What calls used, with everything below them."""
    routes = trace_router()

    @routes.post("/calls/usage")
    async def of_calls(request: Request) -> Response:
        """Of the calls that are named."""
        asked = await desk.reading(request, CallUsageBody)
        body = asked.body
        if len(body.call_ids) > IDS_LIMIT:
            raise InvalidRequest(f"at most {IDS_LIMIT} calls at once", param="call_ids")
        limit, book = _limit(body.limit), desk.book if body.include_costs else None
        tree = await desk.store.read(
            asked.project_id,
            lambda c, project: usage_below(
                c, project, body.call_ids, limit=limit, book=book, table=table
            ),
            empty=_NO_CALLS,
        )
        return _answer(tree)

    @routes.post("/trace/usage")
    async def of_trace(request: Request) -> Response:
        """Of each call that the filter lets through: as a rule, those of a trace."""
        asked = await desk.reading(request, TraceUsageBody)
        body = asked.body
        limit, book = _limit(body.limit), desk.book if body.include_costs else None
        query = parse_query(body.query)

        def read(connection: Connection, project: ProjectKey) -> UsageTree:
            meant = table.meant(connection, project, body.filter, query, limit)
            return usage_of_calls(connection, project, meant, limit=limit, book=book, table=table)

        tree = await desk.store.read(asked.project_id, read, empty=_NO_CALLS)
        return _answer(tree)

    _ = (of_calls, of_trace)
    return routes


def _limit(limit: int) -> int:
    if not 1 <= limit <= CALLS_LIMIT:
        raise InvalidRequest(f"limit is 1 to {CALLS_LIMIT}", param="limit")
    return limit


def _answer(tree: UsageTree) -> Response:
    return json_answer(
        {
            "call_usage": {
                id_: {model: _item(used) for model, used in by_model.items()}
                for id_, by_model in tree.used.items()
            },
            "unfinished_call_ids": tree.unfinished,
        }
    )


def _item(used: Used) -> dict[str, Any]:
    usage = used.usage
    costs = (None,) * 4 if used.costs is None else tuple(float(cost) for cost in used.costs)
    prompt, completion, cache_read, cache_creation = costs
    return {
        "requests": usage.requests,
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "cache_read_input_tokens": usage.cache_read_tokens,
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "prompt_tokens_total_cost": prompt,
        "completion_tokens_total_cost": completion,
        "cache_read_input_tokens_total_cost": cache_read,
        "cache_creation_input_tokens_total_cost": cache_creation,
    }
