"""Teams and projects as a caller may see and manage them. What is not the caller's does not exist for them.

A member sees a team; its admins manage it; an admin of the server sees and manages every team. A member who may not is
told so, anybody else is told that there is no such thing.
"""

from sqlalchemy import Connection

from weft.identity.names import NoSuchThing
from weft.identity.teams import find_project, find_role, find_team, list_memberships
from weft.identity.types import Project, Role, Team, TeamId, TeamKind, User
from weft.kit.errors import NotPermitted


class NoAdmin(NotPermitted):
    """It takes an admin of the team."""

    code = "role_too_low"

    def __init__(self, team: str, what: str, command: str = "") -> None:
        run = command or f"team add {team} USER --role admin"
        super().__init__(
            f"Only admins of the team {team} may {what}",
            remedy=f"Ask one of them, or whoever runs the server: `weft {run}`.",
        )


def require_server_admin(user: User, what: str, command: str = "") -> None:
    """Raise `NotPermitted` unless `user` manages the whole server; `what` is what only such users do."""
    if not user.is_admin:
        also = f"; on its machine `weft {command}` does it" if command else ""
        raise NotPermitted(
            f"Only admins of the server {what}",
            remedy=f"Ask whoever runs the server{also}.",
        )


def team_to_see(
    connection: Connection, user: User, name: str, *, personal: bool = False
) -> tuple[Team, Role | None]:
    """The team of this name, and the user's role in it, which an admin of the server may be without.

    `personal` lets personal entities be named as well.

    Raises:
        NoSuchThing: there is none, for this user.
    """
    team = find_team(connection, name)
    role = find_role(connection, team.id, user.id) if team else None
    if (
        team is None
        or (team.kind is TeamKind.PERSONAL and not personal)
        or (role is None and not user.is_admin)
    ):
        raise no_such("team")
    return team, role


def team_to_manage(
    connection: Connection, user: User, name: str, what: str, *, personal: bool = False
) -> Team:
    """The team of this name, which the user is an admin of; `what` is what only they may do.

    Raises:
        NoSuchThing: there is none, for this user.
        NoAdmin: the user is in it, and no admin.
    """
    team, role = team_to_see(connection, user, name, personal=personal)
    if role is not Role.ADMIN and not user.is_admin:
        raise NoAdmin(team.name, what)
    return team


def project_to_see(
    connection: Connection, user: User, team: str, project: str
) -> tuple[Project, Role | None]:
    """The project, for those who may know of it, and the caller's role in its team.

    Raises:
        NoSuchThing: there is none that they may know of.
    """
    of_team = find_team(connection, team)
    role = find_role(connection, of_team.id, user.id) if of_team else None
    found = find_project(connection, of_team.id, project) if of_team else None
    if found is None or (role is None and not user.is_admin):
        raise NoSuchThing(f"there is no project {team}/{project} of yours", param="project")
    return found, role


def project_to_manage(
    connection: Connection, user: User, team: str, project: str, *, what: str, command: str = ""
) -> Project:
    """The project, which the user may change as an admin of its team.

    Raises:
        NoSuchThing: there is none, for this user.
        NoAdmin: the user is in the team, and no admin.
    """
    found, role = project_to_see(connection, user, team, project)
    if role is not Role.ADMIN and not user.is_admin:
        raise NoAdmin(team, what, command)
    return found


def managed_teams(connection: Connection, user: User) -> frozenset[TeamId]:
    """The ids of the teams that the user is an admin of, the personal entity left out."""
    mine = list_memberships(connection, user.id)
    return frozenset(
        one.team_id for one in mine if one.role is Role.ADMIN and one.team != user.username
    )


def no_such(what: str) -> NoSuchThing:
    """One answer for what does not exist and for what is not the caller's."""
    return NoSuchThing(f"there is no such {what.replace('_', ' ')} of yours", param=what)
