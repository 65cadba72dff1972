"""Who may see and change what of a team's money: its members read its credit, its admins its statements.

What is not the caller's does not exist for them; a member who may not is told so. Only administrators of the server
give credit.
"""

from sqlalchemy import Connection

from weft.identity.names import NoSuchThing
from weft.identity.teams import find_role, find_team
from weft.identity.types import Role, Team, User
from weft.kit.errors import NotPermitted


def team_to_read(connection: Connection, user: User, name: str, *, as_admin: bool = False) -> Team:
    """The team of this name, of which `user` is a member; or an admin, where that is asked for.

    Raises:
        NoSuchThing: there is none that the user is in.
        NotPermitted: the user is in it, and no admin of it.
    """
    team = find_team(connection, name)
    role = None if team is None else find_role(connection, team.id, user.id)
    if team is None or (role is None and not user.is_admin):
        raise NoSuchThing("there is no such team of yours", param="team")
    if as_admin and role is not Role.ADMIN and not user.is_admin:
        raise NotPermitted(
            f"Only admins of {team.name} see its money",
            remedy=f"Ask an admin: `weft team add {team.name} {user.username} --role admin`.",
        )
    return team


def team_to_credit(connection: Connection, user: User, name: str) -> Team:
    """The team of this name, which only administrators of the server give credit to.

    Raises:
        NoSuchThing, NotPermitted: as `team_to_read` does.
    """
    team = team_to_read(connection, user, name)
    check_server_admin(user)
    return team


def check_server_admin(user: User) -> None:
    """Raise `NotPermitted` unless `user` is an administrator of the server."""
    if not user.is_admin:
        raise NotPermitted(
            "Only administrators of the server change credit",
            remedy="Ask one of them: `weft credit grant` gives credit.",
        )
