"""Logins in the database: sessions of people in the console, and one-time links that start one.

Tokens are kept as keyed hashes and expire. A link works once: of several that redeem it at once, one gets a session.
Wrong passwords are counted in memory (`Failures`).
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from weft.identity.people import user_of
from weft.identity.schema import LOGIN_LINK, SESSION, USER
from weft.identity.secrets import keyed_hash, new_token
from weft.identity.types import User, UserId
from weft.kit.clock import Clock, to_us
from weft.kit.errors import Refused

SESSION_TTL = timedelta(days=14)
LINK_TTL = timedelta(hours=1)
SESSIONS_LIMIT = 20
"""Sessions of one user at a time; the oldest ends when one more begins."""
TOKEN_LIMIT_CHARS = 128
DEVICE_LIMIT_CHARS = 256

FAILURES_LIMIT = 10
FAILURES_WINDOW_S = 900
_FAILURES_KEPT = 10_000
_SESSION = "session"
_LINK = "login-link"


class TooManyFailures(Refused):
    """Too many wrong passwords from one place for one user, or too many links that nobody made."""

    code = "too_many_logins"


class Failures:
    """Counts wrong passwords by place and user name, and refuses for a while when there are too many."""

    def __init__(
        self, clock: Clock, limit: int = FAILURES_LIMIT, what: str = "wrong passwords"
    ) -> None:
        self._clock = clock
        self._limit = limit
        self._what = what
        self._failures: dict[tuple[str, str], tuple[int, float]] = {}

    def check(self, place: str, username: str) -> None:
        """Raise `TooManyFailures` if this place failed too often with this name."""
        count, since_s = self._failures.get((place, username.lower()), (0, 0.0))
        left_s = since_s + FAILURES_WINDOW_S - self._clock.monotonic_s()
        if count >= self._limit and left_s > 0:
            raise TooManyFailures(
                f"Too many {self._what}",
                remedy="Wait, or ask an admin for a login link: `weft user login-link NAME`.",
                retry_after_s=max(1, int(left_s)),
            )

    def note(self, place: str, username: str) -> None:
        """Count one wrong password."""
        now_s = self._clock.monotonic_s()
        if len(self._failures) >= _FAILURES_KEPT:
            self._failures.clear()
        key = (place, username.lower())
        count, since_s = self._failures.get(key, (0, now_s))
        if since_s + FAILURES_WINDOW_S <= now_s:
            count, since_s = 0, now_s
        self._failures[key] = (count + 1, since_s)

    def forget(self, place: str, username: str) -> None:
        """Start over after a right password."""
        self._failures.pop((place, username.lower()), None)


def make_login_link(
    connection: Connection, user: User, *, secret: bytes, now: datetime, ttl: timedelta = LINK_TTL
) -> str:
    """The token of a link that logs `user` in once, until `ttl` has passed."""
    connection.execute(delete(LOGIN_LINK).where(LOGIN_LINK.c.expires_at_us <= to_us(now)))
    link = new_token()
    connection.execute(
        insert(LOGIN_LINK).values(
            digest=keyed_hash(secret, _LINK, link.encode()),
            user_id=user.id,
            created_at_us=to_us(now),
            expires_at_us=to_us(now + ttl),
        )
    )
    return link


def redeem(
    connection: Connection, link: str, *, secret: bytes, now: datetime, device: str = ""
) -> str | None:
    """The token of a new session for the link's user, or None if the link is used, expired or made up."""
    if len(link) > TOKEN_LIMIT_CHARS:
        return None
    used = connection.execute(
        delete(LOGIN_LINK)
        .where(
            LOGIN_LINK.c.digest == keyed_hash(secret, _LINK, _bytes(link)),
            LOGIN_LINK.c.expires_at_us > to_us(now),
        )
        .returning(LOGIN_LINK.c.user_id)
    ).scalar_one_or_none()
    if used is None:
        return None
    return start_session(connection, UserId(used), secret=secret, now=now, device=device)


def start_session(
    connection: Connection, user_id: UserId, *, secret: bytes, now: datetime, device: str = ""
) -> str:
    """The token of a new session of a user whose right to it is proven; `device` is what the browser calls itself."""
    mine = SESSION.c.user_id == user_id
    newest = (
        select(SESSION.c.digest)
        .where(mine)
        .order_by(SESSION.c.created_at_us.desc())
        .limit(SESSIONS_LIMIT - 1)
    )
    connection.execute(delete(SESSION).where(mine, SESSION.c.digest.not_in(newest)))
    connection.execute(delete(SESSION).where(SESSION.c.expires_at_us <= to_us(now)))
    session = new_token()
    connection.execute(
        insert(SESSION).values(
            digest=keyed_hash(secret, _SESSION, session.encode()),
            user_id=user_id,
            created_at_us=to_us(now),
            expires_at_us=to_us(now + SESSION_TTL),
            device="".join(filter(str.isprintable, device))[:DEVICE_LIMIT_CHARS],
            seen_at_us=to_us(now),
        )
    )
    return session


def find_session_user(
    connection: Connection, session: str, *, secret: bytes, now: datetime
) -> User | None:
    """Who is logged in by this session, unless it ended or the user was disabled."""
    if len(session) > TOKEN_LIMIT_CHARS:
        return None
    row = connection.execute(
        select(USER)
        .join(SESSION, SESSION.c.user_id == USER.c.id)
        .where(
            SESSION.c.digest == session_digest(secret, session),
            SESSION.c.expires_at_us > to_us(now),
            USER.c.disabled_at_us.is_(None),
        )
    ).one_or_none()
    return user_of(row) if row else None


def end_session(connection: Connection, session: str, *, secret: bytes) -> None:
    """Log out. Ending what has ended is no error."""
    digest = session_digest(secret, session)
    connection.execute(delete(SESSION).where(SESSION.c.digest == digest))


def session_digest(secret: bytes, session: str) -> str:
    """What is stored of a session's token."""
    return keyed_hash(secret, _SESSION, _bytes(session))


def _bytes(token: str) -> bytes:
    return token.encode("utf-8", "surrogatepass")
