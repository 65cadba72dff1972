"""Weft's inference door, as this room sees it; `app.evals.door` is the real one.

Whatever asks a model here, a playground or a judge, asks the door: key, project, country, limits, credit, metering and
settlement are those of any request.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from fastapi import Request
from sqlalchemy import Connection

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


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a request may cost at most, and what is written down with its charge."""

    request_id: str
    """The id that the request is going to have: of its hold, and of its usage record."""
    most_nusd: int
    """The door holds no more for it, so it is charged no more."""
    is_open: Callable[[Connection], bool]
    """Asked in the transaction that opens the hold: whether it may still be."""
    seal: Callable[[int, bytes], Callable[[Connection], None]]
    """From the answer's status and body to what is written in one with the charge."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a request for a completion can cost, before it is sent."""

    model_id: str
    most_nusd: int
    """In the worst case: what the door would hold."""
    prompt_tokens: int
    """Of the prompt: counted by the engine where `is_counted`, else the door's bound."""
    is_counted: bool
    output_tokens: int
    """The longest answer, all choices together."""
    context_tokens: int
    input_nusd_per_mtok: int
    cached_nusd_per_mtok: int
    output_nusd_per_mtok: int


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


class PricedDoor(Door, Protocol):
    """A door that says beforehand what a request can cost, and is held to it."""

    def ask(
        self, asker: Asker, payload: bytes, ticket: Ticket | None = None
    ) -> AbstractAsyncContextManager[Reply]:
        """See `Door.ask`. With a `ticket` the request costs no more than that says, or is refused."""
        ...

    async def quote(self, asker: Asker, payload: bytes, *, counts: bool = False) -> Quote:
        """What this request can cost; with `counts` its engine is asked how long the prompt is, which costs nothing.

        Raises:
            WeftError: it would be refused: the model is unknown, or not this caller's to use; a field is wrong.
        """
        ...


async def read_whole(reply: Reply) -> bytes:
    """The whole body."""
    return b"".join([piece async for piece in reply.pieces()])
