"""`/api/limits/set`: the limits that admins set, and setting them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Connection

from weft.identity.keys import list_keys
from weft.identity.names import NoSuchThing
from weft.identity.teams import list_projects
from weft.identity.types import Team, User
from weft.limits.routes.answers import (
    LimitRequest,
    SetLimitInfo,
    SetLimits,
    set_limit_info,
)
from weft.limits.routes.parts import Parts
from weft.limits.routes.rights import (
    require_server_admin,
    setter,
    subject_to_limit,
    team_to_manage,
)
from weft.limits.rules import Rule
from weft.limits.store import find_limit, list_limits
from weft.limits.subjects import names_of


def router(parts: Parts) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/limits/set", tags=["limits"])

    @routes.get("")
    async def list_set_limits(
        *,
        caller: Annotated[User, Depends(parts.signed_in)],
        team: Annotated[str | None, Query(max_length=128)] = None,
        history: Annotated[bool, Query(description="also those that ended")] = False,
    ) -> SetLimits:
        """The limits that admins set: of a team for its admins, of everybody for admins of the server."""
        return await parts.database.read_soon(
            lambda c: _listed(c, caller, team=team, history=history)
        )

    @routes.put("")
    async def set_limit(
        caller: Annotated[User, Depends(parts.signed_in)], wanted: LimitRequest
    ) -> SetLimitInfo:
        """Set a limit, instead of the one that was set before. It holds from the next request on."""
        return await parts.database.write_soon(lambda c: _set(c, parts, caller, wanted))

    @routes.delete("/{limit_id}")
    async def end_limit(
        caller: Annotated[User, Depends(parts.signed_in)],
        limit_id: str,
        reason: Annotated[str, Query(max_length=500)] = "",
    ) -> SetLimitInfo:
        """Take a limit out of force; what the plan says holds again."""
        return await parts.database.write_soon(
            lambda c: _end(c, parts, caller, limit_id, reason=reason)
        )

    _ = (list_set_limits, set_limit, end_limit)
    return routes


def scope_ids_of(connection: Connection, team: Team) -> set[str]:
    """A team, its projects, and the keys that work in it alone."""
    projects = {project.id for project in list_projects(connection, team.id)}
    keys = {key.id for key in list_keys(connection, team_id=team.id)}
    return {team.id, *projects, *keys}


def _listed(connection: Connection, caller: User, *, team: str | None, history: bool) -> SetLimits:
    if team is None:
        require_server_admin(caller, "see the limits of all teams; name one with `team`")
        scope_ids = None
    else:
        scope_ids = scope_ids_of(connection, team_to_manage(connection, caller, team))
    rows = list_limits(connection, scope_ids, history=history)
    names = names_of(connection, rows)
    return SetLimits(limits=[set_limit_info(row, names.get(row.rule.scope_id, "")) for row in rows])


def _set(connection: Connection, parts: Parts, caller: User, wanted: LimitRequest) -> SetLimitInfo:
    subject = subject_to_limit(connection, caller, wanted.scope, wanted.subject)
    rule = Rule(
        kind=wanted.kind,
        scope=wanted.scope,
        scope_id=subject.id,
        period=wanted.period,
        model_id=parts.model_id(wanted.model),
        max=int(wanted.max),
    )
    row = parts.changes.set_limit(
        connection, subject, rule, setter=setter(caller, wanted.reason), now_us=parts.now_us()
    )
    return set_limit_info(row, names_of(connection, [row]).get(subject.id, ""))


def _end(
    connection: Connection, parts: Parts, caller: User, limit_id: str, *, reason: str
) -> SetLimitInfo:
    if not caller.is_admin:
        found = find_limit(connection, limit_id)
        if found is None:
            raise NoSuchThing("there is no such limit of yours", param="limit")
        subject_to_limit(connection, caller, found.rule.scope, found.rule.scope_id)
    row = parts.changes.end_limit(
        connection, limit_id, setter=setter(caller, reason), now_us=parts.now_us()
    )
    return set_limit_info(row, names_of(connection, [row]).get(row.rule.scope_id, ""))
