"""The replicas of one model: which run, which are drained, and the queue before them.

Owns the list of replicas, made when they are needed and kept for the next time. The keeper (`keeper.py`) decides; this
carries out. Invariant: a replica that is drained takes no new request and rests as soon as its last one has left.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from weft.engines.keeper.budget import Held
from weft.engines.keeper.evict import Resident
from weft.engines.keeper.replica import Replica
from weft.engines.keeper.scale import Scaler
from weft.engines.queue.places import Places
from weft.engines.queue.slots import Slots
from weft.engines.types import EngineState, ModelSnapshot, ModelStage, Route

PROMISES = 256
"""The newest waits for a cold model of which it is known whether they took longer than promised."""


class Replicas:
    """The replicas of one model."""

    def __init__(
        self,
        route: Route,
        *,
        scaler: Scaler,
        places: Places,
        build: Callable[[Slots], Replica],
        own: Callable[[Replica], None],
        is_pinned: bool,
    ) -> None:
        """`build` makes a replica of its slots, `own` gives it the task that runs it."""
        self.route = route
        self.scaler = scaler
        self.places = places
        self.is_pinned = is_pinned
        self.all: list[Replica] = []
        self.draining: dict[Replica, bool] = {}
        """Those that take no more, and whether that is for good: their memory is another's already."""
        self.is_asked = False
        """Somebody wants it loaded without having a request; until it is."""
        self.no_room = ""
        """Why it cannot be loaded, and never will be."""
        self.kept: deque[bool] = deque(maxlen=PROMISES)
        """Whether a promise was kept, of the newest ones."""
        self._build = build
        self._own = own

    @property
    def key(self) -> str:
        """The model, and the adapter if there is one."""
        return self.route.key

    @property
    def running(self) -> list[Replica]:
        """Those that run or are going to, and are not on their way out."""
        return [one for one in self.all if one.is_wanted and one not in self.draining]

    @property
    def leaving(self) -> list[Replica]:
        """Those that hold memory and are on their way out."""
        return [one for one in self.all if one.is_stopping or one in self.draining]

    @property
    def work(self) -> int:
        """Requests that wait, or are in flight at a replica that stays."""
        leaving = sum(one.slots.in_flight for one in self.draining)
        return self.places.in_flight + self.places.waiting - leaving

    @property
    def asides(self) -> int:
        """Of the work, the requests that are no use of the model: they do not keep it awake."""
        return sum(one.slots.asides for one in self.all if one not in self.draining)

    @property
    def used_at_s(self) -> float:
        """When a request left it last, by the monotonic clock; 0 where none did."""
        return max((one.slots.used_at_s for one in self.all), default=0.0)

    @property
    def is_ready(self) -> bool:
        """Whether a request would be taken, if there is a place."""
        return self.places.is_open

    @property
    def is_up(self) -> bool:
        """Whether an engine is known to work: one that somebody else runs takes requests before it is."""
        return any(one.life.state is EngineState.READY for one in self.running)

    @property
    def is_given_up(self) -> bool:
        """Whether nobody should count on it."""
        running = self.running
        return bool(self.no_room) or (bool(running) and all(one.is_given_up for one in running))

    def find(self, slots: Slots) -> Replica:
        """The replica of `slots`."""
        return next(one for one in self.all if one.slots is slots)

    def make(self) -> Replica:
        """One more replica, that does not run yet."""
        plan = self.route.plan
        slots = Slots(f"{plan.kind}:{self.key}#{len(self.all)}", plan.max_in_flight)
        replica = self._build(slots)
        self.all.append(replica)
        self.places.add(slots)
        self._own(replica)
        return replica

    def undrain(self) -> bool:
        """Let one that is being drained take requests again; False if there is none."""
        for one, is_for_good in self.draining.items():
            if not is_for_good and one.is_wanted and one.life.state is EngineState.READY:
                del self.draining[one]
                one.slots.open()
                return True
        return False

    def start(self, gpus: tuple[int, ...]) -> None:
        """Have one more replica run."""
        idle = (one for one in self.all if not one.is_wanted and not one.is_stopping)
        replica = next(idle, None) or self.make()
        replica.gpus = gpus
        replica.want()

    def start_all(self) -> None:
        """Have all run that must: a server that somebody else runs is asked how it is from the beginning."""
        for _ in range(self.scaler.policy.least):
            self.start(())

    def drain(self, replica: Replica, *, is_for_good: bool = True) -> None:
        """Let one rest, after what it has in flight."""
        if not replica.slots.in_flight:
            self.draining.pop(replica, None)
            replica.rest()
        elif replica not in self.draining:
            self.draining[replica] = is_for_good
            replica.slots.leave()

    def sweep(self) -> None:
        """Let those rest that are drained by now, or have failed meanwhile."""
        for one in tuple(self.draining):
            if not one.slots.in_flight or one.life.state is not EngineState.READY:
                del self.draining[one]
                one.rest()

    def shrink(self, count: int) -> None:
        """Let `count` replicas rest: first what has failed, then the idlest."""
        order = sorted(
            self.running,
            key=lambda one: (
                one.life.state is not EngineState.FAILED,
                one.slots.in_flight,
                one.slots.used_at_s,
            ),
        )
        for replica in order[:count]:
            self.drain(replica, is_for_good=False)

    def residents(self, now_s: float) -> list[Resident]:
        """Those that hold memory and are not on their way out."""
        fewest = max(self.scaler.policy.least, 1 if self.is_pinned else 0)
        spare = len(self.running) - fewest
        found: list[Resident] = []
        for replica in self.running:
            is_coming = replica.life.state in (EngineState.STOPPED, EngineState.STARTING)
            is_ready = replica.life.state is EngineState.READY
            found.append(
                Resident(
                    name=replica.name,
                    held=Held(self.route.plan.demand, replica.gpus),
                    in_flight=replica.slots.in_flight,
                    is_kept=spare <= 0 or (is_coming and self.places.waiting > 0),
                    used_at_s=max(replica.slots.used_at_s, self.scaler.busy_at_s),
                    resident_s=now_s - replica.ready_at_s if is_ready else 0.0,
                )
            )
        return found

    def snapshot(self, *, now_s: float, eta_s: float | None) -> ModelSnapshot:
        """The model now."""
        policy = self.scaler.policy
        sleeps = self.running and not self.is_pinned and len(self.running) > policy.least
        return ModelSnapshot(
            key=self.key,
            model=self.route.card.id,
            kind=self.route.plan.kind,
            stage=self.stage(),
            replicas=tuple(one.snapshot(self.key) for one in self.all),
            least_replicas=policy.least,
            most_replicas=policy.most,
            demand=self.route.plan.demand,
            in_flight=self.places.in_flight,
            waiting=self.places.waiting,
            tokens_per_s=sum(one.slots.tokens_per_s() for one in self.all),
            idle_left_s=self.scaler.idle_left_s(now_s) if sleeps and not self.work else None,
            is_pinned=self.is_pinned,
            eta_s=eta_s,
            reason=self.reason(),
        )

    def stage(self) -> ModelStage:
        """What one word says best."""
        states = {one.life.state for one in self.running}
        if EngineState.READY in states:
            return ModelStage.READY
        if EngineState.STARTING in states or EngineState.STOPPED in states:
            return ModelStage.LOADING
        if EngineState.FAILED in states:
            return ModelStage.FAILED
        if self.no_room:
            return ModelStage.NO_ROOM
        if self.places.waiting:
            return ModelStage.WAITING
        return ModelStage.STOPPING if self.leaving else ModelStage.ASLEEP

    def reason(self) -> str:
        """Why it does not serve, where something is in the way."""
        failed = (one.life.last.reason for one in self.running if one.life.last.reason)
        return self.no_room or next(failed, "")


async def ended(replica: Replica, timeout_s: float) -> bool:
    """Wait until a replica that was asked to rest holds nothing any more; False if it took too long."""
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + timeout_s
    while replica.is_stopping or replica.is_wanted:
        if loop.time() > deadline_s:
            return False
        await asyncio.sleep(0.02)
    return True
