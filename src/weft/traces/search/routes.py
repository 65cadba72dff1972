"""`/api/projects/{team}/{project}/search`: whether the texts of its calls have an index, seen and set.

Members see it, and how far it is; setting it takes an admin of the team, or of the server.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from weft.identity.audit.store import record
from weft.identity.rights.teams import project_to_manage, project_to_see
from weft.identity.routes import SignedIn
from weft.identity.types import Project, User
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.traces.search.switch import SearchStatus, search_status, turn_off, turn_on
from weft.traces.store import TraceStore


class SearchSetting(BaseModel):
    """Whether there is an index."""

    model_config = ConfigDict(extra="forbid")

    search: bool


def router(
    accounts: Database,
    signed_in: SignedIn,
    store: TraceStore,
    wake: Callable[[], None],
    clock: Clock,
) -> APIRouter:
    """The routes; `signed_in` yields who asks, or refuses; `wake` has the work begin now."""
    routes = APIRouter(tags=["traces"])

    async def status(project: Project) -> SearchStatus:
        return await store.read(project.id, search_status, empty=SearchStatus(search=False))

    @routes.get("/api/projects/{team}/{project}/search")
    async def show_search(
        who: Annotated[User, Depends(signed_in)], team: str, project: str
    ) -> SearchStatus:
        """Whether the texts of the project's calls have an index, and how far it is."""
        found, _role = await accounts.read_soon(lambda c: project_to_see(c, who, team, project))
        return await status(found)

    @routes.put("/api/projects/{team}/{project}/search")
    async def put_search(
        who: Annotated[User, Depends(signed_in)], team: str, project: str, wanted: SearchSetting
    ) -> SearchStatus:
        """Set it; for admins of the team. The index is made, or removed, in the background."""

        def find(connection: Connection) -> Project:
            found = project_to_manage(
                connection,
                who,
                team,
                project,
                what="set how its traces are searched",
                command=f"traces search on {team}/PROJECT",
            )
            # Traces are in a database of their own: what is wished is told of before it is done.
            record(
                connection,
                by=who,
                action="project.search",
                subject=f"{team}/{project}",
                team=found.team_id,
                detail={"search": wanted.search},
                now=clock.now(),
            )
            return found

        found = await accounts.write_soon(find)
        await store.change(found.id, turn_on if wanted.search else turn_off)
        wake()
        return await status(found)

    _ = (show_search, put_search)
    return routes
