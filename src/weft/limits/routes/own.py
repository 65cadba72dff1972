"""`GET /api/limits`: where the caller stands. `GET /api/why/{request_id}`: why a request was refused."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Connection

from weft.identity.keys import key_names, list_keys
from weft.identity.names import NoSuchThing
from weft.identity.teams import default_team, find_project
from weft.identity.types import DEFAULT_PROJECT, Project, Team, TeamKind, User
from weft.kit.errors import NotFound
from weft.ledger.usage.store import find_usage
from weft.ledger.usage.visibility import may_see
from weft.limits.routes.answers import (
    OwnLimits,
    WhyAnswer,
    count_info,
    credit_info,
    why_answer,
)
from weft.limits.routes.parts import Parts
from weft.limits.routes.rights import team_to_see
from weft.limits.rules import Subject
from weft.limits.subjects import key_subject, project_subject, team_subject
from weft.limits.types import LimitScope
from weft.limits.why import explain

KEYS_SHOWN = 100


def router(parts: Parts) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api", tags=["limits"])

    @routes.get("/limits")
    async def show_own_limits(
        caller: Annotated[User, Depends(parts.signed_in)],
        project: Annotated[
            str | None, Query(max_length=300, description="team/project, or a team")
        ] = None,
        model: Annotated[str | None, Query(max_length=256, description="a model's id")] = None,
    ) -> OwnLimits:
        """What of each limit is left to the caller: of their keys, themselves, the project and the team."""
        return await parts.database.read_soon(
            lambda c: own_limits(c, parts, caller, place=project, model=model)
        )

    @routes.get("/why/{request_id}")
    async def explain_request(
        caller: Annotated[User, Depends(parts.signed_in)], request_id: str
    ) -> WhyAnswer:
        """Why a request was refused, by the id in its response header, and whether it would pass now."""
        return await parts.database.read_soon(lambda c: _why(c, parts, caller, request_id))

    _ = (show_own_limits, explain_request)
    return routes


def own_limits(
    connection: Connection, parts: Parts, user: User, *, place: str | None, model: str | None
) -> OwnLimits:
    """Where a user stands in a team and project.

    Raises:
        NoSuchThing: there is no such team or project, for this user.
    """
    team, project = _place(connection, user, place)
    subjects = [
        *_own_keys(connection, user, team),
        Subject(LimitScope.USER, user.id, user.username),
    ]
    if project is not None:
        subjects.append(project_subject(project))
    subjects.append(team_subject(team))
    standing = parts.standings.of(
        connection, subjects, parts.model_id(model or "") or None, now_us=parts.now_us()
    )
    names = key_names(connection, {one.id for one in subjects if one.scope is LimitScope.KEY})
    return OwnLimits(
        team=team.name,
        project=project.name if project else None,
        plan=standing.plan.name,
        plan_label=standing.plan.label,
        credit=credit_info(standing),
        limits=[count_info(count, names) for count in standing.counts],
    )


def _place(connection: Connection, user: User, place: str | None) -> tuple[Team, Project | None]:
    if place is None:
        team = default_team(connection, user.id)
        if team is None or team.kind is TeamKind.PERSONAL:
            raise NoSuchThing(
                "you are in no team, and personal entities cannot use models",
                remedy="An admin adds you: `weft team add TEAM USER`.",
            )
        return team, find_project(connection, team.id, DEFAULT_PROJECT)
    name, slash, project_name = place.partition("/")
    team = team_to_see(connection, user, name)
    if not slash:
        return team, find_project(connection, team.id, DEFAULT_PROJECT)
    project = find_project(connection, team.id, project_name)
    if project is None:
        raise NoSuchThing("there is no such project of yours", param="project")
    return team, project


def _own_keys(connection: Connection, user: User, team: Team) -> list[Subject]:
    keys = [
        key_subject(key)
        for key in list_keys(connection, user.id)
        if key.revoked_at is None and key.team_id in {None, team.id}
    ]
    return keys[:KEYS_SHOWN]


def _why(connection: Connection, parts: Parts, user: User, request_id: str) -> WhyAnswer:
    record = find_usage(connection, request_id)
    if record is None or not may_see(connection, user, record):
        raise NotFound(
            f"no request {request_id[:64]} that you may see",
            remedy="the id stands in the header x-request-id of the answer, and in the log",
        )
    return why_answer(explain(connection, parts.standings, record, now_us=parts.now_us()))
