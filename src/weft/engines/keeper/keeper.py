"""Decides what runs, whenever something changes: the one place that starts replicas and lets them rest.

Owns the memory budget and the order of its use. A step looks at every model (`scale.py` says how many replicas it
should have), lets go what is too much, and starts what is too little where there is room (`budget.py`); where there is
none, what is idle makes room (`evict.py`), and for a request that has waited long also what is at work, once it has
done it. Models whose requests have waited longest come first, and what is being freed for one is not given to another.
Knows no HTTP and no people. Invariant: what runs, is starting or is ending never holds more than the capacity.
"""

import asyncio
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from weft.engines.keeper.budget import Capacity, Held, place
from weft.engines.keeper.evict import Resident, drain, evict
from weft.engines.keeper.loads import Keep, LoadTime, LoadTimes
from weft.engines.keeper.replica import Replica
from weft.engines.keeper.replicas import Replicas
from weft.engines.queue.places import overloaded
from weft.engines.types import EngineState, Outlook, Route
from weft.kit.clock import Clock
from weft.kit.db import DATABASE_ERRORS
from weft.kit.errors import WeftError

TICK_S = 0.25
EVICTION_S = 2.0
"""What it takes an idle engine to go, for the promise to whoever waits for its memory."""
MAX_UNWRITTEN = 256
OVERDUE = 0.25
"""A start that takes longer than promised is said to take a quarter longer still."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """When those who wait come before those who are served."""

    wait_s: float = 5.0
    """After so long a request for a model without memory makes others give way that are at work."""
    least_resident_s: float = 10.0
    """But not before they have been ready for so long."""


class Keeper:
    """Keeps the replicas of all models within the capacity."""

    def __init__(
        self,
        capacity: Capacity,
        loads: LoadTimes,
        *,
        clock: Clock,
        patience: Patience,
    ) -> None:
        self.models: dict[str, Replicas] = {}
        self.capacity = capacity
        self.loads = loads
        self.on_ready: list[Callable[[Route], None]] = []
        self._clock = clock
        self._patience = patience
        self._unwritten: asyncio.Queue[LoadTime | None] = asyncio.Queue(MAX_UNWRITTEN)
        self._nudged = asyncio.Event()
        self._is_stopping = False
        self._was_ready: dict[str, float] = {}

    def nudge(self) -> None:
        """Something changed: look now."""
        self._nudged.set()

    async def write_down(self, keep: Keep) -> None:
        """Hand each measured load time to `keep`, for the next server, until `stop` is called."""
        while True:
            one = await self._unwritten.get()
            if one is None:
                return
            try:
                await keep(one)
            except DATABASE_ERRORS:
                _log.warning("load_time_not_kept", model=one.model, exc_info=True)

    def stop(self) -> None:
        """Ask for the end of `run` and `write_down`."""
        self._is_stopping = True
        self._nudged.set()
        self._put(None)

    async def run(self) -> None:
        """Decide until `stop` is called."""
        while not self._is_stopping:
            self._nudged.clear()
            self.step()
            self._note_loads()
            try:
                async with asyncio.timeout(TICK_S):
                    await self._nudged.wait()
            except TimeoutError:
                continue

    def step(self) -> None:
        """Look at every model, and change what has to be changed."""
        now_s = time.monotonic()
        short: list[Replicas] = []
        for model in self.models.values():
            model.sweep()
            if model.is_asked and (model.is_ready or model.is_given_up):
                model.is_asked = False
                model.scaler.busy_at_s = now_s
            # Between two looks a request may have come and gone.
            model.scaler.busy_at_s = max(model.scaler.busy_at_s, model.used_at_s)
            running, is_held = len(model.running), model.is_pinned or model.is_asked
            wanted = model.scaler.desired(
                work=model.work,
                asides=model.asides,
                running=running,
                is_held=is_held,
                now_s=now_s,
            )
            if wanted < running:
                model.shrink(running - wanted)
            elif wanted > running:
                short.append(model)
        promised: list[Held] = []
        for model in sorted(short, key=_since):
            self._grow(model, promised, now_s)

    def held(self) -> list[Held]:
        """What is held now: of all that run, start or end."""
        return [
            Held(model.route.plan.demand, replica.gpus)
            for model in self.models.values()
            for replica in model.all
            if replica.is_wanted or replica.is_stopping
        ]

    def outlook(self, model: Replicas) -> Outlook:
        """What a request that comes now has to expect."""
        if model.is_ready:
            return Outlook(is_cold=False, eta_s=0.0)
        plan = model.route.plan
        promise_s = self.loads.promise_s(
            model.key, plan.kind, memory_mib=plan.demand.memory_mib + plan.demand.gpu_memory_mib
        )
        now = self._clock.now()
        passed = [
            (now - one.life.last.at).total_seconds()
            for one in model.running
            if one.life.state is EngineState.STARTING
        ]
        if passed:
            left_s = promise_s - max(passed)
            return Outlook(is_cold=True, eta_s=left_s if left_s > 0 else max(passed) * OVERDUE)
        if place(plan.demand, self.held(), self.capacity) is None:
            promise_s += EVICTION_S
        return Outlook(is_cold=True, eta_s=promise_s)

    def _grow(self, model: Replicas, promised: list[Held], now_s: float) -> None:
        """Start one more replica of `model`, or see that there will be room for it."""
        if model.undrain():
            return
        demand = model.route.plan.demand
        if place(demand, (), self.capacity) is None:
            self._refuse(model)
            return
        model.no_room = ""
        gpus = place(demand, [*self.held(), *promised], self.capacity)
        if gpus is not None:
            model.start(gpus)
            return
        staying = self._residents(now_s)
        picked = evict(_with(staying, promised), demand, self.capacity)
        if picked is None and self._is_impatient(model, now_s):
            least_s = self._patience.least_resident_s
            picked = drain(
                _with(staying, promised), demand, self.capacity, least_resident_s=least_s
            )
        if picked is None:
            return  # everything is at work: the requests wait, each to its own limit
        self._let_go(picked, model.key)
        left = [one.held for one in staying if one.name not in picked]
        promised.append(Held(demand, place(demand, [*left, *promised], self.capacity) or ()))

    def _residents(self, now_s: float) -> list[Resident]:
        """What holds memory, without what is on its way out already."""
        return [one for model in self.models.values() for one in model.residents(now_s)]

    def _let_go(self, names: Iterable[str], newcomer: str) -> None:
        gone = set(names)
        for model in self.models.values():
            for replica in model.running:
                if replica.name in gone:
                    _log.info("engine_evicted", engine=replica.name, room_for=newcomer)
                    model.drain(replica)

    def _is_impatient(self, model: Replicas, now_s: float) -> bool:
        since_s = model.places.first_waiting_s
        return since_s is not None and now_s - since_s >= self._patience.wait_s

    def _refuse(self, model: Replicas) -> None:
        """It will never fit."""
        demand, capacity = model.route.plan.demand, self.capacity
        gpus = f" and {demand.gpus} x {demand.gpu_memory_mib:,} MiB on GPUs" if demand.gpus else ""
        has = f"{capacity.memory_mib:,} MiB and {len(capacity.gpus)} GPUs"
        reason = f"it needs {demand.memory_mib:,} MiB{gpus}; this server may use {has}"
        if model.no_room != reason:
            _log.warning("engine_has_no_room", model=model.key, reason=reason)
        model.no_room = reason

        def refusal() -> WeftError:
            return overloaded(f"the model does not fit into memory: {reason}", NO_ROOM_RETRY_S)

        model.places.refuse(refusal)

    def _note_loads(self) -> None:
        """Take note of starts that came to their end, and tell whoever asked."""
        for model in self.models.values():
            for replica in model.all:
                is_ready = replica.life.state is EngineState.READY and replica.load_s > 0
                if is_ready and self._was_ready.get(replica.name) != replica.ready_at_s:
                    self._was_ready[replica.name] = replica.ready_at_s
                    self._note(model, replica)

    def _note(self, model: Replicas, replica: Replica) -> None:
        at_us = round(self._clock.now().timestamp() * 1_000_000)
        load_ms = max(1, round(replica.load_s * 1000))
        one = LoadTime(model.key, model.route.plan.kind, load_ms, at_us)
        self.loads.add(one)
        self._put(one)
        for tell in self.on_ready:
            tell(model.route)

    def _put(self, one: LoadTime | None) -> None:
        if self._unwritten.full():
            self._unwritten.get_nowait()  # the newest say more
        self._unwritten.put_nowait(one)


NO_ROOM_RETRY_S = 600
"""A model that does not fit will not fit soon: somebody has to change something."""


def _since(model: Replicas) -> float:
    """Whoever waits longest comes first; who only should run comes last."""
    since_s = model.places.first_waiting_s
    return math.inf if since_s is None else since_s


def _with(staying: list[Resident], promised: list[Held]) -> list[Resident]:
    """What is promised to others is as good as held."""
    others = [
        Resident(f"promised {index}", held, 0, is_kept=True, used_at_s=0.0, resident_s=0.0)
        for index, held in enumerate(promised)
    ]
    return [*staying, *others]
