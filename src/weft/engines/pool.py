"""All engines of this server: which one answers for a model, and the right to use it.

Owns the routes and the task that owns every engine. Knows nothing of HTTP requests or of people. Invariants: one engine
for each card that runs here; every lease that was granted counts until it is given back; after `close` no child process
is left.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, Self

import structlog

from weft.catalog.needs import not_runnable
from weft.catalog.types import ModelCard, ModelState, RemoteSpec
from weft.engines.kinds.plan import make_plan
from weft.engines.kinds.remote import RemoteEngine
from weft.engines.process.engine import EngineProcess, Timings
from weft.engines.process.life import Life
from weft.engines.queue.places import Places
from weft.engines.ray.placement import RayOptions, place
from weft.engines.types import EngineSnapshot, EngineState, Lease, Link, Machine, Route
from weft.kit.clock import Clock
from weft.kit.errors import WeftError
from weft.kit.settings import Settings
from weft.upstream import Timeouts

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

STAND_IN_ID = "weft/tiny-chat"
"""The model that ships, and answers for those that this server cannot run."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What the operator may choose."""

    stand_in: bool = False
    eager: bool = True
    """Start engines at once; otherwise each with its first lease."""
    threads: int = 0
    """CPU threads of an engine on this machine; 0: one fewer than there are cores."""
    weights_dir: Path | None = None
    """Where pulled weights lie."""
    ray: RayOptions | None = None
    """The cluster that engines run on; None: this machine."""
    queue_limit: int = 256
    queue_timeout_s: float = 60.0
    timeouts: Timeouts = field(default_factory=Timeouts)
    timings: Timings = field(default_factory=Timings)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The part of the server's settings that concerns engines."""
        return cls(
            stand_in=settings.stand_in,
            eager=settings.eager_engines,
            threads=settings.engine_threads,
            weights_dir=settings.weights_dir,
            ray=RayOptions.from_settings(settings),
            queue_limit=settings.queue_limit,
            queue_timeout_s=settings.queue_timeout_s,
            timeouts=Timeouts(
                connect_s=settings.connect_timeout_s,
                first_byte_s=settings.first_byte_timeout_s,
                idle_s=settings.idle_timeout_s,
            ),
        )


class Engine(Protocol):
    """What the pool needs of an engine, of whatever kind."""

    name: str
    places: Places
    life: Life
    link: Link | None

    @property
    def is_given_up(self) -> bool:
        """Whether nobody should count on it."""
        ...

    def want(self) -> None:
        """Ask for a start."""
        ...

    def stop(self) -> None:
        """Ask for the end of `run`."""
        ...

    def refusal(self) -> WeftError:
        """What a request is told while the engine cannot take it."""
        ...

    def snapshot(self, model: str) -> EngineSnapshot:
        """The engine now."""
        ...

    async def run(self) -> None:
        """Own the engine until `stop` is called."""
        ...


class Engines:
    """The engines of one server process."""

    def __init__(
        self, cards: Sequence[ModelCard], settings: EngineSettings, *, clock: Clock
    ) -> None:
        """Decide what runs where; nothing is started yet.

        Raises:
            CannotStart: a card's engine table makes no sense.
        """
        self._settings = settings
        self._clock = clock
        self._routes: dict[str, Route] = {}
        for card in cards:
            machine = Machine(threads=settings.threads, weights_dir=settings.weights_dir)
            route = _find_route(card, machine, settings.ray)
            if route is not None:
                self._routes[card.id] = route
        self._stand_in = self._routes.get(STAND_IN_ID) if settings.stand_in else None
        self._stand_ins: dict[str, Route] = {}
        self._engines: dict[str, Engine] = {}
        self._owner: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to own the engines; does not wait until they are ready. Called once."""
        assert self._owner is None, "engines are started once"
        for model_id, route in self._routes.items():
            engine = self._engines[model_id] = self._build(route)
            if self._settings.eager or isinstance(engine, RemoteEngine):
                engine.want()
        # The one task of this room: it holds the group of all others, and `close` waits for it.
        self._owner = asyncio.create_task(self._own(), name="engines")

    async def close(self) -> None:
        """Stop every engine and wait until nothing of it is left. Idempotent."""
        for engine in self._engines.values():
            engine.stop()
        if self._owner is not None:
            await asyncio.shield(self._owner)

    def find_route(self, card: ModelCard) -> Route:
        """Which engine answers for `card`: its own, or else the stand-in.

        Raises:
            ModelNotRunnable: this server has nothing to run it with.
        """
        route = self._routes.get(card.id) or self._stand_ins.get(card.id)
        if route is None:
            if self._stand_in is None:
                raise not_runnable(card)
            route = replace(self._stand_in, asked=card)
            self._stand_ins[card.id] = route
        return route

    def state_of(self, card: ModelCard) -> ModelState:
        """What this server can do with `card` at the moment."""
        engine = self._engines.get(card.id)
        if engine is None:
            if card.id in self._routes:
                return ModelState.ASLEEP
            return ModelState.STAND_IN if self._stand_in is not None else ModelState.NOT_RUNNABLE
        if engine.life.state is EngineState.READY:
            return ModelState.READY
        return ModelState.NOT_RUNNABLE if engine.is_given_up else ModelState.ASLEEP

    async def lease(self, route: Route, *, project: str = "", weight: float = 1.0) -> Lease:
        """The right to send one request to the engine of `route`, once it is ready and has a place.

        Where many wait, projects take turns by their weights.

        Raises:
            Overloaded: too many wait, or the wait was too long.
            EngineDown: the engine has failed; it says when to retry.
        """
        lease = self.try_lease(route)
        if lease is not None:
            return lease
        engine = self._engines[route.card.id]
        engine.want()
        places = engine.places
        told = _log.bind(engine=engine.name)
        told.debug("lease_awaited", in_flight=places.in_flight, waiting=places.waiting)
        try:
            await places.take(project, weight=weight)
        except WeftError as error:
            told.debug("lease_refused", code=error.code, reason=error.metadata.get("reason"))
            raise
        told.debug("lease_granted", in_flight=places.in_flight, waiting=places.waiting)
        link = engine.link
        if link is None:  # it died between the grant and this line
            engine.places.give_back()
            raise engine.refusal()
        return Lease(engine.name, link.pool, link.heads, engine.places.give_back)

    def try_lease(self, route: Route) -> Lease | None:
        """The same without waiting: None unless the engine is ready and has a place."""
        engine = self._engines[route.card.id]
        link = engine.link
        if link is None or not engine.places.try_take():
            return None
        return Lease(engine.name, link.pool, link.heads, engine.places.give_back)

    async def count_prompt(self, route: Route, payload: bytes) -> int | None:
        """How many tokens the prompt of this request has, as its engine counts; None where it cannot tell.

        `payload` is the body that the engine would get. Takes no place in the queue, and not long (`counting.py`).
        """
        link = self._engines[route.card.id].link
        return await link.counter.count(payload) if link and link.counter else None

    def waiting(self, route: Route) -> int:
        """How many requests wait for a place at the engine of `route`."""
        engine = self._engines.get(route.card.id)
        return engine.places.waiting if engine is not None else 0

    def snapshot(self) -> tuple[EngineSnapshot, ...]:
        """Every engine now."""
        return tuple(engine.snapshot(model_id) for model_id, engine in self._engines.items())

    async def _own(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for engine in self._engines.values():
                    group.create_task(engine.run(), name=engine.name)
        except* Exception:  # the owning task: told now, and not only when the server ends
            _log.exception("engines_supervision_failed")
            raise

    def _build(self, route: Route) -> Engine:
        """The engine of `route`. A name ends in the replica's number; there is one of each for now."""
        settings, plan = self._settings, route.plan
        name, places = f"{plan.kind}:{route.card.id}#0", self._places(plan.max_in_flight)
        if isinstance(route.spec, RemoteSpec):
            return RemoteEngine(
                name,
                route.spec,
                places,
                timings=settings.timings,
                timeouts=settings.timeouts,
                clock=self._clock,
            )
        assert plan.launch is not None, "whatever is no remote server is started here"
        return EngineProcess(
            name,
            plan.launch,
            places,
            timings=settings.timings,
            timeouts=settings.timeouts,
            clock=self._clock,
        )

    def _places(self, limit: int) -> Places:
        settings = self._settings
        return Places(
            limit, queue_limit=settings.queue_limit, queue_timeout_s=settings.queue_timeout_s
        )


def _find_route(card: ModelCard, machine: Machine, ray: RayOptions | None) -> Route | None:
    """Through the first spec of `card` that this machine, or the cluster, can serve."""
    for spec in card.engines:
        plan = make_plan(card, spec, ray.machine(machine) if ray else machine)
        if plan is not None:
            return Route(card, card, spec, place(plan, ray) if ray else plan)
    return None
