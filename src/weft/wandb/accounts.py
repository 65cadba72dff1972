"""Teams and projects as a caller sees them: what the clients ask of identity before they write anything.

Invariant: whether a team or a project exists is told to its members only, and a key that was made for one team or
project sees no other.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from weft.identity.login.callers import Caller
from weft.identity.names import NAME_LIMIT_CHARS, InvalidName, NoSuchThing
from weft.identity.projects.gate import ReadOnly
from weft.identity.teams import (
    create_project,
    default_team,
    find_project,
    find_project_by_id,
    find_role,
    find_team,
    find_team_by_id,
    list_memberships,
    list_projects,
)
from weft.identity.types import Project, Role, Team
from weft.kit.errors import NotPermitted

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")


class NoTeam(NotPermitted):
    """There is no such team, or the caller has no part in it: one answer for both."""

    code = "no_such_team"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no team {name[:128]} that this key may use",
            remedy="Name a team that you are a member of; `weft team create NAME` makes one, and"
            " `weft team add NAME USER` lets somebody in.",
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A team that the caller is a member of."""

    team: Team
    role: Role

    @property
    def is_read_only(self) -> bool:
        """Whether the caller only reads there."""
        return self.role is Role.VIEWER


def find_place(connection: Connection, caller: Caller, name: str | None) -> Place | None:
    """The team of this name, or the caller's default one; None if the caller has no part in it."""
    key = caller.key
    if name:
        team = find_team(connection, name)
    elif key is not None and key.team_id is not None:
        team = find_team_by_id(connection, key.team_id)
    else:
        team = default_team(connection, caller.user.id)
    if team is None or (key is not None and key.team_id not in {None, team.id}):
        return None
    role = find_role(connection, team.id, caller.user.id)
    return None if role is None else Place(team, role)


def get_place(connection: Connection, caller: Caller, name: str | None) -> Place:
    """As `find_place`.

    Raises:
        NoTeam: the caller has no part in it.
    """
    place = find_place(connection, caller, name)
    if place is None:
        raise NoTeam(name or "of your own")
    return place


def find_my_project(
    connection: Connection, caller: Caller, place: Place, name: str
) -> Project | None:
    """The team's project of this name, if the caller's key may use it."""
    project = find_project(connection, place.team.id, name)
    key = caller.key
    if project is None or (key is not None and key.project_id not in {None, project.id}):
        return None
    return project


def list_my_projects(connection: Connection, caller: Caller, place: Place) -> list[Project]:
    """The team's projects that the caller's key may use, by name."""
    key = caller.key
    if key is not None and key.project_id is not None:
        only = find_project_by_id(connection, key.project_id)
        return [only] if only is not None and only.team_id == place.team.id else []
    return list_projects(connection, place.team.id)


def list_my_teams(connection: Connection, caller: Caller) -> list[str]:
    """The names of the teams that the caller's key may use."""
    key = caller.key
    return [
        member.team
        for member in list_memberships(connection, caller.user.id)
        if key is None or key.team_id in {None, member.team_id}
    ]


def make_project(
    connection: Connection, caller: Caller, team: str | None, *, name: str, now: datetime
) -> tuple[Place, Project, bool]:
    """The project `name` of a team, made now if there is none; whether it was made. Runs in a write transaction.

    A name that Weft does not take is changed to one that it does, as the clients expect: they go on with the name of
    the answer. Upper and lower case do not tell projects apart.

    Raises:
        NoTeam: the caller has no part in the team.
        ReadOnly: a viewer makes no project.
        NoSuchThing: the key is for another project only.
        InvalidName: nothing of the name can stand in one.
    """
    place = get_place(connection, caller, team)
    found = find_my_project(connection, caller, place, name)
    if found is not None:
        return place, found, False
    tidy = tidy_name(name)
    for project in list_my_projects(connection, caller, place):
        if project.name.lower() == tidy.lower():
            return place, project, False
    if place.is_read_only:
        raise ReadOnly(place.team.name)
    if caller.key is not None and caller.key.project_id is not None:
        raise NotPermitted(
            f"This key is for the project {caller.key.team}/{caller.key.project} only",
            remedy="Use that project, or another key.",
        )
    return place, create_project(connection, place.team, tidy, now), True


def tidy_name(name: str) -> str:
    """A project's name made of what somebody wrote: what names cannot have becomes a hyphen.

    Raises:
        InvalidName: nothing is left.
    """
    tidy = _NOT_IN_NAMES.sub("-", name).strip("-").lstrip("_.-")[:NAME_LIMIT_CHARS]
    if not tidy:
        raise InvalidName(
            f"{name[:60]!a} cannot be made into a project's name",
            param="name",
            remedy="Use letters, digits, dots, hyphens and underscores.",
        )
    return tidy


def get_my_project(
    connection: Connection, caller: Caller, team: str | None, name: str
) -> tuple[Place, Project]:
    """A project that must be there.

    Raises:
        NoTeam: the caller has no part in the team.
        NoSuchThing: there is no such project.
    """
    place = get_place(connection, caller, team)
    project = find_my_project(connection, caller, place, name)
    if project is None:
        raise NoSuchThing(
            f"there is no project {place.team.name}/{name[:128]}",
            param="project",
            remedy="`weave.init` makes one, and so does `weft project create TEAM/PROJECT`.",
        )
    return place, project
