"""A person's own user in the database: e-mail, password and sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from weft.identity.generation import bump
from weft.identity.names import NoSuchThing, check_email
from weft.identity.people import set_password
from weft.identity.schema import SESSION, USER
from weft.identity.types import UserId
from weft.kit.clock import from_us, to_us

SEEN_EVERY = timedelta(minutes=10)
_ID_CHARS = 24
"""Of a session's digest: enough to tell a user's twenty apart, and of no use for logging in."""


@dataclass(frozen=True, slots=True)
class Session:
    """One place where a user is logged in."""

    id: str
    device: str
    """What the browser called itself; empty if it did not say."""
    created_at: datetime
    seen_at: datetime
    """When the console was last opened with it, give or take `SEEN_EVERY`."""
    expires_at: datetime


def session_id(digest: str) -> str:
    """What a session is called where people see it."""
    return f"session_{digest[:_ID_CHARS]}"


def list_sessions(connection: Connection, user_id: UserId, now: datetime) -> list[Session]:
    """Where the user is logged in, the newest first."""
    rows = connection.execute(
        select(SESSION)
        .where(SESSION.c.user_id == user_id, SESSION.c.expires_at_us > to_us(now))
        .order_by(SESSION.c.created_at_us.desc(), SESSION.c.digest)
    )
    return [
        Session(
            id=session_id(row.digest),
            device=row.device or "",
            created_at=from_us(row.created_at_us),
            seen_at=from_us(row.seen_at_us or row.created_at_us),
            expires_at=from_us(row.expires_at_us),
        )
        for row in rows
    ]


def note_seen(connection: Connection, digest: str, now: datetime) -> None:
    """Write down that a session was used now."""
    connection.execute(
        update(SESSION).where(SESSION.c.digest == digest).values(seen_at_us=to_us(now))
    )


def is_seen_long_ago(connection: Connection, digest: str, now: datetime) -> bool:
    """Whether it is time to write down again that a session is used."""
    seen_at_us = connection.execute(
        select(SESSION.c.seen_at_us).where(SESSION.c.digest == digest)
    ).scalar_one_or_none()
    return seen_at_us is None or seen_at_us < to_us(now - SEEN_EVERY)


def end_one(connection: Connection, user_id: UserId, wanted: str) -> None:
    """End one session of a user's.

    Raises:
        NoSuchThing: the user has none that is called so.
    """
    mine = select(SESSION.c.digest).where(SESSION.c.user_id == user_id)
    for digest in connection.execute(mine).scalars().all():
        if session_id(digest) == wanted:
            connection.execute(delete(SESSION).where(SESSION.c.digest == digest))
            return
    raise NoSuchThing("there is no such session of yours", param="session_id")


def end_others(connection: Connection, user_id: UserId, kept: str | None) -> int:
    """End every session of a user's but the one of this digest; how many those were."""
    others = (SESSION.c.user_id == user_id, SESSION.c.digest != (kept or ""))
    return connection.execute(delete(SESSION).where(*others)).rowcount


def set_email(connection: Connection, user_id: UserId, email: str) -> None:
    """Change a user's e-mail address.

    Raises:
        InvalidName: it is none.
    """
    connection.execute(update(USER).where(USER.c.id == user_id).values(email=check_email(email)))
    bump(connection)


def password_hash_of(connection: Connection, user_id: UserId) -> str | None:
    """What is kept of the user's password, if there is one."""
    return connection.execute(
        select(USER.c.password_hash).where(USER.c.id == user_id)
    ).scalar_one_or_none()


def change_password(
    connection: Connection, user_id: UserId, password_hash: str, *, kept: str | None
) -> None:
    """Replace a user's own password; every session but the one of this digest ends, and so do links that log in."""
    set_password(connection, user_id, password_hash, kept_session=kept or "")
