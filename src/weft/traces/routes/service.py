"""What a client asks before anything else: is this a trace server, which version, what are projects called inside."""

import msgspec
from fastapi import APIRouter, Request, Response

from weft.traces.json_text import decode
from weft.traces.routes.desk import Desk, credentials, json_answer, trace_router

SERVER_INFO = {"min_required_weave_python_version": "0.0.1", "trace_server_version": "0.1.0"}
PROJECTS_LIMIT = 1000


class ProjectsInfo(msgspec.Struct):
    """`/service/projects_info`."""

    project_ids: list[str]


def router(desk: Desk) -> APIRouter:
    """`/server_info`, `/health`, `/service/projects_info`."""
    routes = trace_router()

    @routes.get("/server_info")
    async def server_info(request: Request) -> Response:
        """Versions, for whoever has a key: this is where a client finds out that its key is wrong."""
        sent = credentials(request)
        if sent.authorization:
            await desk.gate.identify(sent)
        return json_answer(SERVER_INFO)

    @routes.get("/health")
    async def health() -> Response:
        """200 as long as the process answers."""
        return json_answer({"status": "ok"})

    @routes.post("/service/projects_info")
    async def projects_info(request: Request) -> Response:
        """What projects are called inside: clients that compute digests themselves need it."""
        asked = decode(await request.body(), ProjectsInfo)
        found: list[dict[str, str]] = []
        for name in asked.project_ids[:PROJECTS_LIMIT]:
            visitor = await desk.enter(request, name)
            found.append({"external_project_id": name, "internal_project_id": visitor.project_id})
        return json_answer(found)

    _ = (server_info, health, projects_info)
    return routes
