"""`/api/audit`: who changed what. Admins of the server see all, admins of a team what concerns their teams."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection

from weft.identity.audit.store import CURSOR, PAGE_LIMIT, list_entries
from weft.identity.audit.types import Entry, Value, Wanted
from weft.identity.rights.teams import managed_teams, team_to_manage
from weft.identity.teams import team_names
from weft.identity.types import User
from weft.kit.db import Database
from weft.kit.errors import NotPermitted

PAGE = 50
_WHAT = "see what was changed"


class AuditEntry(BaseModel):
    """One thing that was changed."""

    id: str
    at: datetime
    by: str
    """A user of this server, or of its machine: `bob (command line)`."""
    by_user_id: str | None
    action: str
    """What it was about, and what was done: `member.remove`."""
    subject: str
    team: str | None
    """The team that it concerns; null: the server as a whole."""
    detail: dict[str, Value]
    """What was changed; money (`…_nusd`) as text of nano-dollars."""


class AuditPage(BaseModel):
    """Entries, the newest first."""

    entries: list[AuditEntry]
    next_cursor: str | None
    """`cursor` of the next page; null: this is the last."""


def router(database: Database, signed_in: Callable[[Request], Awaitable[User]]) -> APIRouter:
    """The routes; `signed_in` yields who asks, or refuses."""
    routes = APIRouter(tags=["identity"])

    @routes.get("/api/audit")
    async def list_audit_log(
        *,
        caller: Annotated[User, Depends(signed_in)],
        by: Annotated[
            str, Query(max_length=128, description="part of the name of who did it")
        ] = "",
        action: Annotated[
            str, Query(pattern=r"^[a-z_.]{0,81}$", description="`member`, or `member.remove`")
        ] = "",
        team: Annotated[str | None, Query(max_length=128)] = None,
        since: AwareDatetime | None = None,
        until: Annotated[AwareDatetime | None, Query(description="before this moment")] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = PAGE,
        cursor: Annotated[str | None, Query(pattern=CURSOR)] = None,
    ) -> AuditPage:
        """Who changed what, the newest first."""

        def work(connection: Connection) -> AuditPage:
            team_ids = _visible(connection, caller, team)
            wanted = Wanted(by=by, action=action, team_ids=team_ids, since=since, until=until)
            page = list_entries(connection, wanted, limit=limit, cursor=cursor or "")
            names = team_names(connection, {one.team_id for one in page.entries if one.team_id})
            return AuditPage(
                entries=[_told(one, names) for one in page.entries], next_cursor=page.next_cursor
            )

        return await database.read_soon(work)

    _ = list_audit_log
    return routes


def _visible(connection: Connection, caller: User, team: str | None) -> frozenset[str] | None:
    """The teams whose entries the caller sees; None: all there are."""
    if team is not None:
        return frozenset({team_to_manage(connection, caller, team, _WHAT, personal=True).id})
    if caller.is_admin:
        return None
    mine = managed_teams(connection, caller)
    if not mine:
        raise NotPermitted(
            f"Only admins {_WHAT}: of the server, or of a team",
            remedy="Ask an admin of your team: `weft team add TEAM USER --role admin`.",
        )
    return frozenset(mine)


def _told(entry: Entry, teams: dict[str, str]) -> AuditEntry:
    return AuditEntry.model_validate(
        {
            "id": entry.id,
            "at": entry.at,
            "by": entry.by,
            "by_user_id": entry.by_user_id,
            "action": entry.action,
            "subject": entry.subject,
            "team": None if entry.team_id is None else teams.get(entry.team_id, entry.team_id),
            "detail": entry.detail,
        }
    )
