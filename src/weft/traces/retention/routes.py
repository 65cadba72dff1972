"""`/project/ttl_settings/read` and `/update`: for how many days calls of a project are kept.

Shapes: the Weave trace server's API (client 0.54). Everybody in the project may read it; setting it takes an admin of
the team, since it removes what others wrote.
"""

from collections.abc import Callable

import msgspec
from fastapi import APIRouter, Request, Response

from weft.identity.types import Role
from weft.kit.errors import NotPermitted
from weft.traces.project.routes import ProjectBody
from weft.traces.retention.days import check_days, read_days, set_days, shorter
from weft.traces.routes.desk import Desk, json_answer, trace_router


class OnlyAdmins(NotPermitted):
    """It takes an admin of the team."""

    code = "role_too_low"

    def __init__(self, team: str) -> None:
        super().__init__(
            f"Only admins of the team {team} say how long calls are kept",
            remedy=f"Ask one of them, or whoever runs the server: `weft team add {team} USER --role admin`.",
        )


class DaysBody(msgspec.Struct):
    """`project/ttl_settings/update`."""

    project_id: str
    retention_days: int | None = None


def router(desk: Desk, server_days: int, wake: Callable[[], None]) -> APIRouter:
    """The routes; `wake` has what is over removed now."""
    routes = trace_router()

    @routes.post("/project/ttl_settings/read")
    async def read(request: Request) -> Response:
        """For how many days calls are kept; null for ever."""
        asked = await desk.reading(request, ProjectBody)
        own = await desk.store.read(asked.project_id, read_days, empty=None)
        return json_answer({"retention_days": shorter(own, server_days)})

    @routes.post("/project/ttl_settings/update")
    async def change(request: Request) -> Response:
        """Say for how many days calls are kept."""
        asked = await desk.writing(request, DaysBody)
        if asked.visitor.role is not Role.ADMIN:
            raise OnlyAdmins(asked.visitor.team)
        days = asked.body.retention_days
        check_days(days, server_days)
        await desk.gate.tell(asked.visitor, "project.retention", {"days": days})
        await desk.store.change(asked.project_id, lambda c, project: set_days(c, project, days))
        wake()
        return json_answer({"retention_days": shorter(days, server_days)})

    _ = (read, change)
    return routes
