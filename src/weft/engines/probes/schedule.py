"""When models are probed: once they are loaded for the first time, and then at a set interval.

Owns the turns: one model at a time, none that sleeps, each as soon as it is due and ready. Keeps what was found, so
that a restart shows the last badges with their dates. Invariants: what is in force changes only through `Found`; a
database that is away costs the memory of a verdict, never the verdict.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import structlog

from weft.catalog.badges.types import Badge, Feature
from weft.catalog.needs import ModelNotRunnable
from weft.catalog.types import Modality, ModelCard, ModelState
from weft.engines.probes.found import merged
from weft.engines.probes.setup import setup_of
from weft.engines.probes.store import read_verdicts, write_verdicts
from weft.engines.probes.suite import run_suite
from weft.engines.probes.talk import Host, Talk
from weft.engines.probes.types import Asker, Verdict
from weft.engines.types import Endpoint, Route
from weft.kit.clock import Clock
from weft.kit.db import DATABASE_AWAY, Database
from weft.kit.settings import Settings

LOOK_S = 2.0
"""How often it is looked whether a model is due: whoever wakes one does not say so to everybody."""
RETRY_S = 600.0
"""When a model is tried again of which nothing could be told; sooner where the interval is shorter."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ProbeSettings:
    """What the operator may choose."""

    every_s: float = 6 * 3600.0
    """0: never."""
    context_max_tokens: int = 8192

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The part of the server's settings that concerns probes."""
        return cls(settings.probe_every_s, settings.probe_context_max_tokens)


class Pool(Host, Protocol):
    """What the prober needs of the pool besides."""

    def find_route(self, card: ModelCard) -> Route:
        """Which engine answers for `card`."""
        ...


@dataclass(slots=True)
class _Subject:
    """One model that is probed."""

    route: Route
    setup: str
    due_s: float = 0.0
    """By the monotonic clock; 0: at once."""


class Prober:
    """Probes the models of one server process."""

    def __init__(
        self,
        pool: Pool,
        asker: Asker,
        database: Database,
        settings: ProbeSettings,
        *,
        clock: Clock,
    ) -> None:
        self._pool = pool
        self._asker = asker
        self._database = database
        self._settings = settings
        self._clock = clock
        self._subjects: dict[str, _Subject] = {}
        self._turn = asyncio.Lock()
        self._woken = asyncio.Event()

    def load(self, cards: Sequence[ModelCard]) -> None:
        """Take up what was found before the server stopped, for every model that can run here. Called once."""
        for card in cards:
            if self._pool.state_of(card) in {ModelState.NOT_RUNNABLE, ModelState.STAND_IN}:
                continue
            route = self._pool.find_route(card)
            if not can_be_probed(route):
                continue
            subject = self._subjects[card.id] = _Subject(route, setup_of(route))
            with self._database.read() as connection:
                known = read_verdicts(connection, card.id, subject.setup)
            if known and self._settings.every_s:
                route.found.replace(known, card.capabilities)
                self._set_due(subject, tuple(known.values()))

    def ready(self, route: Route) -> None:
        """An engine of `route` got ready: have it looked at soon, also where its model is a new one."""
        if route.card.id not in self._subjects and can_be_probed(route) and route.adapter is None:
            self._subjects[route.card.id] = _Subject(route, setup_of(route))
        self._woken.set()

    async def run(self) -> None:
        """Probe whatever is due, until cancelled."""
        if not self._settings.every_s:
            return
        while True:
            for subject in tuple(self._subjects.values()):  # models may come meanwhile
                if self._is_due(subject):
                    await self.probe(subject.route)
            try:
                async with asyncio.timeout(min(LOOK_S, self._settings.every_s)):
                    await self._woken.wait()
            except TimeoutError:
                continue
            self._woken.clear()

    async def probe(self, route: Route) -> tuple[Badge, ...]:
        """Probe a model now and let the findings hold; its badges after that. One model at a time."""
        claimed = route.card.capabilities
        async with self._turn:
            talk = Talk(self._pool, self._asker, route)
            verdicts = await run_suite(
                talk, self._clock, context_max_tokens=self._settings.context_max_tokens
            )
            before = route.found.off.keys()
            news = _news(route, verdicts)
            route.found.take(verdicts, claimed)
            subject = self._subjects.get(route.card.id)
            if subject is None:
                subject = self._subjects[route.card.id] = _Subject(route, setup_of(route))
            self._set_due(subject, verdicts, is_new=True)
            await self._keep(route.card.id, subject.setup, news)
        off = route.found.off.keys()
        _log.info(
            "model_probed",
            model=route.card.id,
            off=sorted(off),
            turned_off=sorted(off - before),
            turned_on=sorted(before - off),
        )
        return route.found.badges(claimed)

    def _is_due(self, subject: _Subject) -> bool:
        return (
            self._clock.monotonic_s() >= subject.due_s
            and self._pool.state_of(subject.route.card) is ModelState.READY
        )

    def _set_due(
        self, subject: _Subject, verdicts: Sequence[Verdict], *, is_new: bool = False
    ) -> None:
        """An interval after the newest verdict that could tell; soon, where none could."""
        every_s = self._settings.every_s
        now_s = self._clock.monotonic_s()
        told = [verdict.at for verdict in verdicts if verdict.is_settled]
        if told:
            age_s = (self._clock.now() - max(told)).total_seconds()
            subject.due_s = now_s + max(0.0, every_s - max(0.0, age_s))
        elif is_new:
            subject.due_s = now_s + min(every_s, RETRY_S)

    async def _keep(self, model_id: str, setup: str, verdicts: Sequence[Verdict]) -> None:
        try:
            await self._database.write_soon(
                lambda connection: write_verdicts(connection, model_id, setup, verdicts)
            )
        except DATABASE_AWAY:
            _log.exception("verdicts_not_kept", model=model_id)


def badges_of(pool: Pool, card: ModelCard) -> tuple[Badge, ...]:
    """The badges of a model that can run here; none of one that cannot, or in whose place another one answers."""
    try:
        route = pool.find_route(card)
    except ModelNotRunnable:
        return ()
    return route.found.badges(card.capabilities) if can_be_probed(route) else ()


def can_be_probed(route: Route) -> bool:
    """Whether `route` is a chat model of this server's own, and not another one's place."""
    chats = (
        Modality.TEXT in route.card.modalities_output and Endpoint.CHAT in route.quirks.endpoints
    )
    return chats and not route.is_stand_in


def _news(route: Route, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Those of `verdicts` that take the place of what was known."""
    known = route.found.verdicts
    after: dict[Feature, Verdict] = merged(known, verdicts)
    return [verdict for feature, verdict in after.items() if known.get(feature) is not verdict]
