"""What a use of a key is, and what is kept of its first answer."""

from dataclasses import dataclass
from enum import StrEnum

KEY_HEADER = "Idempotency-Key"
KEY_LIMIT_CHARS = 255
KEPT_US = 24 * 3600 * 1_000_000
"""How long an answer is kept, from the first use of its key."""
BODY_LIMIT_BYTES = 8 * 1024 * 1024
"""The longest body that is kept. Of a longer one only the status is."""
STALE_US = 10_000_000
"""After so long without a beat the process that holds a claim is taken to be dead."""


@dataclass(frozen=True, slots=True)
class Use:
    """A key as one request used it."""

    project_id: str
    key: str
    digest: str
    """SHA-256 in hex of what has to be the same for it to be the same request."""

    @property
    def scope(self) -> tuple[str, str]:
        """What the key is unique within."""
        return self.project_id, self.key


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that can be sent again."""

    request_id: str
    """Of the request that it was made for: its usage record has the same."""
    status: int
    head: bytes
    """Whole header lines, each with its CRLF, besides those that every answer has of its own."""
    body: bytes
    is_stream: bool
    is_too_large: bool = False
    """The body was over the bound, and is not here."""


@dataclass(frozen=True, slots=True)
class Last:
    """The end of an answer that is not yet let go."""

    status: int
    head: bytes
    data: bytes
    """The last piece of a stream, or the whole body."""
    is_stream: bool


class State(StrEnum):
    """What a key is found to be."""

    OURS = "ours"
    """It was free, or its holder died: from now on this request holds it."""
    BUSY = "busy"
    """Another process works on the answer."""
    KEPT = "kept"
    OTHER = "other"
    """It was used with other parameters."""
