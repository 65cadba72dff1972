"""One HTTP request and its answer, as the flow sees them.

The server's protocol class implements this (`app/http_protocol.py`); the flow knows no server, no socket and no ASGI.
That is the seam at which the transport can be replaced.
"""

from typing import Protocol

from weft.ledger.holds import Also


class Exchange(Protocol):
    """A request whose body has arrived whole, and the writing side of its answer."""

    request_id: str
    """Made by us, unique, sent back as `x-request-id`."""
    headers: list[tuple[bytes, bytes]]
    """Names in lower case."""
    payload: bytes
    """The request's body."""

    @property
    def peer(self) -> str:
        """The address at the other end of the connection: the client's, or that of a proxy; empty if there is none."""
        ...

    def start(self, status: int, head: bytes) -> None:
        """Begin an answer that is streamed; nothing leaves before the first `write`.

        `head` holds whole header lines, each with its CRLF, besides x-request-id, date and framing.
        """
        ...

    def write(self, data: bytes) -> None:
        """Send a piece of a streamed answer."""
        ...

    @property
    def congested(self) -> bool:
        """Whether the client reads more slowly than we write; then `drained` is worth waiting for."""
        ...

    async def drained(self) -> None:
        """Wait while the client reads more slowly than we write."""
        ...

    def end(self, data: bytes = b"") -> None:
        """Send the last piece of a streamed answer."""
        ...

    def seal(self, status: int, head: bytes, last: bytes, *, is_stream: bool) -> Also | None:
        """What has to be written in one with the settlement, if the answer is going to end with `last`.

        Called before `end` or `answer` is, with what will be sent; a stream's status and head are those of its `start`.
        """
        ...

    def answer(self, status: int, head: bytes, body: bytes) -> None:
        """Send a whole answer at once; `head` as for `start`."""
        ...

    @property
    def gone(self) -> bool:
        """Whether the client has hung up. The flow's task is cancelled when that happens."""
        ...

    @property
    def started(self) -> bool:
        """Whether any part of an answer may have left: after that an error can only be an event in the stream."""
        ...
