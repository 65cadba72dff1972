"""The shapes of requests and answers."""

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from weft.identity.admin.store import PAGE_LIMIT
from weft.identity.names import EMAIL_LIMIT_CHARS, NAME_LIMIT_CHARS
from weft.identity.types import Role, TraceLevel, UserKind

Name = Annotated[str, Field(max_length=NAME_LIMIT_CHARS)]
Text = Annotated[str, Query(max_length=NAME_LIMIT_CHARS, description="somewhere in the name")]
After = Annotated[str, Query(max_length=NAME_LIMIT_CHARS, description="`next` of an answer")]
Limit = Annotated[int, Query(ge=1, le=PAGE_LIMIT)]
_FORBID = ConfigDict(extra="forbid")


class TeamLine(BaseModel):
    """A team in a list."""

    name: str
    role: Role | None
    """The caller's; null: an admin of the server who is not in it."""
    members: int
    projects: int
    created_at: datetime


class TeamPage(BaseModel):
    """Teams by name."""

    teams: list[TeamLine]
    next: str | None
    """`after` of the next page; null: this is the last."""


class NewTeam(BaseModel):
    """The team to make."""

    model_config = _FORBID

    name: Name


class MemberLine(BaseModel):
    """Somebody in a team."""

    username: str
    kind: UserKind
    role: Role
    since: datetime
    disabled_at: datetime | None


class MemberPage(BaseModel):
    """Members by name."""

    members: list[MemberLine]
    may_manage: bool
    """Whether the caller may change them."""
    next: str | None


class RoleWanted(BaseModel):
    """What a member shall be."""

    model_config = _FORBID

    role: Role


class ProjectLine(BaseModel):
    """A project of a team."""

    name: str
    created_at: datetime
    trace: TraceLevel | None


class ProjectList(BaseModel):
    """A team's projects by name."""

    projects: list[ProjectLine]
    may_create: bool
    may_manage: bool


class NewProject(BaseModel):
    """The project to make."""

    model_config = _FORBID

    name: Name


class PlaceLine(BaseModel):
    """A team of a user's."""

    team: str
    role: Role


class UserLine(BaseModel):
    """A user, as an admin of the server sees them."""

    id: str
    username: str
    email: str
    kind: UserKind
    is_admin: bool
    created_at: datetime
    disabled_at: datetime | None
    teams: list[PlaceLine]


class UserPage(BaseModel):
    """Users by name."""

    users: list[UserLine]
    next: str | None


class NewUserWanted(BaseModel):
    """The user to make; a person's password is set by a link: `POST /api/users/{username}/reset-link`."""

    model_config = _FORBID

    username: Name
    email: Annotated[str, Field(max_length=EMAIL_LIMIT_CHARS)] = ""
    kind: UserKind = UserKind.PERSON
    is_admin: bool = False


class UserChange(BaseModel):
    """What to change of a user; what is left out stays."""

    model_config = _FORBID

    disabled: bool | None = None
    is_admin: bool | None = None
    email: Annotated[str, Field(max_length=EMAIL_LIMIT_CHARS)] | None = None
