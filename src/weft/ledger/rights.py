"""Who may see and change what of a team's money: its members read its credit, its admins its statements.

What is not the caller's does not exist for them; a member who may not is told so. Only administrators of the server
give credit.
"""

from sqlalchemy import Connection

from weft.identity.rights.teams import require_server_admin, team_to_manage, team_to_see
from weft.identity.types import Team, User


def team_to_read(connection: Connection, user: User, name: str, *, as_admin: bool = False) -> Team:
    """The team of this name, of which `user` is a member; or an admin, where that is asked for.

    Raises:
        NoSuchThing: there is none that the user is in.
        NotPermitted: the user is in it, and no admin of it.
    """
    if as_admin:
        return team_to_manage(connection, user, name, "see its money", personal=True)
    return team_to_see(connection, user, name, personal=True)[0]


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
    require_server_admin(user, "change credit", "credit grant")
