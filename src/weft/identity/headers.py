"""What a request says about its caller: the `Authorization` and `OpenAI-Project` headers, taken apart and bounded.

Owns the forms, and the refusals that need no look into the database. Whatever bytes arrive, the outcome is a value or a
401; no refusal repeats what was sent. `Bearer <key>` is what OpenAI's clients send, `Basic base64(api:<key>)` what
the Weave and W&B clients do.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import NamedTuple

from weft.identity.secrets import is_key
from weft.kit.errors import NotAuthenticated

AUTHORIZATION_LIMIT_BYTES = 1024
PROJECT_HEADER = "OpenAI-Project"

MISSING_KEY = "Missing bearer authentication in header"
INVALID_AUTHENTICATION = "Invalid Authentication"

_PROJECT = re.compile(
    rb"([A-Za-z0-9][A-Za-z0-9_.-]{0,127})/([A-Za-z0-9][A-Za-z0-9_.-]{0,127})", re.ASCII
)


class MissingKey(NotAuthenticated):
    """No key came with the request."""

    def __init__(self) -> None:
        super().__init__(
            MISSING_KEY,
            remedy="Send the header `Authorization: Bearer <key>`; `weft key create` makes a key.",
            metadata={"reason": "missing_key"},
        )


class InvalidKey(NotAuthenticated):
    """The key is no key, unknown, revoked or expired, or its user is disabled; `reason` says which."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(INVALID_AUTHENTICATION, remedy=remedy, metadata={"reason": reason})


class InvalidProject(NotAuthenticated):
    """The team or project that was named does not exist, or the caller has no part in it: one answer for both."""

    code = "invalid_project"

    def __init__(self, message: str = INVALID_AUTHENTICATION, remedy: str | None = None) -> None:
        super().__init__(
            message,
            param=PROJECT_HEADER,
            remedy=remedy
            or (
                f"Name a team you are a member of and one of its projects, `{PROJECT_HEADER}: team/project`,"
                " that this key may use; `weft project create team/project` makes a project."
            ),
        )


class NamedProject(NamedTuple):
    """The team and project that a request named; neither is known to exist."""

    team: str
    project: str


def credentials_of(headers: Sequence[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    """The values of `Authorization` and `OpenAI-Project`, empty where absent; names are lower-case, as ASGI has them.

    Of two that differ, each part of the way (a proxy, this server) might take another one: neither is taken.

    Raises:
        InvalidKey: there are several `Authorization` headers that differ.
        InvalidProject: there are several `OpenAI-Project` headers that differ.
    """
    authorization: bytes | None = None
    project: bytes | None = None
    for name, value in headers:
        if name == b"authorization":
            if authorization is not None and value != authorization:
                raise InvalidKey("several_keys", "Send the header `Authorization` once.")
            authorization = value
        elif name == b"openai-project":
            if project is not None and value != project:
                raise InvalidProject(remedy=f"Send the header `{PROJECT_HEADER}` once.")
            project = value
    return authorization or b"", project or b""


def read_key(authorization: bytes) -> bytes:
    """The API key in an `Authorization` header; it has a key's form and may still be anybody's invention.

    Raises:
        MissingKey: there is none.
        InvalidKey: there is something else.
    """
    if len(authorization) > AUTHORIZATION_LIMIT_BYTES:
        raise _malformed()
    scheme, _, rest = authorization.strip().partition(b" ")
    credentials = rest.strip()
    match scheme.lower():
        case b"":
            raise MissingKey
        case b"bearer":
            key = credentials
        case b"basic":
            key = _password(credentials)
        case _:
            raise _malformed()
    if not key:
        raise MissingKey
    if not is_key(key):
        raise _malformed()
    return key


def read_project(header: bytes) -> NamedProject | None:
    """The team and project in an `OpenAI-Project` header; None if it is absent or empty.

    Raises:
        InvalidProject: it is not `team/project`.
    """
    if not header:
        return None
    found = _PROJECT.fullmatch(header)  # at most 257 bytes
    if found is None:
        raise InvalidProject
    return NamedProject(found[1].decode(), found[2].decode())


def _password(credentials: bytes) -> bytes:
    try:
        _user, _, password = base64.b64decode(credentials, validate=True).partition(b":")
    except binascii.Error as error:
        raise _malformed() from error
    return password


def _malformed() -> InvalidKey:
    return InvalidKey(
        "malformed_key",
        "Send `Authorization: Bearer <key>` with a key of this server, as `weft key create` prints it.",
    )
