"""The first start: whom and what an empty server begins with, and the proof that its secret is the right one.

Invariant: everything is made in one transaction, once; of two processes that start at the same time one makes it and
the other finds it. What is returned here is shown once and known nowhere else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from weft.identity.generation import claim_secret
from weft.identity.keys import NewKey, create_key
from weft.identity.logins import make_login_link
from weft.identity.people import NewUser, any_user, create_user, set_default_team
from weft.identity.secrets import hash_password, keyed_hash, new_password
from weft.identity.teams import create_project, create_team, set_member
from weft.identity.types import DEFAULT_PROJECT, Role, Scope
from weft.kit.clock import Clock
from weft.kit.errors import CannotStart, InvalidRequest

DEFAULT_TEAM = "my-team"
DEFAULT_ADMIN = "admin"
FIRST_LINK_TTL = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FirstStart:
    """What the first start made, with every secret in the clear, for this one time."""

    username: str
    password: str
    team: str
    project: str
    api_key: str
    login_link: str
    """The token of a link that logs the administrator in once: `/login/<token>`."""

    def __repr__(self) -> str:
        return f"FirstStart(username={self.username!r}, team={self.team!r})"


def first_start(
    connection: Connection,
    secret: bytes,
    clock: Clock,
    *,
    username: str = DEFAULT_ADMIN,
    team: str = DEFAULT_TEAM,
) -> FirstStart | None:
    """Make the administrator, a team with the project `inference`, and a key; None if there are users already.

    Call it in a write transaction, on every start: it checks the secret as well.

    Raises:
        CannotStart: `secret` is not the one that this database's keys were made with, or the names cannot be used.
    """
    check_secret(connection, secret)
    if any_user(connection):
        return None
    try:
        return _make(connection, secret, clock.now(), username=username, team=team)
    except InvalidRequest as error:
        raise CannotStart(f"cannot make the first administrator and team: {error}") from error


def check_secret(connection: Connection, secret: bytes) -> None:
    """Raise `CannotStart` unless this database's keys were made with `secret`; the first one ever is remembered."""
    if not claim_secret(connection, keyed_hash(secret, "secret-check", b"")):
        raise CannotStart(
            "the server's secret is not the one that this database's API keys were made with;"
            " restore the secret file or the secret_key setting that belongs to it"
        )


def _make(
    connection: Connection, secret: bytes, now: datetime, *, username: str, team: str
) -> FirstStart:
    password = new_password()
    admin = create_user(
        connection,
        NewUser(username, is_admin=True, password_hash=hash_password(password)),
        now,
    )
    made = create_team(connection, team, now)
    set_member(connection, made, admin.id, role=Role.ADMIN, now=now)
    set_default_team(connection, admin.id, made.id)
    project = create_project(connection, made, DEFAULT_PROJECT, now)
    new = NewKey(admin, name="first start", scopes=frozenset(Scope))
    key = create_key(connection, new, secret=secret, now=now)
    link = make_login_link(connection, admin, secret=secret, now=now, ttl=FIRST_LINK_TTL)
    return FirstStart(admin.username, password, made.name, project.name, key.api_key, link)
