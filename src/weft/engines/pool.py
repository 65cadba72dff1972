"""All engines of this server: which one answers for a model, and the right to use it.

Owns the routes and the tasks that own every engine. Knows nothing of HTTP requests or of people; what runs when is the
keeper's (`keeper/`). Invariants: every lease that was granted counts until it is given back; after `close` no child
process is left.
"""

import asyncio
import math
import time
from collections.abc import Callable, Sequence

import structlog

from weft.catalog.types import ModelCard, ModelState, RemoteSpec
from weft.engines.keeper.budget import Capacity
from weft.engines.keeper.keeper import Keeper
from weft.engines.keeper.loads import Keep, LoadTimes
from weft.engines.keeper.replica import Replica
from weft.engines.keeper.replicas import Replicas, ended
from weft.engines.keeper.scale import Policy, Scaler
from weft.engines.kinds.remote import RemoteEngine
from weft.engines.options import EngineSettings
from weft.engines.process.engine import EngineProcess
from weft.engines.queue.places import RETRY_AFTER_S, EngineDown, ModelLoading, Places, WaitedTooLong
from weft.engines.queue.prefix import prefix_of
from weft.engines.queue.slots import Slots
from weft.engines.routing import Routes
from weft.engines.types import (
    EngineSnapshot,
    Lease,
    ModelSnapshot,
    Outlook,
    Route,
)
from weft.kit.clock import Clock
from weft.kit.errors import WeftError

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

UNLOAD_TIMEOUT_S = 60.0


class StillAwake(WeftError):
    """The model does not go to sleep now."""

    status = 409
    type = "invalid_request_error"
    code = "still_awake"
    remedy = "unpin the model, or try again when its requests are done"


class Engines:
    """The engines of one server process."""

    def __init__(
        self,
        cards: Sequence[ModelCard],
        settings: EngineSettings,
        *,
        clock: Clock,
        loads: LoadTimes | None = None,
        keep: Keep | None = None,
    ) -> None:
        """Decide what runs where; nothing is started yet.

        `loads` is what is known of load times, and `keep` writes new ones down.

        Raises:
            CannotStart: a card's engine table makes no sense.
        """
        self._settings = settings
        self._clock = clock
        self._keep = keep
        machine = settings.machine
        self._routes = Routes(cards, machine, ray=settings.ray, stand_in=settings.stand_in)
        self.keeper = Keeper(
            Capacity(machine.memory_mib, machine.gpus),
            loads or LoadTimes(),
            clock=clock,
            patience=settings.patience,
        )
        """What decides; others may look at it."""
        self._models = self.keeper.models
        self._group: asyncio.TaskGroup | None = None
        self._unowned: list[Replica] = []
        """Made before there is a group to run them in."""
        self._owner: asyncio.Task[None] | None = None
        self._is_closing = False

    async def start(self) -> None:
        """Begin to own the engines; does not wait until they are ready. Called once.

        Raises:
            CannotStart: a server that somebody else runs cannot be reached as its card says.
        """
        assert self._owner is None, "engines are started once"
        for route in self._routes.own():
            self._begin(route)
        begun = asyncio.get_running_loop().create_future()
        # The one task of this room: it holds the group of all others, and `close` waits for it.
        self._owner = asyncio.create_task(self._own(begun), name="engines")
        await begun

    async def close(self) -> None:
        """Stop every engine and wait until nothing of it is left. Idempotent."""
        self._is_closing = True
        for model in self._models.values():
            for replica in model.all:
                replica.stop()
            model.places.close(_shutting_down)
        if self._owner is not None:
            self.keeper.stop()
            await asyncio.shield(self._owner)

    def on_ready(self, callback: Callable[[Route], None]) -> None:
        """Have `callback` told each time that an engine of a model got ready."""
        self.keeper.on_ready.append(callback)

    # Which engine answers

    def find_route(self, card: ModelCard) -> Route:
        """Which engine answers for `card`: its own, or else the stand-in.

        Raises:
            ModelNotRunnable: this server has nothing to run it with.
        """
        return self._routes.find(card)

    def look_now(self, card: ModelCard) -> bool:
        """Whether `card` runs here itself, now that its weights may have come."""
        return self._routes.look_now(card)

    def state_of(self, card: ModelCard) -> ModelState:
        """What this server can do with `card` at the moment."""
        if not self._routes.has_own(card):
            return ModelState.STAND_IN if self._routes.stand_in else ModelState.NOT_RUNNABLE
        model = self._models.get(card.id)
        if model is None:
            return ModelState.ASLEEP
        if model.is_up:
            return ModelState.READY
        return ModelState.NOT_RUNNABLE if model.is_given_up else ModelState.ASLEEP

    def is_awake(self, route: Route) -> bool:
        """Whether a request for `route` would be taken at once, if there is a place."""
        model = self._models.get(route.key)
        return model is not None and model.is_ready and not model.is_given_up

    # The right to use it

    async def lease(
        self,
        route: Route,
        *,
        project: str = "",
        weight: float = 1.0,
        payload: bytes = b"",
        timeout_s: float | None = None,
        is_use: bool = True,
    ) -> Lease:
        """The right to send one request to a ready engine of `route`, once there is a place.

        Where many wait, projects take turns by their weights. `payload` is the request's body, by which the engine
        that has its beginning in its cache is found; `timeout_s` the longest wait, where it is not the queue's own.
        What is no use (`is_use`) is not cut off either, but does not keep the model awake.

        Raises:
            Overloaded: too many wait, or the wait was too long.
            EngineDown: the engine has failed; it says when to retry.
        """
        lease = self.try_lease(route, payload, is_use=is_use)
        if lease is not None:
            return lease
        model = self._model(route)
        places = model.places
        told = _log.bind(model=model.key)
        told.debug("lease_awaited", in_flight=places.in_flight, waiting=places.waiting)
        outlook, began_s = self.outlook(route), time.monotonic()
        self.keeper.nudge()
        try:
            prefix = prefix_of(payload) if payload else ()
            slots = await places.take(project, weight=weight, prefix=prefix, timeout_s=timeout_s)
        except WeftError as error:
            told.debug("lease_refused", code=error.code, reason=error.metadata.get("reason"))
            outlook = self.outlook(route)
            if outlook.is_cold and isinstance(error, WaitedTooLong):
                raise ModelLoading(model.key, outlook.eta_s) from None
            raise
        told.debug("lease_granted", in_flight=places.in_flight, waiting=places.waiting)
        if outlook.is_cold:
            model.kept.append(time.monotonic() - began_s <= outlook.eta_s)
        replica = model.find(slots)
        if replica.link is None:  # it died between the grant and this line
            places.give_back(slots)
            raise replica.refusal()
        return self._lease(model, slots, replica, is_use=is_use)

    def try_lease(self, route: Route, payload: bytes = b"", *, is_use: bool = True) -> Lease | None:
        """The same without waiting: None unless an engine is ready and has a place."""
        model = self._models.get(route.key)
        if model is None:
            return None
        places = model.places
        slots = places.try_take(prefix_of(payload) if payload and places.is_shared else ())
        if slots is None:
            return None
        replica = model.all[0] if len(model.all) == 1 else model.find(slots)
        if replica.link is None:
            places.give_back(slots)
            return None
        return self._lease(model, slots, replica, is_use=is_use)

    def outlook(self, route: Route) -> Outlook:
        """What a request for `route` that comes now has to expect."""
        return self.keeper.outlook(self._model(route))

    @property
    def cold_stream_timeout_s(self) -> float:
        """How long a stream may wait for a model that is being loaded."""
        return self._settings.cold_stream_timeout_s

    async def count_prompt(self, route: Route, payload: bytes) -> int | None:
        """How many tokens the prompt of this request has, as its engine counts; None where it cannot tell.

        `payload` is the body that the engine would get. Takes no place in the queue, and not long (`counting.py`).
        """
        model = self._models.get(route.key)
        for replica in model.all if model else ():
            if (link := replica.link) is not None and link.counter is not None:
                return await link.counter.count(payload)
        return None

    # For operators

    def load(self, route: Route) -> None:
        """Load the model, as a request would; it sleeps again after its idle time."""
        model = self._model(route)
        model.is_asked = True
        model.scaler.busy_at_s = time.monotonic()
        self.keeper.nudge()

    async def unload(self, route: Route) -> None:
        """Let the model sleep, after what it has in flight; the next request wakes it.

        Raises:
            StillAwake: it is kept awake, or still at work after `UNLOAD_TIMEOUT_S`.
        """
        model = self._model(route)
        if model.is_pinned or model.scaler.policy.least:
            raise StillAwake(f"{model.key} is kept awake: it is pinned, or its card says so")
        model.is_asked = False
        leaving = model.running
        for replica in leaving:
            model.drain(replica)
        self.keeper.nudge()
        for replica in leaving:
            if not await ended(replica, UNLOAD_TIMEOUT_S):
                raise StillAwake(f"{model.key} is still at work")

    def pin(self, route: Route, is_pinned: bool) -> None:  # noqa: FBT001 - the word says it
        """Keep the model loaded whatever comes, until this server ends or it is unpinned."""
        self._model(route).is_pinned = is_pinned
        self.keeper.nudge()

    def models(self) -> tuple[ModelSnapshot, ...]:
        """Every model that can run here, now."""
        return tuple(
            self._snapshot(self._models.get(route.key) or self._model(route))
            for route in (*self._routes.own(), *self._others())
        )

    def waiting(self, route: Route) -> int:
        """How many requests wait for a place at an engine of `route`."""
        model = self._models.get(route.key)
        return model.places.waiting if model is not None else 0

    def snapshot(self) -> tuple[EngineSnapshot, ...]:
        """Every replica that was needed so far, now."""
        return tuple(
            replica.snapshot(model.key) for model in self._models.values() for replica in model.all
        )

    # The rest is for this class alone

    async def _own(self, begun: asyncio.Future[None]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                group.create_task(self.keeper.run(), name="keeper")
                if self._keep is not None:
                    group.create_task(self.keeper.write_down(self._keep), name="load times")
                for replica in self._unowned:
                    group.create_task(replica.run(), name=replica.name)
                self._unowned.clear()
                self.keeper.step()
                begun.set_result(None)
        except* Exception:  # the owning task: told now, and not only when the server ends
            _log.exception("engines_supervision_failed")
            raise

    def _begin(self, route: Route) -> None:
        """Start what runs from the beginning."""
        serving = route.card.serving
        if isinstance(route.spec, RemoteSpec):
            self._model(route).start_all()
        elif self._settings.eager or serving.pinned or serving.min_replicas:
            self._model(route).is_asked = True

    def _others(self) -> list[Route]:
        """What runs besides the models of the catalog: adapters on them."""
        own = {route.key for route in self._routes.own()}
        return [model.route for key, model in self._models.items() if key not in own]

    def _model(self, route: Route) -> Replicas:
        """The replicas of `route`, made when they are asked for first."""
        model = self._models.get(route.key)
        if model is None:
            model = self._models[route.key] = self._make(route)
            if self._is_closing:
                model.places.close(_shutting_down)
        return model

    def _make(self, route: Route) -> Replicas:
        settings, serving = self._settings, route.card.serving
        policy = Policy(
            least=0 if route.adapter else serving.min_replicas,  # a card speaks of the base
            most=serving.max_replicas,
            target=serving.target_in_flight or route.plan.max_in_flight,
            idle_s=settings.idle_s if serving.idle_s is None else serving.idle_s or math.inf,
            up_after_s=settings.up_after_s,
            down_after_s=settings.down_after_s,
        )
        if isinstance(route.spec, RemoteSpec):  # it is not ours to start or to end
            policy = Policy(least=1, most=1, target=route.plan.max_in_flight, idle_s=math.inf)
        return Replicas(
            route,
            scaler=Scaler(policy, now_s=time.monotonic()),
            places=Places(
                queue_limit=settings.queue_limit, queue_timeout_s=settings.queue_timeout_s
            ),
            build=lambda slots: self._build(route, slots),
            own=self._run,
            is_pinned=serving.pinned and not route.adapter,
        )

    def _build(self, route: Route, slots: Slots) -> Replica:
        settings, plan = self._settings, route.plan
        if isinstance(route.spec, RemoteSpec):
            return RemoteEngine(
                slots,
                route.spec,
                timings=settings.timings,
                timeouts=settings.timeouts,
                clock=self._clock,
            )
        assert plan.launch is not None, "whatever is no remote server is started here"
        return EngineProcess(
            slots,
            plan.launch,
            timings=settings.timings,
            timeouts=settings.timeouts,
            clock=self._clock,
            on_change=self.keeper.nudge,
        )

    def _run(self, replica: Replica) -> None:
        if self._group is None:
            self._unowned.append(replica)
        else:
            self._group.create_task(replica.run(), name=replica.name)

    def _lease(self, model: Replicas, slots: Slots, replica: Replica, *, is_use: bool) -> Lease:
        link = replica.link
        assert link is not None, "looked at a line before"
        if not is_use:
            slots.asides += 1

        def give_back(tokens: int) -> None:
            if is_use:
                slots.produced(tokens)
            else:
                slots.asides -= 1
            model.places.give_back(slots)

        def suspect(is_unreachable: bool) -> None:  # noqa: FBT001 - one fact
            replica.suspect(is_unreachable=is_unreachable)

        return Lease(slots.name, link.pool, link.heads, give_back, suspect)

    def _snapshot(self, model: Replicas) -> ModelSnapshot:
        outlook = self.keeper.outlook(model)
        return model.snapshot(
            now_s=time.monotonic(), eta_s=outlook.eta_s if outlook.is_cold else None
        )


def _shutting_down() -> WeftError:
    return EngineDown("The server is shutting down", retry_after_s=RETRY_AFTER_S)
