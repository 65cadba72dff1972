"""`/refs/read_batch` (the Weave trace server's API, client 0.54)."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from weft.identity.names import NoSuchThing
from weft.kit.errors import InvalidRequest
from weft.traces.json_text import decode
from weft.traces.refs import parse_ref
from weft.traces.resolving.read import Budget, advance
from weft.traces.resolving.walk import Walk
from weft.traces.routes.desk import Desk, credentials, trace_router

MOST_REFS = 5_000
MOST_PROJECTS = 100
"""That one request may lead into."""


class ReadBatchBody(msgspec.Struct):
    """`/refs/read_batch`."""

    refs: list[str]


def router(desk: Desk) -> APIRouter:
    """The route."""
    routes = trace_router()

    @routes.post("/refs/read_batch")
    async def read_batch(request: Request) -> Response:
        """The values of references, in their order; null for what is not there, or not the caller's to see."""
        body = decode(await request.body(), ReadBatchBody)
        if len(body.refs) > MOST_REFS:
            raise InvalidRequest(f"at most {MOST_REFS} references at a time", param="refs")
        if not body.refs:
            await desk.gate.identify(credentials(request))
        walks = {text: Walk(parse_ref(text)) for text in body.refs}
        await resolve(desk, request, list(walks.values()))
        answer = await asyncio.to_thread(_encoded, walks, body.refs)
        return Response(answer, media_type="application/json")

    _ = read_batch
    return routes


def _encoded(walks: Mapping[str, Walk], texts: Sequence[str]) -> bytes:
    values = {
        text: json.dumps(walk.value, ensure_ascii=False, separators=(",", ":"))
        for text, walk in walks.items()
    }
    return ('{"vals":[' + ",".join(values[text] for text in texts) + "]}").encode()


async def resolve(desk: Desk, request: Request, walks: Sequence[Walk]) -> None:
    """Follow references to their ends, through all projects that the caller of `request` may read.

    Raises:
        WeftError: the caller is nobody; there are more projects, or bytes, than one request may read.
    """
    budget = Budget()
    projects: dict[str, str | None] = {}
    while waiting := [walk for walk in walks if walk.needs is not None]:
        by_project: dict[str, list[Walk]] = {}
        for walk in waiting:
            assert walk.needs is not None
            by_project.setdefault(walk.needs.project_id, []).append(walk)
        for project, group in by_project.items():
            if project not in projects:
                projects[project] = await _enter(desk, request, project)
            if len(projects) > MOST_PROJECTS:
                raise InvalidRequest(f"at most {MOST_PROJECTS} projects at a time", param="refs")
            await _advance(desk, projects[project], group, budget)


async def _enter(desk: Desk, request: Request, project: str) -> str | None:
    try:
        return (await desk.enter(request, project)).project_id
    except NoSuchThing:
        return None


async def _advance(desk: Desk, project_id: str | None, walks: list[Walk], budget: Budget) -> None:
    done: Any = False
    if project_id is not None:
        done = await desk.store.read(
            project_id, lambda c, key: advance(c, key, walks, budget) or True, empty=False
        )
    if not done:
        for walk in walks:
            walk.go(None)
