"""Weft's inference door, as this room sees it; `app.evals.door` is the real one.

Whatever asks a model here, a playground or a judge, asks the door: key, project, country, limits, credit, metering and
settlement are those of any request.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from fastapi import Request

from weft.identity.projects.gate import Credentials
from weft.traces.routes.desk import credentials

Headers = tuple[tuple[bytes, bytes], ...]
LOOPBACK = "127.0.0.1"

_NOT_PASSED_ON = frozenset(
    {
        b"authorization",
        b"connection",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"cookie",
        b"idempotency-key",
        b"openai-project",
        b"origin",
        b"transfer-encoding",
    }
)


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody on whose account a model is asked. Holds what proves it, so it is never written down."""

    credentials: Credentials
    project: str
    """`team/project`, which pays."""
    peer: str
    """The address at the other end of the caller's connection: rules about countries ask for it."""
    headers: Headers
    acting_for: str = ""
    """The id of the user on whose behalf this server itself asks, where nobody is there to prove it: see `acting`."""

    @classmethod
    def of(cls, request: Request, project: str) -> "Asker":
        """The caller of a request, for a project."""
        return cls(
            credentials(request),
            project,
            request.client.host if request.client else "",
            tuple(pair for pair in request.headers.raw if pair[0] not in _NOT_PASSED_ON),
        )

    @classmethod
    def acting(cls, user_id: str, project: str) -> "Asker":
        """This server itself, on behalf of a user who allowed it; the door looks up anew what they may.

        The request begins in this process, so the address that rules about countries see is loopback's; whoever allows
        it is judged by them when they do.
        """
        return cls(Credentials(), project, LOOPBACK, (), user_id)


class Reply(Protocol):
    """An answer of the door, whose head is there."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def request_id(self) -> str:
        """The id of the usage record."""
        ...

    def header(self, name: str) -> str:
        """A header's value; empty if there is none."""
        ...

    def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes."""
        ...


class Door(Protocol):
    """Answers chat completions."""

    def ask(self, asker: Asker, payload: bytes) -> AbstractAsyncContextManager[Reply]:
        """The door's answer to a request for a chat completion; leaving the context early is hanging up.

        Raises:
            WeftError: a session's user may not run models for the project; with a key, the answer says such things.
        """
        ...


async def read_whole(reply: Reply) -> bytes:
    """The whole body."""
    return b"".join([piece async for piece in reply.pieces()])
