"""Who may see and set which limits. What is not the caller's does not exist for them.

A member sees their own standing in their teams. A team's admin sees the team's limits and may set lower ones for the
team, its projects and the keys that work in it alone. An admin of the server may do everything.
"""

from sqlalchemy import Connection

from weft.identity.rights import teams as rights
from weft.identity.rights.teams import NoAdmin, no_such
from weft.identity.teams import find_role
from weft.identity.types import Role, Team, TeamId, User
from weft.kit.errors import WeftError
from weft.limits.rules import Authority, Setter, Subject
from weft.limits.subjects import get_subject
from weft.limits.types import LimitScope

_WHAT = "see and set its limits"


def require_server_admin(user: User, what: str) -> None:
    """Raise `NotPermitted` unless `user` manages the whole server."""
    rights.require_server_admin(user, what, "limit` or `weft plan")


def team_to_see(connection: Connection, user: User, name: str) -> Team:
    """The team of this name, which the user is in, or may see as an admin of the server.

    Raises:
        NoSuchThing: there is none, for this user.
    """
    return rights.team_to_see(connection, user, name)[0]


def team_to_manage(connection: Connection, user: User, name: str) -> Team:
    """The team of this name, which the user is an admin of.

    Raises:
        NoSuchThing: there is none, for this user.
        NotPermitted: the user is in it, and no admin.
    """
    return rights.team_to_manage(connection, user, name, _WHAT)


def subject_to_limit(connection: Connection, user: User, scope: LimitScope, name: str) -> Subject:
    """Whom `name` names, if the user may limit them.

    Raises:
        NoSuchThing: there is none, for this user.
        NotPermitted: only others may.
    """
    if user.is_admin:
        return get_subject(connection, scope, name)
    if scope is LimitScope.USER:
        require_server_admin(user, "limit users, who may be in several teams")
    try:
        subject = get_subject(connection, scope, name)
    except WeftError as error:
        raise no_such(scope.value) from error
    if subject.team_id is None or find_role(connection, subject.team_id, user.id) is None:
        raise no_such(scope.value)
    _require_admin(connection, user, subject.name, subject.team_id)
    return subject


def setter(user: User, reason: str) -> Setter:
    """Who sets something, on what authority."""
    authority = Authority.SERVER if user.is_admin else Authority.TEAM
    return Setter(user.username, authority, reason, user.id)


def _require_admin(connection: Connection, user: User, name: str, team_id: str) -> None:
    if not user.is_admin and find_role(connection, TeamId(team_id), user.id) is not Role.ADMIN:
        raise NoAdmin(name, _WHAT, "team add TEAM USER --role admin")
