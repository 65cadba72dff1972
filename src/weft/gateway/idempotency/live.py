"""An answer while it is made: written once, read by any number of clients, each from its first byte.

Invariants: readers get the same bytes, at their own pace; nobody who reads slowly slows the work down, until the answer
is too large to be kept. From then on what all have read is forgotten, the work waits for the slowest, and nobody new
can join. What is held counts into `Held`, which all answers of a process share.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from weft.gateway.idempotency.refusals import AnswerTooLarge
from weft.gateway.idempotency.types import BODY_LIMIT_BYTES
from weft.kit.errors import WeftError

WINDOW_BYTES = 1024 * 1024
"""Of an answer that is too large to be kept: what the fastest may be ahead of the slowest."""
READ_BYTES = 64 * 1024
"""What a reader takes at once, about."""


class Held:
    """How many bytes all live answers hold together."""

    __slots__ = ("size_bytes",)

    def __init__(self) -> None:
        self.size_bytes = 0


class LiveAnswer:
    """The one answer to all requests with the same key."""

    def __init__(self, request_id: str, held: Held) -> None:
        self.request_id = request_id
        """Of the request that it is, or was, made for."""
        self.status = 0
        self.head = b""
        self.is_stream = False
        self.is_over = False
        self.error: WeftError | None = None
        """Set when there is no answer, but a refusal for each who waits for it."""
        self.size_bytes = 0
        """Of the body so far, forgotten parts included."""
        self._held = held
        self._held_bytes = 0
        self._pieces: list[bytes] = []
        self._forgotten = 0
        """Pieces that are not held any more."""
        self._readers: set[Reader] = set()
        self._room = asyncio.Event()

    @property
    def is_too_large(self) -> bool:
        """Whether the body is over the bound, so that it cannot be kept."""
        return self.size_bytes > BODY_LIMIT_BYTES

    @property
    def is_congested(self) -> bool:
        """Whether the work should wait for those who read."""
        return self.is_too_large and self._held_bytes > WINDOW_BYTES

    def begin(self, status: int, head: bytes, *, is_stream: bool) -> None:
        """The head is known."""
        self.status, self.head, self.is_stream = status, head, is_stream
        self._wake()

    def add(self, data: bytes) -> None:
        """The next piece of the body."""
        if data:
            self._pieces.append(data)
            self.size_bytes += len(data)
            self._count(len(data))
            self._forget()
            self._wake()

    def close(self) -> None:
        """That was all."""
        self.is_over = True
        self._forget()
        self._wake()

    def fail(self, error: WeftError) -> None:
        """There is no answer: each who waits for it is refused. After `begin` only `close` may follow."""
        assert not self.status, "an answer that has begun cannot fail as a whole"
        self.error = error
        self.close()

    async def drained(self) -> None:
        """Wait while the work is ahead of those who read; the server ends connections that do not read at all."""
        while self.is_congested:
            self._room.clear()
            await self._room.wait()

    def body(self) -> bytes:
        """All of it so far, while it is not too large."""
        assert not self.is_too_large
        return b"".join(self._pieces)

    @contextmanager
    def reader(self) -> "Generator[Reader]":
        """Read from the first byte.

        Raises:
            AnswerTooLarge: the first bytes are forgotten.
        """
        if self.is_too_large:
            raise AnswerTooLarge(self.request_id)
        reader = Reader(self)
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)
            self._forget()

    def take(self, position: int) -> tuple[bytes, int]:
        """Some of what follows the piece number `position`, and the number to go on with."""
        start = end = position - self._forgotten
        size_bytes = 0
        while end < len(self._pieces) and size_bytes < READ_BYTES:
            size_bytes += len(self._pieces[end])
            end += 1
        taken = self._pieces[start:end]
        return b"".join(taken), end + self._forgotten

    def passed(self) -> None:
        """A reader went on."""
        if self.is_too_large or self.is_over:
            self._forget()

    def _forget(self) -> None:
        """Let go of what nobody will read: of a large answer what all have read, of a finished one the same."""
        if not (self.is_too_large or self.is_over):
            return
        end = self._forgotten + len(self._pieces)
        lowest = min((reader.position for reader in self._readers), default=end)
        gone = self._pieces[: lowest - self._forgotten]
        del self._pieces[: len(gone)]
        self._forgotten += len(gone)
        self._count(-sum(map(len, gone)))
        if not self.is_congested:
            self._room.set()

    def _count(self, size_bytes: int) -> None:
        self._held_bytes += size_bytes
        self._held.size_bytes += size_bytes

    def _wake(self) -> None:
        for reader in self._readers:
            reader.wake()


class Reader:
    """One client's place in an answer."""

    __slots__ = ("_answer", "_news", "position")

    def __init__(self, answer: LiveAnswer) -> None:
        self._answer = answer
        self._news = asyncio.Event()
        self.position = 0

    def wake(self) -> None:
        """There is something new."""
        self._news.set()

    async def begun(self) -> None:
        """Wait for the head.

        Raises:
            WeftError: there is no answer.
        """
        while not (self._answer.status or self._answer.is_over):
            await self._wait()
        if self._answer.error is not None:
            raise self._answer.error

    async def next(self) -> bytes:
        """The next bytes; none at the end."""
        while True:
            data, self.position = self._answer.take(self.position)
            if data:
                self._answer.passed()
                return data
            if self._answer.is_over:
                return b""
            await self._wait()

    async def _wait(self) -> None:
        # The work is bounded by the engine's timeouts, and always ends with `close`: so is this wait.
        self._news.clear()
        await self._news.wait()
