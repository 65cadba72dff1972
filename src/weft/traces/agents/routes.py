"""`/agents/*`: what agents did, as the Weave client's `get_agents`, `get_agent_spans` and the others ask for it.

What is asked of topics and distributions, and filters by feedback, are not supported.
"""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from weft.kit.clock import to_us
from weft.traces.agents.groups import list_groups
from weft.traces.agents.lists import list_agents, list_versions, ordered
from weft.traces.agents.rows import list_attributes, list_spans
from weft.traces.agents.search import conversation_spans, search
from weft.traces.agents.stats import StatsBody, stats
from weft.traces.agents.turns import conversation_of, turn_of
from weft.traces.agents.wire import (
    AgentsBody,
    ConversationBody,
    ConversationsBody,
    SchemaBody,
    SearchBody,
    SpansBody,
    TraceBody,
    VersionsBody,
)
from weft.traces.errors import NotSupported
from weft.traces.feedback.on_agents import add_to_conversations, add_to_turns
from weft.traces.routes.desk import Desk, json_answer, trace_router
from weft.traces.types import ProjectKey

Rows = list[dict[str, Any]]


def router(desk: Desk) -> APIRouter:
    """The routes of agents."""
    routes = trace_router()
    _add_lists(routes, desk)
    _add_spans(routes, desk)
    _add_talks(routes, desk)
    return routes


def _add_lists(routes: APIRouter, desk: Desk) -> None:
    nobody: Rows = []

    @routes.post("/agents/query")
    async def agents(request: Request) -> Response:
        """Agents, with figures over all their spans."""
        asked = await desk.reading(request, AgentsBody)
        body, name = asked.body, asked.visitor.name
        limit, offset = body.checked()
        agent = body.filters.agent_name if body.filters else None
        rows = await desk.store.read(
            asked.project_id, lambda c, p: list_agents(c, p, name, agent), empty=nobody
        )
        page = ordered(rows, body.sort_by)[offset : offset + limit]
        return json_answer({"agents": page, "total_count": len(rows)})

    @routes.post("/agents/agent-versions/query")
    async def versions(request: Request) -> Response:
        """The versions of one agent."""
        asked = await desk.reading(request, VersionsBody)
        body, name = asked.body, asked.visitor.name
        limit, offset = body.checked()
        rows = await desk.store.read(
            asked.project_id, lambda c, p: list_versions(c, p, name, body.agent_name), empty=nobody
        )
        page = ordered(rows, body.sort_by)[offset : offset + limit]
        return json_answer({"versions": page, "total_count": len(rows)})

    _ = (agents, versions)


def _add_spans(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/agents/spans/query")
    async def some_spans(request: Request) -> Response:
        """Spans one by one, or in groups."""
        asked = await desk.reading(request, SpansBody)
        body, name = asked.body, asked.visitor.name
        if body.group_filters or body.group_distributions or body.insight_filters:
            raise NotSupported("filtering agents' spans by groups, topics or distributions")
        if body.signal_filters:
            raise NotSupported("filtering agents' spans by their scores")
        if body.group_by:
            find, key = list_groups, "groups"
        else:
            find, key = list_spans, "spans"
        nothing: tuple[Rows, int] = ([], 0)
        rows, total = await desk.store.read(
            asked.project_id, lambda c, p: find(c, p, name, body), empty=nothing
        )
        return json_answer({"spans": [], "groups": [], key: rows, "total_count": total})

    @routes.post("/agents/spans/custom-attrs/schema")
    async def attributes(request: Request) -> Response:
        """Names of attributes that have no field of their own."""
        asked = await desk.reading(request, SchemaBody)
        body, name = asked.body, asked.visitor.name
        limit, offset = body.checked()
        nothing: dict[str, Any] = {
            "attributes": [],
            "has_more": False,
            "limit": limit,
            "offset": offset,
        }
        found = await desk.store.read(
            asked.project_id, lambda c, p: list_attributes(c, p, name, body), empty=nothing
        )
        return json_answer(found)

    @routes.post("/agents/spans/stats")
    async def figures(request: Request) -> Response:
        """Figures of spans over time."""
        asked = await desk.reading(request, StatsBody)
        body, name, now_us = asked.body, asked.visitor.name, to_us(desk.clock.now())

        def find(connection: Connection, project: ProjectKey) -> dict[str, Any]:
            return stats(connection, project, name, body, now_us)

        nothing: dict[str, Any] = {
            "bucket_type": "time",
            "columns": [],
            "rows": [],
            "start": body.start,
            "end": body.end or desk.clock.now(),
            "timezone": body.timezone,
        }
        return json_answer(await desk.store.read(asked.project_id, find, empty=nothing))

    _ = (some_spans, attributes, figures)


def _add_talks(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/agents/traces/chat")
    async def turn(request: Request) -> Response:
        """One turn as a chat."""
        asked = await desk.reading(request, TraceBody)
        trace_id = asked.body.trace_id

        def find(connection: Connection, project: ProjectKey) -> dict[str, Any]:
            found = turn_of(connection, project, trace_id)
            if asked.body.include_feedback:
                add_to_turns(connection, project, asked.visitor.name, [found])
            return found

        nothing: dict[str, Any] = {"trace_id": trace_id, "messages": [], **_NO_TOTALS}
        return json_answer(await desk.store.read(asked.project_id, find, empty=nothing))

    @routes.post("/agents/conversations/chat")
    async def conversation(request: Request) -> Response:
        """The turns of a conversation, as chats."""
        asked = await desk.reading(request, ConversationBody)
        body = asked.body
        limit, offset = body.checked()
        nothing: dict[str, Any] = {
            "conversation_id": body.conversation_id,
            "turns": [],
            "total_turns": 0,
            "has_more": False,
            "limit": limit,
            "offset": offset,
        }

        def find(connection: Connection, project: ProjectKey) -> dict[str, Any]:
            found = conversation_of(connection, project, body)
            if body.include_feedback:
                add_to_turns(connection, project, asked.visitor.name, found["turns"], found)
            return found

        return json_answer(await desk.store.read(asked.project_id, find, empty=nothing))

    @routes.post("/agents/conversations/spans")
    async def conversations(request: Request) -> Response:
        """The spans of conversations."""
        asked = await desk.reading(request, ConversationsBody)
        body = asked.body
        nothing: dict[str, Any] = {"conversations": []}

        def find(connection: Connection, project: ProjectKey) -> dict[str, Any]:
            found = conversation_spans(connection, project, body)
            add_to_conversations(connection, project, asked.visitor.name, found["conversations"])
            return found

        return json_answer(await desk.store.read(asked.project_id, find, empty=nothing))

    @routes.post("/agents/search")
    async def searched(request: Request) -> Response:
        """Messages that hold a text, by conversation."""
        asked = await desk.reading(request, SearchBody)
        body = asked.body
        nothing: dict[str, Any] = {"results": [], "total_conversations": 0}
        found = await desk.store.read(
            asked.project_id, lambda c, p: search(c, p, body), empty=nothing
        )
        return json_answer(found)

    _ = (turn, conversation, conversations, searched)


_NO_TOTALS = {
    f"total_{name}_tokens": 0
    for name in ("input", "output", "reasoning", "cache_read_input", "cache_creation_input")
}
