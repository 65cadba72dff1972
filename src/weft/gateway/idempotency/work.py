"""The exchange that an inference door answers when a request has a key: it writes into a live answer, not to a client.

Nobody can hang up on it, so the work goes on to its end. The last piece is held back: `flight.py` lets it go once the
answer is kept.
"""

from weft.gateway.exchange import Exchange
from weft.gateway.idempotency.keys import Keeping
from weft.gateway.idempotency.live import LiveAnswer
from weft.gateway.idempotency.types import BODY_LIMIT_BYTES, Kept, Last, Use
from weft.gateway.idempotency.verdict import is_kept
from weft.ledger.holds import Also


class WorkExchange:
    """Implements `gateway.Exchange` for the work behind a key."""

    def __init__(self, first: Exchange, use: Use, answer: LiveAnswer) -> None:
        self.request_id = first.request_id
        # Which origins may read an answer depends on who asks: each client's own exchange says so.
        self.headers = [header for header in first.headers if header[0] != b"origin"]
        self.payload = first.payload
        self.peer = first.peer
        self.last: Last | None = None
        """Set by `end` or `answer`."""
        self.was_cut = False
        """Whether the server stopped the work."""
        self._use = use
        self._answer = answer
        self._begin: tuple[int, bytes] = (200, b"")
        self._sealed: tuple[Last, Keeping] | None = None

    def start(self, status: int, head: bytes) -> None:
        """See `Exchange.start`."""
        self._begin = (status, head)

    def write(self, data: bytes) -> None:
        """See `Exchange.write`."""
        if not self.started:
            self._answer.begin(*self._begin, is_stream=True)
        self._answer.add(data)

    @property
    def congested(self) -> bool:
        """See `Exchange.congested`."""
        return self._answer.is_congested

    async def drained(self) -> None:
        """See `Exchange.drained`."""
        await self._answer.drained()

    def end(self, data: bytes = b"") -> None:
        """See `Exchange.end`."""
        self.last = Last(*self._begin, data, is_stream=True)

    def answer(self, status: int, head: bytes, body: bytes) -> None:
        """See `Exchange.answer`."""
        self.last = Last(status, head, body, is_stream=False)

    @property
    def gone(self) -> bool:
        """See `Exchange.gone`."""
        return False

    @property
    def started(self) -> bool:
        """See `Exchange.started`."""
        return self._answer.status != 0

    def seal(self, status: int, head: bytes, last: bytes, *, is_stream: bool) -> Also | None:
        """See `Exchange.seal`: keeps the answer in one with what it costs."""
        end = Last(*(self._begin if is_stream else (status, head)), last, is_stream=is_stream)
        if not is_kept(end, was_cut=self.was_cut):
            return None
        keeping = self.keeping(end)
        self._sealed = (end, keeping)
        return keeping.write

    def keeping(self, last: Last) -> Keeping:
        """What keeps the answer that ends with `last`."""
        is_too_large = self._answer.size_bytes + len(last.data) > BODY_LIMIT_BYTES
        body = b"" if is_too_large else self._answer.body() + last.data
        kept = Kept(
            request_id=self.request_id,
            status=last.status,
            head=last.head,
            body=body,
            is_stream=last.is_stream,
            is_too_large=is_too_large,
        )
        return Keeping(self._use, kept)

    @property
    def is_sealed(self) -> bool:
        """Whether a settlement has been asked to keep an answer."""
        return self._sealed is not None

    @property
    def is_kept(self) -> bool:
        """Whether the answer that was let go is the one that was sealed, and that one was written."""
        if self._sealed is None or self.last is None:
            return False
        end, keeping = self._sealed
        return keeping.is_held and end == self.last
