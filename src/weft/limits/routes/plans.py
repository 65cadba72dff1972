"""`/api/plans` and `/api/teams/{team}/plan`: which plans there are, which a team has, and changing both."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends
from sqlalchemy import Connection

from weft.identity.types import Team, User
from weft.limits.plans.store import (
    find_changes,
    get_plan,
    get_team_plan,
    list_changes,
    list_team_plans,
)
from weft.limits.routes.answers import (
    PlanChangeRequest,
    PlanHistory,
    PlanInfo,
    PlanList,
    TeamPlanRequest,
    TeamPlans,
    plan_change_info,
    plan_info,
    team_plan_info,
)
from weft.limits.routes.parts import Parts
from weft.limits.routes.rights import require_server_admin, setter, team_to_see
from weft.limits.subjects import find_any_team


def router(parts: Parts) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api", tags=["limits"])
    _add_plans(routes, parts)
    _add_team_plans(routes, parts)
    return routes


def _add_plans(routes: APIRouter, parts: Parts) -> None:
    @routes.get("/plans")
    async def list_plans(_caller: Annotated[User, Depends(parts.signed_in)]) -> PlanList:
        """All plans, as they are now."""
        return await parts.database.read_soon(
            lambda c: PlanList(
                default=parts.default_plan,
                plans=[_told(c, parts, plan.name) for plan in parts.plans],
            )
        )

    @routes.get("/plans/{plan}")
    async def show_plan(
        caller: Annotated[User, Depends(parts.signed_in)], plan: str
    ) -> PlanHistory:
        """One plan; for admins of the server also what was changed about it."""
        return await parts.database.read_soon(
            lambda c: PlanHistory(
                plan=_told(c, parts, plan),
                changes=[plan_change_info(one) for one in list_changes(c, plan)]
                if caller.is_admin
                else [],
            )
        )

    @routes.put("/plans/{plan}")
    async def change_plan(
        caller: Annotated[User, Depends(parts.signed_in)], plan: str, wanted: PlanChangeRequest
    ) -> PlanInfo:
        """Change a plan for all teams that have it; no `changes` takes earlier ones back."""
        require_server_admin(caller, "change plans")
        changes = msgspec.json.encode(wanted.changes).decode()

        def change(connection: Connection) -> PlanInfo:
            parts.changes.change_plan(
                connection,
                plan,
                changes,
                setter=setter(caller, wanted.reason),
                now_us=parts.now_us(),
            )
            return _told(connection, parts, plan)

        return await parts.database.write_soon(change)

    _ = (list_plans, show_plan, change_plan)


def _add_team_plans(routes: APIRouter, parts: Parts) -> None:
    @routes.get("/teams/{team}/plan")
    async def show_team_plan(
        caller: Annotated[User, Depends(parts.signed_in)], team: str
    ) -> TeamPlans:
        """The plan of a team of the caller's, and those that it had."""
        return await parts.database.read_soon(
            lambda c: _team_plans(c, parts, team_to_see(c, caller, team))
        )

    @routes.put("/teams/{team}/plan")
    async def set_team_plan(
        caller: Annotated[User, Depends(parts.signed_in)], team: str, wanted: TeamPlanRequest
    ) -> TeamPlans:
        """Give a team another plan. It holds from the next request on."""
        require_server_admin(caller, "give teams plans")

        def change(connection: Connection) -> TeamPlans:
            found = find_any_team(connection, team)
            parts.changes.set_team_plan(
                connection,
                found,
                wanted.plan,
                setter=setter(caller, wanted.reason),
                now_us=parts.now_us(),
            )
            return _team_plans(connection, parts, found)

        return await parts.database.write_soon(change)

    _ = (show_team_plan, set_team_plan)


def _told(connection: Connection, parts: Parts, name: str) -> PlanInfo:
    plan = get_plan(connection, parts.plans, name)
    return plan_info(plan, find_changes(connection, name))


def _team_plans(connection: Connection, parts: Parts, team: Team) -> TeamPlans:
    plan = get_team_plan(connection, parts.plans, team.id, parts.default_plan)
    return TeamPlans(
        team=team.name,
        plan=plan_info(plan, find_changes(connection, plan.name)),
        history=[team_plan_info(one) for one in list_team_plans(connection, team.id)],
    )
