"""The door that stands in front of an inference door and answers requests which carry an `Idempotency-Key`.

A request without the header goes straight through. One with it is told apart by project, key and digest; the first of
its kind starts a `Flight`, and every one, the first too, is a reader of the flight's answer. So a client that hangs up
ends nothing but its own reading.
"""

import asyncio
import logging
from collections.abc import Coroutine

from weft.gateway.cors import cors_lines
from weft.gateway.exchange import Exchange
from weft.gateway.flow import CLIENT_CLOSED_REQUEST, SERVER_ERROR
from weft.gateway.idempotency.flight import Door, Flight, Stopping
from weft.gateway.idempotency.keys import Keys
from weft.gateway.idempotency.live import Held, Reader
from weft.gateway.idempotency.refusals import KeyReused, TooMuchKept
from weft.gateway.idempotency.request import has_key, use_of
from weft.gateway.idempotency.types import Use
from weft.gateway.journal import Journal
from weft.gateway.sse import event_of
from weft.gateway.visit import Visit
from weft.identity.headers import credentials_of
from weft.identity.projects.console import Callers
from weft.identity.types import Principal
from weft.kit.errors import InternalError, WeftError
from weft.ledger.types import Outcome
from weft.limits.country.guard import CountryGuard

log = logging.getLogger(__name__)

HELD_LIMIT_BYTES = 256 * 1024 * 1024
"""Of all answers with keys that are being made or sent again; beyond it no new one is begun."""
CLOSE_TIMEOUT_S = 5.0
_JSON = b"content-type: application/json\r\n"


class IdempotentDoor:
    """Answers each request with a key once, and all its repetitions with the same bytes."""

    def __init__(
        self,
        door: Door,
        *,
        gate: Callers,
        journal: Journal,
        keys: Keys,
        path: str,
        held: Held | None = None,
        country: CountryGuard | None = None,
        origins: frozenset[bytes] = frozenset(),
    ) -> None:
        """`held` counts what this door and others hold of answers."""
        self._door = door
        self._gate = gate
        self._journal = journal
        self._keys = keys
        self._path = path
        self._country = country
        self._origins = origins
        self._flights: dict[tuple[str, str], Flight] = {}
        self._held = held or Held()

    def __call__(self, exchange: Exchange) -> Coroutine[None, None, None]:
        """Answer one request. Never raises: this is the request's edge."""
        return self._serve(exchange) if has_key(exchange.headers) else self._door(exchange)

    async def close(self) -> None:
        """Cut what is still being worked on, whose clients are gone, and give its keys back."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cut()
        for flight in flights:
            await flight.landed(CLOSE_TIMEOUT_S)

    async def _serve(self, exchange: Exchange) -> None:
        visit = Visit(exchange)
        try:
            try:
                principal = visit.principal = await self._principal(exchange)
                visit.check_country(self._country)
            except WeftError:
                await self._door(exchange)  # it finds the same, says so, and writes it down
                return
            flight = await self._join(use_of(exchange, principal, self._path), exchange)
            await self._read(flight, visit)
        except asyncio.CancelledError:
            if exchange.gone:
                visit.status, visit.outcome = CLIENT_CLOSED_REQUEST, Outcome.CANCELLED
            else:
                self._refuse(visit, Stopping())
        except WeftError as error:
            self._refuse(visit, error)
        except Exception:
            log.exception("request_crashed request_id=%s", exchange.request_id)
            self._refuse(visit, InternalError(SERVER_ERROR))
        if visit.status:  # else the door has written it down
            self._journal.finished(visit)

    async def _principal(self, exchange: Exchange) -> Principal:
        authorization, project = credentials_of(exchange.headers)
        return self._gate.find(authorization, project) or await self._gate.authorize(
            authorization, project
        )

    async def _join(self, use: Use, exchange: Exchange) -> Flight:
        """The flight of this key: one that is under way, or a new one.

        Raises:
            KeyReused: the key is in use with other parameters.
            TooMuchKept: there is no memory for one more.
        """
        while (flight := self._flights.get(use.scope)) is not None:
            if flight.use == use:
                return flight
            await (
                flight.opened.wait()
            )  # bounded by what the database may take, and by its wait for others
            if self._flights.get(use.scope) is flight:
                raise KeyReused
        if self._held.size_bytes > HELD_LIMIT_BYTES:
            raise TooMuchKept("too many answers are being repeated at once", retry_after_s=1)
        flight = Flight(exchange, use, keys=self._keys, door=self._door, held=self._held)
        self._flights[use.scope] = flight
        flight.take_off(lambda: self._landed(flight))
        return flight

    def _landed(self, flight: Flight) -> None:
        del self._flights[flight.use.scope]

    async def _read(self, flight: Flight, visit: Visit) -> None:
        """Send the flight's answer to one client, from its first byte to its last."""
        exchange = visit.exchange
        with flight.answer.reader() as reader:
            try:
                await self._relay(flight, reader, exchange)
            except asyncio.CancelledError:
                if exchange.gone:
                    if flight.first is exchange:
                        return  # the work goes on, and is written down when it ends
                    raise
                # The server stops and the time to drain is over: what the work still says is passed on.
                flight.cut()
                await self._relay(flight, reader, exchange)
        if flight.first is not exchange:
            visit.original_request_id = flight.answer.request_id
            visit.status = flight.answer.status
            visit.outcome = Outcome.COMPLETED if visit.status == 200 else Outcome.FAILED

    async def _relay(self, flight: Flight, reader: Reader, exchange: Exchange) -> None:
        """Send what is not yet read. Called again after it was cancelled, it goes on where it stood."""
        await reader.begun()
        answer = flight.answer
        head = answer.head + self._own_lines(flight, exchange)
        if not answer.is_stream:
            parts: list[bytes] = []
            while data := await reader.next():
                parts.append(data)
            exchange.answer(answer.status, head, b"".join(parts))
            return
        if not exchange.started:
            exchange.start(answer.status, head)
        while data := await reader.next():
            exchange.write(data)
            if exchange.congested:
                await exchange.drained()
        exchange.end()

    def _own_lines(self, flight: Flight, exchange: Exchange) -> bytes:
        """What differs between clients of one answer."""
        lines = cors_lines(exchange.headers, self._origins)
        if flight.first is exchange:
            return lines
        original = flight.answer.request_id.encode()
        lines += b"idempotent-replayed: true\r\nx-weft-original-request-id: %b\r\n" % original
        if flight.answer.status >= 500:
            lines += b"x-should-retry: false\r\n"  # it would be the same again
        return lines

    def _refuse(self, visit: Visit, error: WeftError) -> None:
        exchange = visit.exchange
        visit.status, visit.outcome = error.status, Outcome.REFUSED
        visit.error_code = error.code or error.type
        if exchange.started:
            exchange.end(event_of(error.envelope()))
            return
        lines = b"".join(b"%b: %b\r\n" % header for header in error.headers())
        lines += cors_lines(exchange.headers, self._origins)
        exchange.answer(error.status, _JSON + lines, error.envelope())
