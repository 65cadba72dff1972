"""Everything that is known of one request on its way through the door.

A visit starts when the request's body is there and ends in exactly one usage record, one log line and one observation
in the metrics, however it ended. The flow fills it in; nothing else changes it.
"""

import time
from dataclasses import dataclass, field

from weft.catalog.types import ModelCard, Price
from weft.engines.types import Lease, Route
from weft.gateway import meter
from weft.gateway.errands.types import Errand
from weft.gateway.estimate import Estimate
from weft.gateway.exchange import Exchange
from weft.gateway.meter import Meter
from weft.gateway.source import Source
from weft.gateway.tracing.wish import Tracked
from weft.identity.types import Principal
from weft.kit.clock import from_us
from weft.kit.errors import WeftError
from weft.kit.money import NanoUsd
from weft.ledger.pricing import charge
from weft.ledger.types import Outcome, Tokens, UsageRecord, UsageSource
from weft.limits.admission import HoldRequest
from weft.limits.country.guard import CountryGuard
from weft.limits.types import Allowance

_MODEL_CHARS = 256
"""Of a name that no model here has: so much of it is recorded."""


@dataclass(slots=True)
class Visit:
    """One request to the door. Times are microseconds."""

    exchange: Exchange
    started_at_us: int = field(default_factory=lambda: time.time_ns() // 1000)
    started_ns: int = field(default_factory=time.perf_counter_ns)
    principal: Principal | None = None
    country: str = ""
    """Where the caller is, if rules about countries asked for it."""
    errand: Errand | None = None
    card: ModelCard | None = None
    route: Route | None = None
    ignored: tuple[str, ...] = ()
    """Parameters that a stand-in leaves out."""
    price: Price | None = None
    wanted: HoldRequest | None = None
    """What was asked of admission; it knows the hold, once there is one."""
    lease: Lease | None = None
    source: Source | None = None
    meters: list[Meter] = field(default_factory=list[Meter])
    text_bytes: int = 0
    """What there was to read; what the prompt is counted by where its engine does not tell."""
    queue_us: int = 0
    ttft_us: int = 0
    status: int = 0
    """The HTTP status of the answer; 0 until it is known."""
    outcome: Outcome = Outcome.FAILED
    error_code: str = ""
    refusal: str = ""
    """What is kept of the limit that stood in the way."""
    original_request_id: str = ""
    """Of the request whose answer this one repeats."""
    record: UsageRecord | None = None
    """What went into the books."""
    failure: WeftError | None = None
    """Why it got no answer, or not all of it."""
    tracked: Tracked | None = None
    """What of it becomes a trace; None: nothing."""

    def elapsed_us(self) -> int:
        """Since the request arrived."""
        return (time.perf_counter_ns() - self.started_ns) // 1000

    def first_byte_leaves(self) -> None:
        """Note the time to the first byte, once."""
        if not self.ttft_us:
            self.ttft_us = self.elapsed_us()

    def check_country(self, guard: CountryGuard | None) -> None:
        """Let the request go on if it may come from where it does.

        Raises:
            CountryNotSupported: it may not.
        """
        if guard is not None:
            decision = guard.decide(self.exchange.peer, self.exchange.headers)
            self.country = decision.country
            decision.enforce()

    def close(self) -> None:
        """Stop the engine's work, if it still goes on, and give the place back. Idempotent."""
        if self.source is not None:
            self.source.abort()
            self.source = None
        if self.lease is not None:
            self.lease.release(self._tokens()[0].output if self.meters else 0)
            self.lease = None

    def take_record(self) -> UsageRecord | None:
        """What goes into the books; None when the caller is not known, or when it was taken before."""
        principal = self.principal
        if principal is None or self.record is not None:
            return None
        tokens, source = self._tokens()
        price_version, cost = self._cost(tokens)
        route, errand = self.route, self.errand
        self.record = UsageRecord(
            id=self.exchange.request_id,
            started_at_us=self.started_at_us,
            user_id=principal.user_id,
            team_id=principal.team_id,
            project_id=principal.project_id,
            key_id=principal.key_id,
            model_id=self.card.id if self.card else _as_text(errand.model) if errand else "",
            served_model_id=route.card.id if route and self.meters else "",
            engine=self._engine(),
            status=self.status,
            outcome=self.outcome,
            error_code=self.error_code,
            stream=errand is not None and errand.is_stream,
            tokens=tokens,
            usage_source=source,
            price_version=price_version,
            cost_nusd=cost,
            queue_us=self.queue_us,
            ttft_us=self.ttft_us,
            total_us=self.elapsed_us(),
            refusal=self.refusal,
        )
        return self.record

    def _engine(self) -> str:
        """Who worked on it; with the adapter, where an engine has several."""
        if self.lease is None:
            return ""
        adapter = self.route.adapter if self.route and self.route.plan.is_hot else None
        return f"{self.lease.engine}+{adapter.key}" if adapter else self.lease.engine

    def _tokens(self) -> tuple[Tokens, UsageSource]:
        prompts = self.errand.prompts if self.errand else 1
        return meter.total(self.meters, request_bytes=self.text_bytes, prompts=prompts)

    def _cost(self, tokens: Tokens) -> tuple[str, NanoUsd]:
        """By the price of the model that answered: a stand-in costs what it is, not what it stands for."""
        route = self.route
        if route is None or not self.meters:
            return "", NanoUsd(0)
        price = self.price_of(route)
        return price.version, charge(tokens, price)

    def price_of(self, route: Route) -> Price:
        """The price that was in force when the request came."""
        if self.price is None:
            prices = route.card.history
            if len(prices) == 1:  # as nearly always
                self.price = prices[0]
            else:
                self.price = route.card.price_at(from_us(self.started_at_us))
        return self.price


def _as_text(model: str) -> str:
    """What a client asked for, as every database takes it: PostgreSQL has no texts with a NUL in them."""
    return model[:_MODEL_CHARS].replace("\0", "\N{REPLACEMENT CHARACTER}")


def hold_request(
    visit: Visit, estimate: Estimate, price: Price, allowance: Allowance
) -> HoldRequest:
    """What admission is asked for."""
    principal, errand, card = visit.principal, visit.errand, visit.card
    assert principal is not None
    assert errand is not None
    assert card is not None
    want = estimate.cost_nusd(price)
    return HoldRequest(
        id=visit.exchange.request_id,
        team_id=principal.team_id,
        project_id=principal.project_id,
        user_id=principal.user_id,
        key_id=principal.key_id,
        model_id=card.id,
        stream=errand.is_stream,
        started_at_us=visit.started_at_us,
        want_nusd=want,
        least_nusd=estimate.least_nusd(price) if estimate.sends_limit else want,
        tokens=estimate.likely_tokens,
        allowance=allowance,
    )
