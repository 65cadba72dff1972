"""An exchange that speaks a dialect to the client and OpenAI's chat completions to the door.

Owns the cutting of the door's stream into events, wherever its bytes were cut. Comments go on as they are: they keep a
connection open. Invariant: what the door calls the last piece is the last piece that the client gets.
"""

from collections.abc import Callable, Coroutine

from weft.gateway.dialects.types import Dialect, Translator
from weft.gateway.exchange import Exchange
from weft.gateway.sse import DONE, EventSplitter, data_of, split_events
from weft.kit.errors import EngineFailed, WeftError
from weft.ledger.holds import Also

Door = Callable[[Exchange], Coroutine[None, None, None]]
_ERROR = b'{"error":'


class TranslatedDoor:
    """Answers in a dialect what `door` answers as a chat completion."""

    def __init__(self, door: Door, dialect: Dialect) -> None:
        self._door = door
        self._dialect = dialect

    def __call__(self, exchange: Exchange) -> Coroutine[None, None, None]:
        """Answer one request."""
        return self._door(TranslatedExchange(exchange, self._dialect))

    def refusal(self, error: WeftError, request_id: str) -> bytes:
        """The body of a refusal that comes before there is an exchange."""
        return self._dialect.error(error.status, error.envelope(), request_id)


class TranslatedExchange:
    """Implements `gateway.Exchange` on another one. The payload stays as it came: `Dialect.read` reads it."""

    def __init__(self, inner: Exchange, dialect: Dialect) -> None:
        self.request_id = inner.request_id
        self.headers = list(dialect.credentials(inner.headers))
        self.payload = inner.payload
        self.peer = inner.peer
        self._inner = inner
        self._dialect = dialect
        self._splitter = EventSplitter()
        self._translator: Translator | None = None

    def start(self, status: int, head: bytes) -> None:
        """See `Exchange.start`."""
        self._translator = self._dialect.translator(self.payload, self.request_id)
        self._inner.start(status, head + self._dialect.lines(self.request_id))

    def write(self, data: bytes) -> None:
        """See `Exchange.write`."""
        if translated := self._translate(data):
            self._inner.write(translated)

    @property
    def congested(self) -> bool:
        """See `Exchange.congested`."""
        return self._inner.congested

    async def drained(self) -> None:
        """See `Exchange.drained`."""
        await self._inner.drained()

    def end(self, data: bytes = b"") -> None:
        """See `Exchange.end`."""
        self._inner.end(self._translate(data))

    def seal(self, status: int, head: bytes, last: bytes, *, is_stream: bool) -> Also | None:
        """See `Exchange.seal`."""
        return self._inner.seal(status, head, last, is_stream=is_stream)

    def answer(self, status: int, head: bytes, body: bytes) -> None:
        """See `Exchange.answer`."""
        dialect = self._dialect
        if status == 200:
            try:
                body = dialect.whole(self.payload, body, self.request_id)
            except EngineFailed as error:
                status, body = error.status, error.envelope()
        if status != 200:
            body = dialect.error(status, body, self.request_id)
        self._inner.answer(status, head + dialect.lines(self.request_id), body)

    @property
    def gone(self) -> bool:
        """See `Exchange.gone`."""
        return self._inner.gone

    @property
    def started(self) -> bool:
        """See `Exchange.started`."""
        return self._inner.started

    def _translate(self, data: bytes) -> bytes:
        translator = self._translator
        assert translator is not None, "a stream is started before it is written"
        out: list[bytes] = []
        for event in split_events(self._splitter.feed(data)):
            told = data_of(event)
            if not told:
                out.append(event)
            elif told == DONE:
                out.append(translator.finish())
            elif told.startswith(_ERROR):
                out.append(translator.fail(told))
            else:
                out.append(translator.feed(told))
        return b"".join(out)
