"""Who somebody proves to be, by a key or by a session, before it is asked for which team; for every gate."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from weft.identity.headers import InvalidKey
from weft.identity.keys import find_credential
from weft.identity.logins import find_session_user
from weft.identity.types import ApiKey, Scope, User
from weft.kit.errors import NotAuthenticated, NotPermitted


class ScopeMissing(NotPermitted):
    """The key was made for other uses."""

    code = "scope_missing"

    def __init__(self, scope: Scope) -> None:
        super().__init__(
            f"This key lacks the scope {scope}",
            remedy=f"Use a key that has it; `weft key create --scope {scope}` makes one.",
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose key or login was proven, before it is asked for which team."""

    user: User
    key: ApiKey | None
    """None when logged in by a session, which may do all that the user may."""

    def needs(self, scope: Scope) -> None:
        """Raise `ScopeMissing` if this key was made for other uses."""
        if self.key is not None and scope not in self.key.scopes:
            raise ScopeMissing(scope)


def key_caller(connection: Connection, digest: str, now: datetime) -> Caller:
    """Whose key has this digest.

    Raises:
        InvalidKey: nobody's, or one that is no longer good.
    """
    credential = find_credential(connection, digest)
    if credential is None:
        raise InvalidKey("unknown_key", "Check that the key is whole and belongs to this server.")
    key, user = credential.key, credential.user
    if key.revoked_at is not None:
        raise InvalidKey("revoked_key", "Use another key; `weft key create` makes one.")
    if key.expires_at is not None and key.expires_at <= now:
        raise InvalidKey("expired_key", "Use another key; `weft key create` makes one.")
    if user.disabled_at is not None:
        raise InvalidKey("disabled_user", "Ask an admin to enable the user of this key.")
    return Caller(user, key)


def session_caller(connection: Connection, session: str, secret: bytes, now: datetime) -> Caller:
    """Who is logged in by a session.

    Raises:
        NotAuthenticated: it ended, or never was.
    """
    user = find_session_user(connection, session, secret=secret, now=now)
    if user is None:
        raise NotAuthenticated(
            "Not logged in", remedy="Log in again.", metadata={"reason": "no_session"}
        )
    return Caller(user, None)
