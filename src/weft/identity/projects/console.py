"""Inference for somebody who is logged in to the console: who they are and for which project, with no key in between.

The rules are those of `principal.Gate`: a member of a team, no viewer, no personal entity. Where a key would be named,
the session's user is, so that no two users share what is remembered of an allowance. What is asked in the console is
kept in the project's traces, as far as the project lets anything be kept, unless a request says otherwise.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from weft.identity.login.callers import session_caller
from weft.identity.names import NoSuchThing
from weft.identity.principal import PersonalEntity, RoleTooLow
from weft.identity.teams import find_project, find_role, find_team
from weft.identity.types import KeyId, Principal, Role, Scope, TeamKind, TraceLevel


class Callers(Protocol):
    """Says who is calling; `principal.Gate` does so by their headers."""

    def find(self, authorization: bytes, project: bytes) -> Principal | None:
        """Who is calling, if that is known already."""
        ...

    async def authorize(self, authorization: bytes, project: bytes) -> Principal:
        """Who is calling.

        Raises:
            WeftError: nobody who may.
        """
        ...


@dataclass(frozen=True, slots=True)
class KnownCaller:
    """Implements `Callers` where it was decided before who is calling; headers say nothing then."""

    principal: Principal

    def find(self, authorization: bytes, project: bytes) -> Principal | None:
        """The one who is known."""
        del authorization, project
        return self.principal

    async def authorize(self, authorization: bytes, project: bytes) -> Principal:
        """The one who is known."""
        del authorization, project
        return self.principal


def session_principal(
    connection: Connection, session: str, project: str, *, secret: bytes, now: datetime
) -> Principal:
    """Who is logged in by `session`, as one who runs models for `project` (`team/project`).

    Raises:
        NotAuthenticated: the session ended, or never was.
        NoSuchThing: there is no such project, or the user has no part in it.
        NotPermitted: the user's role is not enough.
        PersonalEntity: inference needs a team.
    """
    user = session_caller(connection, session, secret, now).user
    team_name, _, project_name = project.partition("/")
    team = find_team(connection, team_name)
    role = find_role(connection, team.id, user.id) if team else None
    found = find_project(connection, team.id, project_name) if team and role else None
    if team is None or role is None or found is None:
        raise NoSuchThing(f"there is no project {project[:260]} that you may use")
    if team.kind is TeamKind.PERSONAL:
        raise PersonalEntity
    if role is Role.VIEWER:
        raise RoleTooLow(team.name)
    trace = found.trace or TraceLevel.FULL
    return Principal(
        user_id=user.id,
        username=user.username,
        is_admin=user.is_admin,
        key_id=KeyId(f"session_{user.id}"),
        scopes=frozenset({Scope.INFERENCE}),
        allowed_models=None,
        expires_at=None,
        team_id=team.id,
        team=team.name,
        team_kind=team.kind,
        role=role,
        project_id=found.id,
        project=found.name,
        trace=trace,
        trace_ceiling=trace,
    )
