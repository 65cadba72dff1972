"""The nouns of identity. A team is what the Weave clients call an entity.

A `Principal` is the answer to "who is calling, on whose account, and what may it see": made in one place
(`principal.py`) and handed to everything that decides. Nothing here knows money or models beyond their ids.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

UserId = NewType("UserId", str)
TeamId = NewType("TeamId", str)
ProjectId = NewType("ProjectId", str)
KeyId = NewType("KeyId", str)

DEFAULT_PROJECT = "inference"
"""The project of a request that names none; made on first use, as the hosted service does."""


class Role(StrEnum):
    """What a member may do in a team: viewers read, members also run and write, admins also manage."""

    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class TeamKind(StrEnum):
    """Personal entities belong to one user and cannot use inference."""

    TEAM = "team"
    PERSONAL = "personal"


class UserKind(StrEnum):
    """People log in; service accounts only hold keys."""

    PERSON = "person"
    SERVICE = "service"


class Scope(StrEnum):
    """What a key may be used for."""

    INFERENCE = "inference"
    TRACES = "traces"
    MANAGE = "manage"


class TraceLevel(StrEnum):
    """What a request to the inference door leaves in its project's traces: nothing, what it came to, or its words."""

    OFF = "off"
    METADATA = "metadata"
    FULL = "full"

    def at_most(self, other: "TraceLevel") -> "TraceLevel":
        """The lesser of two levels."""
        return self if _TRACE_RANK[self] <= _TRACE_RANK[other] else other


_TRACE_RANK = {level: rank for rank, level in enumerate(TraceLevel)}


@dataclass(frozen=True, slots=True)
class User:
    """A person or a service account."""

    id: UserId
    username: str
    email: str
    kind: UserKind
    is_admin: bool
    """Whether it manages the whole server."""
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Team:
    """A team, or a user's personal entity."""

    id: TeamId
    name: str
    kind: TeamKind
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Project:
    """A project in a team: `<team>/<project>`."""

    id: ProjectId
    team_id: TeamId
    team: str
    name: str
    created_at: datetime
    trace: TraceLevel | None = None
    """What its requests leave in its traces, and the most that they may; None: nothing, unless they ask for it."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A user's role in a team."""

    team_id: TeamId
    team: str
    user_id: UserId
    username: str
    role: Role


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of an API key: never the key itself."""

    id: KeyId
    user_id: UserId
    username: str
    name: str
    prefix: str
    last_four: str
    scopes: frozenset[Scope]
    team: str | None
    """Restricted to this team, if set."""
    team_id: TeamId | None
    project: str | None
    """Restricted to this project of the team, if set."""
    project_id: ProjectId | None
    allowed_models: frozenset[str] | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    trace: TraceLevel | None = None
    """What requests with it leave in traces, and the most that they may, as far as the project allows."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling, and on whose behalf."""

    user_id: UserId
    username: str
    is_admin: bool
    key_id: KeyId
    scopes: frozenset[Scope]
    allowed_models: frozenset[str] | None
    expires_at: datetime | None
    """When the key stops being valid; checked on every use."""
    team_id: TeamId
    team: str
    team_kind: TeamKind
    role: Role
    project_id: ProjectId
    project: str
    trace: TraceLevel = TraceLevel.OFF
    """What a request leaves in the project's traces if it says nothing."""
    trace_ceiling: TraceLevel = TraceLevel.OFF
    """The most that it may ask for; see `projects/tracing.py`."""
