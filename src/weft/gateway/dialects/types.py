"""The seam between the exchange and a dialect."""

from collections.abc import Sequence
from typing import Protocol

from weft.gateway.errands.types import Errand
from weft.gateway.wire.bounds import Bounds

Headers = Sequence[tuple[bytes, bytes]]


class Translator(Protocol):
    """Turns the events of one chat completion's stream into a dialect's."""

    def feed(self, data: bytes) -> bytes:
        """The events that the data of one chunk becomes; may be empty.

        Raises:
            EngineFailed: `data` is no chunk.
        """
        ...

    def finish(self) -> bytes:
        """The end of a stream that is complete."""
        ...

    def fail(self, envelope: bytes) -> bytes:
        """The end of a stream that failed; `envelope` is the error in OpenAI's shape."""
        ...


class Dialect(Protocol):
    """One way to ask for a chat completion."""

    def read(self, payload: bytes, bounds: Bounds, /) -> Errand:
        """See `Read`: the chat completion that a request stands for."""
        ...

    def credentials(self, headers: Headers) -> Headers:
        """The request's headers with its key where the door looks for it."""
        ...

    def lines(self, request_id: str) -> bytes:
        """Header lines that answers have besides."""
        ...

    def translator(self, payload: bytes, request_id: str) -> Translator:
        """What translates the stream that answers `payload`, which `read` has taken."""
        ...

    def whole(self, payload: bytes, completion: bytes, request_id: str) -> bytes:
        """The body of an answer to `payload`, which `read` has taken.

        Raises:
            EngineFailed: `completion` is no chat completion.
        """
        ...

    def error(self, status: int, envelope: bytes, request_id: str) -> bytes:
        """The body of a refusal; `envelope` is the error in OpenAI's shape."""
        ...
