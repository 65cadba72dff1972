"""`/api/projects/{team}/{project}`: removes it. `.../trace`: what its requests leave in its traces, seen and set.

Members see the setting; setting it, and removing the project, takes an admin of the team, or of the server.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from weft.identity.names import NoSuchThing
from weft.identity.projects.tracing import set_trace
from weft.identity.routes import SignedIn
from weft.identity.teams import find_project, find_role, find_team, remove_project
from weft.identity.types import Project, Role, TraceLevel, User
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.errors import NotPermitted


class NoAdmin(NotPermitted):
    """It takes an admin of the team."""

    code = "role_too_low"

    def __init__(self, team: str, what: str, command: str) -> None:
        super().__init__(
            f"Only admins of the team {team} may {what}",
            remedy=f"Ask one of them, or whoever runs the server: `weft {command}`.",
        )


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
            found, role = find_visible(connection, who, team, project)
            if role is not Role.ADMIN and not who.is_admin:
                raise NoAdmin(team, "remove its projects", f"project rm {team}/PROJECT")
            remove_project(connection, found.id, clock.now())

        await database.write_soon(change)
        on_removed()

    @routes.get("/api/projects/{team}/{project}/trace")
    async def show_trace(
        who: Annotated[User, Depends(signed_in)], team: str, project: str
    ) -> TraceSetting:
        """What requests of the project leave in its traces."""
        found, _role = await database.read_soon(lambda c: find_visible(c, who, team, project))
        return TraceSetting(trace=found.trace)

    @routes.put("/api/projects/{team}/{project}/trace")
    async def put_trace(
        who: Annotated[User, Depends(signed_in)], team: str, project: str, wanted: TraceSetting
    ) -> TraceSetting:
        """Set it; for admins of the team."""

        def change(connection: Connection) -> None:
            found, role = find_visible(connection, who, team, project)
            if role is not Role.ADMIN and not who.is_admin:
                raise NoAdmin(
                    team,
                    "set what its requests leave in traces",
                    f"project trace {team}/PROJECT LEVEL",
                )
            set_trace(connection, found.id, wanted.trace)

        await database.write_soon(change)
        return wanted

    _ = (delete_project, show_trace, put_trace)
    return routes


def find_visible(
    connection: Connection, user: User, team: str, project: str
) -> tuple[Project, Role | None]:
    """The project, for those who may know of it, and the caller's role in its team.

    Raises:
        NoSuchThing: there is none that they may know of.
    """
    of_team = find_team(connection, team)
    role = find_role(connection, of_team.id, user.id) if of_team else None
    found = find_project(connection, of_team.id, project) if of_team else None
    if found is None or (role is None and not user.is_admin):
        raise NoSuchThing(f"there is no project {team}/{project} of yours", param="project")
    return found, role
