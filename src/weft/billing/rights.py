"""Who may see and change what of a team's money: administrators of the server, and the team's own admins.

What is not the caller's does not exist for them; a member who is no admin is told so.
"""

from sqlalchemy import Connection

from weft.identity.names import NoSuchThing
from weft.identity.teams import find_role, find_team
from weft.identity.types import Role, Team, User
from weft.kit.errors import NotPermitted


def team_to_manage(connection: Connection, user: User, name: str) -> Team:
    """The team of this name, whose money `user` may see and change.

    Raises:
        NoSuchThing: there is none that the user is in.
        NotPermitted: the user is in it, and no admin of it.
    """
    team = find_team(connection, name)
    role = None if team is None else find_role(connection, team.id, user.id)
    if team is None or (role is None and not user.is_admin):
        raise NoSuchThing("there is no such team of yours", param="team")
    if role is not Role.ADMIN and not user.is_admin:
        raise NotPermitted(
            f"Only admins of {team.name} see its money",
            remedy=f"Ask an admin: `weft team add {team.name} {user.username} --role admin`.",
        )
    return team
