"""A request to the inference door from inside this process: implements `gateway.Exchange` with no connection."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from weft.evals.door import Ticket
from weft.kit.ids import new_id
from weft.ledger.holds import Also

HELD_BYTES = 256 * 1024
"""Of an answer that its reader has not taken; beyond it the engine is read no faster."""


class InnerExchange:
    """The door writes, one reader reads: first `opened`, then `pieces`."""

    def __init__(
        self,
        headers: list[tuple[bytes, bytes]],
        payload: bytes,
        peer: str,
        ticket: Ticket | None = None,
    ) -> None:
        self.request_id = ticket.request_id if ticket else new_id("req")
        self._ticket = ticket
        self.headers = headers
        self.payload = payload
        self.peer = peer
        self.gone = False
        self.started = False
        self.status = 0
        self._head = b""
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._is_whole = False
        self._changed = asyncio.Event()
        self._room = asyncio.Event()

    def start(self, status: int, head: bytes) -> None:
        """See `Exchange.start`."""
        self.status, self._head = status, head

    def write(self, data: bytes) -> None:
        """See `Exchange.write`."""
        self.started = True
        if data and not self.gone:
            self._pieces.append(data)
            self._held += len(data)
        self._changed.set()

    @property
    def congested(self) -> bool:
        """See `Exchange.congested`."""
        return self._held > HELD_BYTES and not self.gone

    async def drained(self) -> None:
        """See `Exchange.drained`."""
        while self.congested:
            self._room.clear()
            await self._room.wait()

    def end(self, data: bytes = b"") -> None:
        """See `Exchange.end`."""
        self._is_whole = True
        self.write(data)

    def seal(self, status: int, head: bytes, last: bytes, *, is_stream: bool) -> Also | None:
        """See `Exchange.seal`: only who has a ticket asks for this answer again."""
        del head
        if self._ticket is None or is_stream:
            return None
        return self._ticket.seal(status, last)

    def answer(self, status: int, head: bytes, body: bytes) -> None:
        """See `Exchange.answer`."""
        self.start(status, head)
        self.end(body)

    def leave(self) -> None:
        """The reader hangs up."""
        self.gone = True
        self._pieces.clear()
        self._held = 0
        self._room.set()

    def abandon(self) -> None:
        """The door ended without an end of the answer."""
        self._is_whole = True
        self._changed.set()

    async def opened(self) -> None:
        """Wait for the head of the answer; the door bounds for how long."""
        while not self.started and not self._is_whole:
            await self._changed.wait()
            self._changed.clear()

    def header(self, name: str) -> str:
        """A header of the answer; empty if there is none."""
        wanted = name.lower().encode()
        for line in self._head.split(b"\r\n"):
            key, _, value = line.partition(b":")
            if key.strip().lower() == wanted:
                return value.strip().decode("latin-1")
        return ""

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes."""
        while True:
            while self._pieces:
                piece = self._pieces.popleft()
                self._held -= len(piece)
                self._room.set()
                yield piece
            if self._is_whole:
                return
            await self._changed.wait()
            self._changed.clear()
