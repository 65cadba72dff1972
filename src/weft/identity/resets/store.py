"""Password resets in the database. A link works once and for a short time; a newer one of the same user replaces it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from weft.identity.logins import TOKEN_LIMIT_CHARS
from weft.identity.people import set_password, user_of
from weft.identity.schema import RESET, USER
from weft.identity.secrets import keyed_hash, new_token
from weft.identity.types import User, UserKind
from weft.kit.clock import from_us, to_us
from weft.kit.errors import InvalidRequest, NotFound

RESET_TTL = timedelta(hours=4)
_PURPOSE = "password-reset"


class NoReset(NotFound):
    """The link was used, is too old, or was made up: one answer for all."""

    code = "no_reset"
    remedy = "ask an administrator for another one: `weft user reset-link NAME`"


@dataclass(frozen=True, slots=True)
class Reset:
    """What is kept of a reset: never its link."""

    user: User
    expires_at: datetime


def make_reset(
    connection: Connection, user: User, *, secret: bytes, now: datetime
) -> tuple[Reset, str]:
    """A reset of this user's password, and the token of its link, which is known this once.

    Raises:
        InvalidRequest: the user is a service account or shut out.
    """
    if user.kind is UserKind.SERVICE or user.disabled_at is not None:
        raise InvalidRequest(f"{user.username} cannot log in", param="user")
    token, expires_at = new_token(), now + RESET_TTL
    old = (RESET.c.user_id == user.id) | (RESET.c.expires_at_us <= to_us(now))
    connection.execute(delete(RESET).where(old))
    connection.execute(
        insert(RESET).values(
            digest=keyed_hash(secret, _PURPOSE, token.encode()),
            user_id=user.id,
            created_at_us=to_us(now),
            expires_at_us=to_us(expires_at),
        )
    )
    return Reset(user, expires_at), token


def find_reset(connection: Connection, token: str, *, secret: bytes, now: datetime) -> Reset:
    """Whose password a link sets.

    Raises:
        NoReset: it is no good, or the user was shut out since.
    """
    row = None
    if len(token) <= TOKEN_LIMIT_CHARS:
        row = connection.execute(
            select(USER, RESET.c.expires_at_us)
            .join(USER, USER.c.id == RESET.c.user_id)
            .where(
                RESET.c.digest == _digest(secret, token),
                RESET.c.expires_at_us > to_us(now),
                USER.c.disabled_at_us.is_(None),
            )
        ).one_or_none()
    if row is None:
        raise NoReset("This link is used, too old, or never was")
    return Reset(user_of(row), from_us(row.expires_at_us))


def use_reset(
    connection: Connection, token: str, password_hash: str, *, secret: bytes, now: datetime
) -> User:
    """Set a password by a link, which is used up by it; every session of the user ends.

    Raises:
        NoReset: the link is no good.
    """
    user = find_reset(connection, token, secret=secret, now=now).user
    connection.execute(delete(RESET).where(RESET.c.user_id == user.id))
    set_password(connection, user.id, password_hash)
    return user


def _digest(secret: bytes, token: str) -> str:
    return keyed_hash(secret, _PURPOSE, token.encode("utf-8", "surrogatepass"))
