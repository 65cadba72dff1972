"""`GET /api/limits/overview`: every limit of a team: whose, how far it is used, who set it, why, and before.

For admins of the team; of users, who may be in several teams, only admins of the server see the counts.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from sqlalchemy import Connection

from weft.identity.keys import key_names, list_keys
from weft.identity.teams import list_members, list_projects
from weft.identity.types import Team, User
from weft.limits.counts import Count
from weft.limits.plans.store import get_team_plan
from weft.limits.routes.answers import (
    CreditCount,
    LimitCount,
    SetLimitInfo,
    count_info,
    credit_info,
    set_limit_info,
)
from weft.limits.routes.parts import Parts
from weft.limits.routes.rights import team_to_manage
from weft.limits.rules import SetLimit, Subject, rule_of
from weft.limits.store import list_limits
from weft.limits.subjects import key_subject, names_of, project_subject, team_subject
from weft.limits.types import LimitScope

SHOWN = 100
"""Of each scope."""


class StandingLimit(LimitCount):
    """One limit that applies, how far it is used, and what is known of it."""

    rule: SetLimitInfo | None
    """Who set it, when and why; null: the plan says so."""
    history: list[SetLimitInfo]
    """Those that were set in its place before, the newest first."""


class SubjectLimits(BaseModel):
    """Whom limits are for, and each of theirs."""

    scope: LimitScope
    id: str
    name: str
    limits: list[StandingLimit]


class LimitsOverview(BaseModel):
    """Every limit of a team."""

    team: str
    plan: str
    plan_label: str
    credit: CreditCount
    may_set_users: bool
    subjects: list[SubjectLimits]
    """The team first, then projects, keys that work in it alone, and users."""
    left_off: int
    """Projects, keys and users beyond the hundred of each that are shown: `q` finds them."""
    ended: list[SetLimitInfo]
    """Limits of these that are in force no more, the newest first."""


def router(parts: Parts) -> APIRouter:
    """The route."""
    routes = APIRouter(prefix="/api/limits", tags=["limits"])

    @routes.get("/overview")
    async def show_limits_overview(
        caller: Annotated[User, Depends(parts.signed_in)],
        team: Annotated[str, Query(max_length=128)],
        q: Annotated[str, Query(max_length=100, description="part of a name")] = "",
    ) -> LimitsOverview:
        """Each limit of a team, its projects, keys and users: what is used, who set it and why, and before."""
        return await parts.database.read_soon(
            lambda c: _overview(c, parts, caller, team_to_manage(c, caller, team), q)
        )

    _ = show_limits_overview
    return routes


def _overview(
    connection: Connection, parts: Parts, caller: User, team: Team, wanted: str
) -> LimitsOverview:
    subjects, names, left_off = _subjects(connection, team, wanted, with_users=caller.is_admin)
    standing = parts.standings.of(connection, subjects, None, now_us=parts.now_us())
    rows = list_limits(connection, [subject.id for subject in subjects], history=True)
    names |= names_of(connection, rows)
    counts: dict[str, list[Count]] = {}
    for count in standing.counts:
        counts.setdefault(count.limit.scope_id, []).append(count)
    plan = get_team_plan(connection, parts.plans, team.id, parts.default_plan)
    ended = sorted(
        (row for row in rows if row.ended_at_us is not None),
        key=lambda row: row.ended_at_us or 0,
        reverse=True,
    )
    return LimitsOverview(
        team=team.name,
        plan=plan.name,
        plan_label=plan.label,
        credit=credit_info(standing),
        may_set_users=caller.is_admin,
        subjects=[
            SubjectLimits(
                scope=subject.scope,
                id=subject.id,
                name=names.get(subject.id) or subject.name,
                limits=[_standing(one, rows, names) for one in counts.get(subject.id, ())],
            )
            for subject in subjects
        ],
        left_off=left_off,
        ended=[set_limit_info(row, names.get(row.rule.scope_id, "")) for row in ended[:SHOWN]],
    )


def _subjects(
    connection: Connection, team: Team, wanted: str, *, with_users: bool
) -> tuple[list[Subject], dict[str, str], int]:
    """The team, and of each kind in it the first that answer to `wanted`; their names; how many more there are."""
    keys = [key for key in list_keys(connection, team_id=team.id) if key.revoked_at is None]
    names = key_names(connection, {key.id for key in keys})
    groups: list[list[Subject]] = [
        [project_subject(project) for project in list_projects(connection, team.id)],
        [key_subject(key) for key in keys],
    ]
    if with_users:
        groups.append(
            [
                Subject(LimitScope.USER, one.user_id, one.username)
                for one in list_members(connection, team.id)
            ]
        )
    shown: list[Subject] = [team_subject(team)]
    left_off = 0
    for group in groups:
        found = [one for one in group if _answers(names.get(one.id) or one.name, wanted)]
        shown += found[:SHOWN]
        left_off += len(found[SHOWN:])
    return shown, names, left_off


def _answers(name: str, wanted: str) -> bool:
    return wanted.casefold() in name.casefold()


def _standing(count: Count, rows: Sequence[SetLimit], names: dict[str, str]) -> StandingLimit:
    slot = rule_of(count.limit).slot
    same = [row for row in rows if row.rule.slot == slot]
    name = names.get(count.limit.scope_id, "")
    in_force = _source(count, same)
    before = [row for row in same if row is not in_force]
    return StandingLimit(
        **count_info(count, names).model_dump(),
        rule=None if in_force is None else set_limit_info(in_force, name),
        history=[set_limit_info(row, name) for row in before],
    )


def _source(count: Count, same: Iterable[SetLimit]) -> SetLimit | None:
    """The limit that an admin set and that is the one counted: of several in force the lowest, as they are resolved."""
    open_ = [row for row in same if row.ended_at_us is None and row.rule.max == count.limit.max]
    return next((row for row in open_ if row.set_by == count.limit.set_by), None)
