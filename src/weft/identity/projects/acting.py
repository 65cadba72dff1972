"""What runs in a project on somebody's behalf while they are away, such as a monitor: who that is, and whether it may.

There is no key and no session in between, so nothing here is remembered: each time, the user has to be enabled, still
in the team, and allowed what is done in their name. Only parts of this server that somebody told to act ask here; no
request from outside does. Where a key would be named, it is the user's monitors as a whole: what they spend is a line
of its own in the usage by key.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from weft.identity.people import user_of
from weft.identity.principal import PersonalEntity, RoleTooLow
from weft.identity.projects.gate import ReadOnly, Visitor
from weft.identity.schema import USER
from weft.identity.teams import find_project_by_id, find_role, find_team_by_id
from weft.identity.types import (
    KeyId,
    Principal,
    Project,
    ProjectId,
    Role,
    Scope,
    Team,
    TeamKind,
    TraceLevel,
    User,
    UserId,
)
from weft.kit.errors import NotPermitted


class NobodyActs(NotPermitted):
    """Whoever something runs for may not have it run any longer."""

    code = "nobody_acts"
    remedy = "have a member of the team switch it on again, on their own account"


@dataclass(frozen=True, slots=True)
class _Standing:
    user: User
    team: Team
    role: Role
    project: Project


def acting_visitor(connection: Connection, user_id: str, project_id: str) -> Visitor:
    """The user as a visitor who may write to the project.

    Raises:
        NobodyActs: they are gone, disabled, or no longer in the team; or the project is gone.
        ReadOnly: they only read.
    """
    found = _standing(connection, user_id, project_id)
    if found.role is Role.VIEWER:
        raise ReadOnly(found.team.name)
    return Visitor(
        user_id=found.user.id,
        username=found.user.username,
        team_id=found.team.id,
        team=found.team.name,
        role=found.role,
        project_id=found.project.id,
        project=found.project.name,
        key_id=None,
        expires_at=None,
    )


def acting_principal(connection: Connection, user_id: str, project_id: str) -> Principal:
    """The user as one who runs models for the project; its requests leave no trace besides what their caller writes.

    Raises:
        NobodyActs: they are gone, disabled, or no longer in the team; or the project is gone.
        RoleTooLow: viewers run no models.
        PersonalEntity: inference needs a team.
    """
    found = _standing(connection, user_id, project_id)
    if found.team.kind is TeamKind.PERSONAL:
        raise PersonalEntity
    if found.role is Role.VIEWER:
        raise RoleTooLow(found.team.name)
    return Principal(
        user_id=found.user.id,
        username=found.user.username,
        is_admin=found.user.is_admin,
        key_id=KeyId(f"monitors_{found.user.id}"),
        scopes=frozenset({Scope.INFERENCE}),
        allowed_models=None,
        expires_at=None,
        team_id=found.team.id,
        team=found.team.name,
        team_kind=found.team.kind,
        role=found.role,
        project_id=found.project.id,
        project=found.project.name,
        trace=TraceLevel.OFF,
        trace_ceiling=TraceLevel.OFF,
    )


def _standing(connection: Connection, user_id: str, project_id: str) -> _Standing:
    row = connection.execute(select(USER).where(USER.c.id == UserId(user_id))).one_or_none()
    user = None if row is None else user_of(row)
    if user is None or user.disabled_at is not None:
        raise NobodyActs("The user on whose account this runs is gone or disabled")
    project = find_project_by_id(connection, ProjectId(project_id))
    team = None if project is None else find_team_by_id(connection, project.team_id)
    if project is None or team is None:
        raise NobodyActs("The project is gone")
    role = find_role(connection, team.id, user.id)
    if role is None:
        raise NobodyActs(
            f"{user.username}, on whose account this runs, is no longer in {team.name}"
        )
    return _Standing(user, team, role, project)
