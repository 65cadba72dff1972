"""`/api/projects/{team}/{project}`: removes it. `.../trace`: what its requests leave in its traces, seen and set.

Members see the setting; setting it, and removing the project, takes an admin of the team, or of the server.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from weft.identity.audit.store import record
from weft.identity.audit.types import Value
from weft.identity.projects.tracing import set_trace
from weft.identity.rights.teams import project_to_manage, project_to_see
from weft.identity.routes import SignedIn
from weft.identity.teams import remove_project
from weft.identity.types import Project, TraceLevel, User
from weft.kit.clock import Clock
from weft.kit.db import Database


class TraceSetting(BaseModel):
    """What requests leave in the project's traces, and the most that they may; null: nothing, unless they ask."""

    model_config = ConfigDict(extra="forbid")

    trace: TraceLevel | None


def router(
    database: Database, signed_in: SignedIn, clock: Clock, on_removed: Callable[[], None]
) -> APIRouter:
    """The routes; `signed_in` yields who asks, or refuses; `on_removed` is told when a project went."""
    routes = APIRouter(tags=["identity"])

    @routes.delete("/api/projects/{team}/{project}", status_code=204)
    async def delete_project(
        who: Annotated[User, Depends(signed_in)], team: str, project: str
    ) -> None:
        """Remove a project: nobody sees anything of it from now on, and what it holds is removed in the background."""

        def change(connection: Connection) -> None:
            now = clock.now()
            found = project_to_manage(
                connection,
                who,
                team,
                project,
                what="remove its projects",
                command=f"project rm {team}/PROJECT",
            )
            remove_project(connection, found.id, now)
            _record(connection, who, found, "project.remove", now)

        await database.write_soon(change)
        on_removed()

    @routes.get("/api/projects/{team}/{project}/trace")
    async def show_trace(
        who: Annotated[User, Depends(signed_in)], team: str, project: str
    ) -> TraceSetting:
        """What requests of the project leave in its traces."""
        found, _role = await database.read_soon(lambda c: project_to_see(c, who, team, project))
        return TraceSetting(trace=found.trace)

    @routes.put("/api/projects/{team}/{project}/trace")
    async def put_trace(
        who: Annotated[User, Depends(signed_in)], team: str, project: str, wanted: TraceSetting
    ) -> TraceSetting:
        """Set it; for admins of the team."""

        def change(connection: Connection) -> None:
            found = project_to_manage(
                connection,
                who,
                team,
                project,
                what="set what its requests leave in traces",
                command=f"project trace {team}/PROJECT LEVEL",
            )
            set_trace(connection, found.id, wanted.trace)
            _record(connection, who, found, "project.trace", clock.now(), trace=wanted.trace)

        await database.write_soon(change)
        return wanted

    _ = (delete_project, show_trace, put_trace)
    return routes


def _record(
    connection: Connection, who: User, project: Project, action: str, now: datetime, **detail: Value
) -> None:
    name = f"{project.team}/{project.name}"
    record(
        connection,
        by=who,
        action=action,
        subject=name,
        team=project.team_id,
        detail=detail,
        now=now,
    )
