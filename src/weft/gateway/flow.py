"""The life of one request to an engine, from its bytes to the last byte of its answer.

Every decision is visible in `InferenceDoor._serve`, in order; in what one endpoint differs from another is said by its
`Errand`. Invariants:

* exactly one usage record per request whose caller is known, durable before the last byte of the answer leaves;
* no transaction and no lock is held while tokens flow;
* whatever happens, the engine's work is stopped and its place given back.

A client that hangs up cancels the task (see `Exchange.gone`); what was produced until then is metered. When the server
stops, the task is cancelled too, and the client gets a clear end.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import msgspec

from weft.catalog.adapters.names import may_name_adapter
from weft.catalog.catalog import Catalog
from weft.engines.queue.places import EngineDown
from weft.engines.types import Endpoint, Lease, Route
from weft.gateway import engine_errors
from weft.gateway.adapters.seams import OtherNames, Runners
from weft.gateway.cors import cors_lines
from weft.gateway.engine_errors import EngineLost
from weft.gateway.errands.chat import ChatErrand
from weft.gateway.errands.endpoints import check_endpoint
from weft.gateway.errands.types import Read
from weft.gateway.estimate import Estimate
from weft.gateway.exchange import Exchange
from weft.gateway.journal import Journal
from weft.gateway.meter import Meter
from weft.gateway.relay import Relay, StreamBroken
from weft.gateway.source import MergedSource, SingleSource
from weft.gateway.sse import event_of
from weft.gateway.tracing.recorder import Tracing
from weft.gateway.visit import Visit, hold_request
from weft.gateway.waiting import leave_lost_engine, wait_for_lease
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.rewrite import Imprint
from weft.identity.headers import credentials_of
from weft.identity.principal import may_use_model
from weft.identity.projects.console import Callers
from weft.identity.types import Principal, TraceLevel
from weft.kit.db import DATABASE_AWAY
from weft.kit.errors import ContextTooLong, InternalError, Overloaded, WeftError
from weft.ledger.types import Outcome
from weft.limits.admission import Admission
from weft.limits.allowance import Allowances
from weft.limits.country.guard import CountryGuard
from weft.limits.refusals import affordable_nusd, refusal
from weft.limits.types import MONEY_KINDS, Denial
from weft.upstream import Response, UpstreamError

log = logging.getLogger(__name__)

MOST_RETRIES = 2
"""Of a request whose engine was lost: the second is for an engine whose end nobody had noticed at the first."""
MAX_ANSWER_BYTES = 64 * 1024 * 1024
CLIENT_CLOSED_REQUEST = 499
"""What nginx logs for a client that hung up; never sent."""

KEPT_REFUSALS = frozenset({402, 403, 429, 503})
"""What `weft why` explains later."""
MAX_REFUSAL_CHARS = 4096

SERVER_ERROR = "The server had an error while processing your request"
_JSON = b"content-type: application/json\r\n"
_EVENTS = (
    b"content-type: text/event-stream; charset=utf-8\r\n"
    b"cache-control: no-cache\r\n"
    b"x-accel-buffering: no\r\n"
)


class ShuttingDown(Overloaded):
    """The server stops, and the time that open requests had to finish is over."""

    code = "shutting_down"


class BooksAway(Overloaded):
    """The database takes nothing at the moment, so no request can be admitted or settled."""

    code = "database_unavailable"

    def __init__(self) -> None:
        super().__init__("The server's database does not answer at the moment", retry_after_s=2)


@dataclass(frozen=True, slots=True)
class InferenceDoor:
    """Answers requests of one kind; `read` says of which: `POST /v1/chat/completions` unless something else."""

    gate: Callers
    catalog: Catalog
    engines: Runners
    journal: Journal
    bounds: Bounds
    allowances: Allowances
    admission: Admission
    adapters: OtherNames
    quota_status: int = 429
    """What a caller gets who is out of credit, or at a cap."""
    country: CountryGuard | None = None
    """None: everybody may call from anywhere."""
    origins: frozenset[bytes] = frozenset()
    """Other origins whose pages may read the answer; `*` for any."""
    read: Read = ChatErrand.read
    tracing: Tracing | None = None
    """None: no request leaves a trace."""

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one request. Never raises: this is the request's edge."""
        visit = Visit(exchange)
        try:
            await self._serve(visit)
        except asyncio.CancelledError:
            await self._cancelled(visit)
        except WeftError as error:
            await self._fail(visit, error)
        except DATABASE_AWAY:
            log.exception("database_failed request_id=%s", exchange.request_id)
            await self._fail(visit, BooksAway())
        except Exception:
            log.exception("request_crashed request_id=%s", exchange.request_id)
            await self._fail(visit, InternalError(SERVER_ERROR, remedy="retry after a short wait"))
        finally:
            visit.close()
            self.journal.finished(visit)
            if visit.tracked is not None and self.tracing is not None:
                self.tracing.finished(visit)

    async def _serve(self, visit: Visit) -> None:
        exchange = visit.exchange
        authorization, project = credentials_of(exchange.headers)
        principal = visit.principal = self.gate.find(
            authorization, project
        ) or await self.gate.authorize(authorization, project)
        if self.tracing is not None:
            self.tracing.begin(visit, principal)
        visit.check_country(self.country)
        errand = visit.errand = self.read(exchange.payload, self.bounds)
        if may_name_adapter(errand.model):
            route = await self._by_other_name(visit, principal, errand.model)
        else:
            card = visit.card = self.catalog.resolve(errand.model)
            self.journal.routed(visit)
            may_use_model(principal, card.id)
            route = visit.route = self.engines.find_route(card)
        check_endpoint(errand.endpoint, route)
        errand.check(route)
        visit.ignored = errand.ignored(route)
        estimate = errand.estimate(route)
        visit.text_bytes = estimate.text_bytes
        limit = await self._admit(visit, estimate)
        bodies = errand.bodies(route, ignored=visit.ignored, output_limit=limit)
        first: EngineLost | None = None
        for tries in itertools.count(1):
            try:
                await self._ask(visit, bodies)
            except EngineLost as lost:
                if visit.ttft_us or visit.lease is None or tries > MOST_RETRIES:
                    raise
                first = first or lost
                leave_lost_engine(visit, lost)  # nothing of an answer has left: another may give it
            except EngineDown as down:
                raise (first or down) from None  # what happened first says best what is wrong
            else:
                return

    async def _ask(self, visit: Visit, bodies: tuple[bytes, ...]) -> None:
        """Have an engine answer, and pass the answer on.

        Raises:
            EngineLost: the engine went away.
        """
        exchange, errand, route = visit.exchange, visit.errand, visit.route
        assert errand is not None
        assert route is not None
        lease = visit.lease = self.engines.try_lease(
            route, exchange.payload
        ) or await wait_for_lease(self.engines, visit, _EVENTS + self._extra_head(visit))
        visit.meters = [Meter() for _ in bodies]
        created = visit.started_at_us // 1_000_000
        imprint = errand.imprint(route, exchange.request_id, created)
        send = self.adapters.sender(lease, route, partial(_send, lease, errand.steps(route)[0]))
        only, *others = bodies
        if others:
            visit.source = MergedSource(send, bodies)
        else:
            response = await send(only)
            if errand.comes_whole(route):
                await self._whole(visit, response, imprint)
                return
            visit.source = SingleSource(response)
        await self._stream(visit, errand.relay(route, imprint, visit.meters))

    async def _by_other_name(self, visit: Visit, principal: Principal, model: str) -> Route:
        """What answers for a name that is no model's id, such as a model with an adapter; all else is as for models."""
        named = await self.adapters.find(principal, model)
        visit.card = named.card
        self.journal.routed(visit)
        may_use_model(principal, named.card.id, named.names)
        visit.route = await self.adapters.route(named)
        return visit.route

    async def _admit(self, visit: Visit, estimate: Estimate) -> int | None:
        """Take a slot and a hold for the most that this can cost; the `max_tokens` that the engine is to be told.

        Raises:
            WeftError: a limit is in the way; it says which, and what to do.
        """
        principal, card, route = visit.principal, visit.card, visit.route
        assert principal is not None
        assert card is not None
        assert route is not None
        allowance = self.allowances.find(principal, card.id) or await self.allowances.load(
            principal, card.id
        )
        price = visit.price_of(route)
        wanted = visit.wanted = hold_request(visit, estimate, price, allowance)
        outcome = await self.admission.admit(wanted)
        if isinstance(outcome, Denial) and outcome.limit.kind in MONEY_KINDS:
            # Only a caller near its cap costs an exact count of the prompt, and only where it may help.
            left_nusd = affordable_nusd(outcome)
            counted = await self._count(visit) if estimate.may_fit(left_nusd, price) else None
            if counted is not None and counted < estimate.prompt_tokens:
                estimate = estimate.with_prompt(counted)
                wanted = visit.wanted = hold_request(visit, estimate, price, allowance)
                outcome = await self.admission.admit(wanted)
        if isinstance(outcome, Denial):
            raise refusal(
                outcome,
                quota_status=self.quota_status,
                now_us=visit.started_at_us,
                fitting_tokens=estimate.affordable(affordable_nusd(outcome), price),
            )
        return estimate.limit_for(outcome.amount_nusd, price)

    async def _count(self, visit: Visit) -> int | None:
        """How many tokens the prompt has, as the engine will count what it is going to be sent."""
        errand, route = visit.errand, visit.route
        assert errand is not None
        assert route is not None
        if not errand.is_countable:
            return None
        body, *_ = errand.bodies(route, ignored=visit.ignored)
        return await self.engines.count_prompt(route, body)

    async def _whole(self, visit: Visit, response: Response, imprint: Imprint) -> None:
        """An engine's answer that comes in one piece goes to the client in one piece."""
        errand, route, lease = visit.errand, visit.route, visit.lease
        assert errand is not None
        assert route is not None
        assert lease is not None
        raw = await _read(response)
        for endpoint in errand.steps(route)[1:]:
            raw = await _read(await _send(lease, endpoint, errand.next_body(raw)))
        body = errand.finish(route, raw, imprint, visit.meters[0])
        visit.first_byte_leaves()
        exchange, head = visit.exchange, _JSON + self._extra_head(visit)
        if (keep := self._keeper(visit)) is not None:
            keep(body)
        also = exchange.seal(200, head, body, is_stream=False)
        await self.journal.record(visit, Outcome.COMPLETED, 200, also=also)
        exchange.answer(200, head, body)

    async def _stream(self, visit: Visit, relay: Relay) -> None:
        """Relay an engine's stream, or gather it for a client that did not ask for one."""
        source, exchange, errand = visit.source, visit.exchange, visit.errand
        assert source is not None
        assert errand is not None
        is_stream = errand.is_stream
        head = (_EVENTS if is_stream else _JSON) + self._extra_head(visit)
        if is_stream and not exchange.started:
            exchange.start(200, head)
        keep = self._keeper(visit)

        def take(index: int, events: bytes) -> bool:
            try:
                data = relay.feed(index, events)
            except StreamBroken as broken:
                if broken.before:
                    exchange.write(broken.before)
                    if keep is not None:
                        keep(broken.before)
                raise broken.error from broken
            if data:
                exchange.write(data)
                visit.first_byte_leaves()
                if keep is not None:
                    keep(data)
            return exchange.congested

        await source.pump(take, exchange.drained)
        last = relay.finish()
        visit.first_byte_leaves()
        if keep is not None:
            keep(last)
        also = exchange.seal(200, head, last, is_stream=is_stream)
        await self.journal.record(visit, Outcome.COMPLETED, 200, also=also)
        if is_stream:
            exchange.end(last)
        else:
            exchange.answer(200, head, last)

    def _keeper(self, visit: Visit) -> Callable[[bytes], None] | None:
        """What keeps the pieces of an answer for its trace; None where nobody wants them."""
        tracked = visit.tracked
        if tracked is None or self.tracing is None or tracked.level is not TraceLevel.FULL:
            return None
        return partial(self.tracing.keep, tracked)

    def _extra_head(self, visit: Visit) -> bytes:
        head, route = b"", visit.route
        if route is not None and route.is_stand_in:
            head = b"x-weft-stand-in: %b\r\n" % route.card.id.encode()
            if visit.ignored:
                head += b"x-weft-stand-in-ignored: %b\r\n" % ", ".join(visit.ignored).encode()
        return head + cors_lines(visit.exchange.headers, self.origins)

    async def _cancelled(self, visit: Visit) -> None:
        if visit.exchange.gone:
            await self.journal.record(visit, Outcome.CANCELLED, CLIENT_CLOSED_REQUEST)
        else:
            await self._fail(visit, ShuttingDown("the server is stopping", retry_after_s=5))

    async def _fail(self, visit: Visit, error: WeftError) -> None:
        visit.close()
        visit.failure = error
        if isinstance(error, ContextTooLong) and visit.errand is not None:
            error.param = visit.errand.said_in
        engine_saw_it = bool(visit.meters) and error.status >= 500
        outcome = Outcome.FAILED if engine_saw_it else Outcome.REFUSED
        code = error.code or error.type
        if outcome is Outcome.REFUSED and error.status in KEPT_REFUSALS:
            visit.refusal = refusal_text(error)
        exchange, is_event = visit.exchange, visit.exchange.started
        last = event_of(error.envelope()) if is_event else error.envelope()
        lines = b"".join(b"%b: %b\r\n" % header for header in error.headers())
        head = _JSON + lines + self._extra_head(visit)
        also = exchange.seal(error.status, head, last, is_stream=is_event)
        try:
            await self.journal.record(visit, outcome, error.status, code, also=also)
        except Exception:
            log.exception("usage_lost request_id=%s", visit.exchange.request_id)
        except asyncio.CancelledError:
            pass  # hung up while the record was being written: the write goes on, and nobody reads an answer
        if is_event:
            exchange.end(last)
        else:
            exchange.answer(error.status, head, last)


def refusal_text(error: WeftError) -> str:
    """What is kept of a refusal: the message and the metadata, as JSON."""
    text = msgspec.json.encode({"message": error.message, **error.metadata}).decode()
    return text if len(text) <= MAX_REFUSAL_CHARS else ""


async def _read(response: Response) -> bytes:
    """The body of an answer that comes in one piece."""
    try:
        return await response.read(MAX_ANSWER_BYTES)
    except UpstreamError as error:
        raise engine_errors.from_upstream(error) from error


async def _send(lease: Lease, endpoint: Endpoint, body: bytes) -> Response:
    """Send one request to the engine; the response is there once its head is.

    Raises:
        WeftError: the engine cannot be reached, or does not answer with success.
    """
    try:
        response = await lease.pool.send(lease.heads[endpoint].render(len(body)), body)
        if response.status == 200:
            return response
        raw = await response.read(engine_errors.MAX_ERROR_BYTES)
    except UpstreamError as error:
        raise engine_errors.from_upstream(error) from error
    raise engine_errors.from_status(response.status, raw)
