"""The nouns of probing: what a probe found, and the part that carries its requests.

A probe sends requests as a client would word them and judges what a client would get. How a client's words become the
engine's and back is the door's knowledge, in a room above this one: `app` hands that part in as an `Asker`. Invariant:
only a verdict that is settled (`passed`, `failed`, `unsupported`) may change what is in force.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from weft.catalog.badges.types import Feature

if TYPE_CHECKING:
    from weft.engines.types import Lease, Route


class Outcome(StrEnum):
    """What a probe came to."""

    PASSED = "passed"
    FAILED = "failed"
    """The engine took the request and did something else."""
    UNSUPPORTED = "unsupported"
    """The engine, or the door for it, refused the request."""
    UNKNOWN = "unknown"
    """It cannot be told: the engine was busy or could not be reached, or the model said nothing to judge by."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An outcome, and why."""

    outcome: Outcome
    detail: str = ""
    """For people, in one sentence; empty where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one probe of one feature found."""

    feature: Feature
    outcome: Outcome
    detail: str
    at: datetime
    duration_ms: int

    @property
    def is_settled(self) -> bool:
        """Whether the probe could tell."""
        return self.outcome is not Outcome.UNKNOWN

    @property
    def works(self) -> bool:
        """Whether the feature was seen to work."""
        return self.outcome is Outcome.PASSED


class NoAnswer(Exception):
    """The engine could not be reached, broke off, was too slow or has no room: nothing is known of the feature."""


class Refused(Exception):
    """The request was answered with an error; `status` is the engine's, or 422 where the door refuses for it."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class BadAnswer(Exception):
    """The engine answered with success, and what it sent is not what was asked for."""


class Asker(Protocol):
    """Carries a request to an engine and its answer back, through the door's own words but past its limits and books.

    `payload` is a chat completion request as a client writes it; the caller gives the lease back.
    """

    async def ask(self, route: "Route", lease: "Lease", payload: bytes) -> bytes:
        """What a client would get: a body of JSON, or the whole event stream if it asked for one.

        Raises:
            NoAnswer: the engine did not get to answer.
            Refused: it answered with an error, or the door knows that it cannot.
            BadAnswer: the answer is no chat completion.
        """
        ...

    async def begin(self, route: "Route", lease: "Lease", payload: bytes) -> None:
        """Ask for a stream, and hang up when its first token has come.

        Raises:
            NoAnswer, Refused, BadAnswer: as `ask` does.
        """
        ...

    def count_body(self, route: "Route", payload: bytes) -> bytes:
        """What the engine would be sent, for counting its prompt.

        Raises:
            Refused: the door knows that it cannot.
        """
        ...
