"""Models of custom providers at the inference door: limited, metered, traced and streamed as any other, priced at 0.

One `Outside` serves one request. It knows one more kind of names (`OtherNames`) and one more kind of places to run
(`Runners`, both in `gateway.adapters.seams`); whatever is none of its own goes to the door's usual ones. Invariant:
nothing is sent to a provider that `evals.providers.reach` did not judge for this very request.
"""

from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from weft.catalog.types import (
    Capabilities,
    Lifecycle,
    Modality,
    ModelCard,
    Price,
    ReasoningPolicy,
    RemoteSpec,
)
from weft.engines.types import Endpoint, Lease, Outlook, Plan, Quirks, Route
from weft.evals.providers.book import ProviderBook, Way, refused_by, said
from weft.evals.providers.reach import MAX_IN_FLIGHT
from weft.evals.providers.types import PREFIX, CustomName, NoSuchProvider, parse_custom
from weft.gateway import engine_errors
from weft.gateway.adapters.seams import Named, OtherNames, Runners, Send
from weft.gateway.exchange import Exchange
from weft.gateway.flow import InferenceDoor
from weft.gateway.journal import CUSTOM
from weft.identity.types import Principal
from weft.kit.errors import EngineFailed
from weft.kit.money import NanoUsdPerMtok
from weft.upstream import Pool, Response, UpstreamError

CONTEXT_TOKENS = 10_000_000
"""Nobody said: the provider itself judges what it can take."""
_MARK = PREFIX.encode()
_FREE = NanoUsdPerMtok(0)
_PRICE = Price(
    version="",
    effective_at=datetime(1970, 1, 1, tzinfo=UTC),
    input_nusd_per_mtok=_FREE,
    output_nusd_per_mtok=_FREE,
    cached_input_nusd_per_mtok=_FREE,
    source="the provider charges whoever the key belongs to",
)
_QUIRKS = Quirks(endpoints=frozenset({Endpoint.CHAT}))
_CAPABILITIES = Capabilities(tools=True, vision=True, reasoning=ReasoningPolicy.DISABLED_BY_DEFAULT)
"""Everything: the provider itself refuses what its model cannot do."""


def with_outside(door: InferenceDoor, book: ProviderBook, payload: bytes) -> InferenceDoor:
    """`door`, for a request that may name a custom provider's model."""
    if _MARK not in payload:
        return door
    outside = Outside(book, door.adapters, door.engines)
    return replace(door, adapters=outside, engines=outside)


@dataclass(frozen=True, slots=True)
class OutsideDoor:
    """An inference door that knows custom providers as well."""

    door: InferenceDoor
    book: ProviderBook

    def __call__(self, exchange: Exchange) -> Coroutine[None, None, None]:
        """Answer one request; see `InferenceDoor`."""
        return with_outside(self.door, self.book, exchange.payload)(exchange)


@dataclass(slots=True)
class Outside:
    """The way of one request to a custom provider."""

    book: ProviderBook
    names: OtherNames
    runners: Runners
    _asked: CustomName | None = None
    _way: Way | None = None
    _pool: Pool | None = field(default=None, repr=False)

    async def find(self, principal: Principal, model: str) -> Named:
        """See `OtherNames.find`."""
        self._asked = asked = parse_custom(model)
        if asked is None:
            return await self.names.find(principal, model)
        self._way = way = await self.book.way(principal.project_id, asked.provider)
        known = [one.name for one in way.provider.models]
        if asked.model not in known:
            raise NoSuchProvider(
                f"The provider {asked.provider} has no model {asked.model[:100]} here; it has:"
                f" {', '.join(known[:20]) or 'none'}",
                param="model",
                remedy="Name one of these, or add the model to the provider, under AI providers.",
            )
        return Named(_card(asked), (f"{PREFIX}{asked.provider}",))

    async def route(self, named: Named) -> Route:
        """See `OtherNames.route`."""
        asked, way = self._asked, self._way
        if asked is None or way is None:
            return await self.names.route(named)
        self._pool = await self.book.reach.pool(way.place)
        spec = RemoteSpec(way.place.name, asked.model, max_in_flight=MAX_IN_FLIGHT)
        plan = Plan(CUSTOM, quirks=_QUIRKS, served_model=asked.model, max_in_flight=MAX_IN_FLIGHT)
        return Route(named.card, named.card, spec, plan)

    def sender(self, lease: Lease, route: Route, send: Send) -> Send:
        """See `OtherNames.sender`."""
        if self._way is None:
            return self.names.sender(lease, route, send)
        return partial(_send, self._way, lease)

    @property
    def cold_stream_timeout_s(self) -> float:
        """See `Runners.cold_stream_timeout_s`."""
        return self.runners.cold_stream_timeout_s

    def find_route(self, card: ModelCard) -> Route:
        """See `Runners.find_route`."""
        return self.runners.find_route(card)

    def try_lease(self, route: Route, payload: bytes = b"") -> Lease | None:
        """See `Runners.try_lease`: a provider is never waited for here."""
        way, pool = self._way, self._pool
        if way is None or pool is None:
            return self.runners.try_lease(route, payload)
        head = way.place.head("POST", "/chat/completions", way.key)
        name = f"{CUSTOM}:{way.provider.name}"
        return Lease(name, pool, {Endpoint.CHAT: head}, _nothing, _nothing)

    async def lease(
        self,
        route: Route,
        *,
        project: str = "",
        weight: float = 1.0,
        payload: bytes = b"",
        timeout_s: float | None = None,
    ) -> Lease:
        """See `Runners.lease`."""
        return await self.runners.lease(
            route, project=project, weight=weight, payload=payload, timeout_s=timeout_s
        )

    def outlook(self, route: Route) -> Outlook:
        """See `Runners.outlook`."""
        return self.runners.outlook(route)

    async def count_prompt(self, route: Route, payload: bytes) -> int | None:
        """See `Runners.count_prompt`: no provider is asked, its prices are none of ours."""
        return None if self._way else await self.runners.count_prompt(route, payload)


async def _send(way: Way, lease: Lease, body: bytes) -> Response:
    """Send one request to the provider.

    Raises:
        WeftError: it cannot be reached, or refuses; in words for whoever set it up.
    """
    try:
        response = await lease.pool.send(lease.heads[Endpoint.CHAT].render(len(body)), body)
        if response.status == 200:
            return response
        raw = await response.read(engine_errors.MAX_ERROR_BYTES)
    except UpstreamError as error:
        failed = engine_errors.from_upstream(error)
        if error.sent:
            raise failed from error
        raise EngineFailed(
            f"The provider {way.provider.name} cannot be reached: {error}",
            remedy="Check the provider's base URL, and that its server runs.",
        ) from error
    if response.status in (401, 403, 404) or response.status < 400:
        raise refused_by(way, response.status, raw)
    told = raw.replace(way.key.encode(), b"***") if way.key else raw
    error = engine_errors.from_status(response.status, told)
    error.metadata.setdefault("engine", said(way, raw))
    raise error


def _card(asked: CustomName) -> ModelCard:
    return ModelCard(
        id=str(asked),
        label=asked.model,
        provider=CUSTOM,
        description_short="",
        description_medium="",
        launched_on=None,
        license="",
        context_window_tokens=CONTEXT_TOKENS,
        parameters_total=0,
        parameters_active=0,
        lifecycle=Lifecycle.GENERALLY_AVAILABLE,
        modalities_input=(Modality.TEXT, Modality.VISION),
        modalities_output=(Modality.TEXT,),
        capabilities=_CAPABILITIES,
        prices=(_PRICE,),
        engines=(),
        path=Path(),
    )


def _nothing(_told: object) -> None:
    """A provider is not ours to keep count of; its pool does."""
