"""Who may use a model now, who waits, and who is sent away: a bounded queue, fair between projects, for its replicas.

Owns the queue and the choice of a replica: the one that holds the longest beginning of the prompt, unless it has much
more to do than another; else the one with the least to do. Knows nothing of states or processes: replicas open and shut
their `Slots`. `fair.py` knows whose turn is next. Invariants: a place that was granted is given back exactly once, also
when its taker was cancelled in the same moment; whoever comes later overtakes nobody of the same project; no more than
`queue_limit` wait, none of them longer than `queue_timeout_s` or its own limit; a full queue takes in one more of a
project that has less in it than another, whose newest request gives way.
"""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from weft.engines.queue.fair import FairQueue
from weft.engines.queue.prefix import Prefix
from weft.engines.queue.slots import Door, Slots
from weft.kit.errors import Overloaded, WeftError

OVERLOADED = "The engine is currently overloaded, please try again later"
"""The hosted service's own words."""
RETRY_AFTER_S = 5
"""Where nothing was measured yet."""
MAX_RETRY_AFTER_S = 3600
IMBALANCE = 0.25
"""A replica that holds the beginning of a prompt is passed over once it has so much more in flight than another, as a
share of what it takes at once."""
LEAST_IMBALANCE = 2
_NEW_SHARE = 0.2
"""What the newest interval counts for in the mean of them."""


class EngineDown(Overloaded):
    """The engine is not running at the moment; it is started again after the stated time."""

    code = "engine_down"


class WaitedTooLong(Overloaded):
    """The wait in the queue took longer than allowed."""


class ModelLoading(Overloaded):
    """The model was asleep and is being loaded; it is there after the stated time."""

    code = "model_loading"

    def __init__(self, model: str, eta_s: float) -> None:
        wait_s = max(1, min(math.ceil(eta_s), MAX_RETRY_AFTER_S))
        super().__init__(
            f"The model {model} was asleep and is being loaded; it takes about {wait_s} s more",
            retry_after_s=wait_s,
            remedy="retry after the stated time, or ask for a stream, which is kept open meanwhile",
            metadata={"limit": "loading", "scope": "model", "eta_s": wait_s},
        )


def overloaded(
    why: str,
    retry_after_s: int = RETRY_AFTER_S,
    *,
    waiting: int = 0,
    queue_limit: int = 0,
    kind: type[Overloaded] = Overloaded,
) -> Overloaded:
    """The refusal for want of room."""
    return kind(
        OVERLOADED,
        retry_after_s=retry_after_s,
        remedy="retry after the stated time",
        metadata={
            "limit": "queue",
            "scope": "model",
            "current": waiting,
            "max": queue_limit,
            "reason": why,
        },
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    project: str
    weight: float
    prefix: Prefix
    place: asyncio.Future[Slots] = field(repr=False)


class Places:
    """The queue of one model, on one event loop."""

    __slots__ = (
        "_departed_s",
        "_interval_s",
        "_is_closed",
        "_now_s",
        "_only",
        "_queue",
        "_queue_limit",
        "_queue_timeout_s",
        "_refusal",
        "first_waiting_s",
        "slots",
    )

    def __init__(
        self,
        *,
        queue_limit: int,
        queue_timeout_s: float,
        now_s: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.slots: list[Slots] = []
        self.first_waiting_s: float | None = None
        """Since when somebody has waited without a break; by the monotonic clock."""
        self._only: Slots | None = None
        """The replica, where there is but one: the fast path."""
        self._queue_limit = queue_limit
        self._queue_timeout_s = queue_timeout_s
        self._now_s = now_s
        self._queue: FairQueue[_Waiter] = FairQueue()
        self._refusal: Callable[[], WeftError] | None = None
        self._is_closed = False
        self._departed_s: float | None = None
        """When a place was given back last, while somebody waited without a break."""
        self._interval_s: float | None = None
        """Between two such moments, on the average: how fast the queue moves on."""

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return len(self._queue)

    @property
    def in_flight(self) -> int:
        """How many have one."""
        return sum(slots.in_flight for slots in self.slots)

    @property
    def limit(self) -> int:
        """How many the replicas that are open take at once."""
        return sum(slots.limit for slots in self.slots if slots.is_open)

    @property
    def is_open(self) -> bool:
        """Whether any replica takes requests."""
        return any(slots.is_open for slots in self.slots)

    @property
    def is_shared(self) -> bool:
        """Whether there is a choice among replicas, so that it matters how a prompt begins."""
        return self._only is None

    def add(self, slots: Slots) -> None:
        """One more replica."""
        self.slots.append(slots)
        self._only = slots if len(self.slots) == 1 else None
        slots.attach(self._changed)
        self._changed(slots)

    def try_take(self, prefix: Prefix = ()) -> Slots | None:
        """Take a place if one is free at once: the fast path."""
        # A free place and somebody who waits never meet: whoever frees one, or opens, grants it at once.
        slots = self._only
        if slots is None:
            slots = _choose(self.slots, prefix)
            if slots is None:
                return None
            slots.memory.remember(prefix)
        elif not slots.is_open or slots.in_flight >= slots.limit:
            return None
        slots.in_flight += 1
        return slots

    async def take(
        self,
        project: str = "",
        *,
        weight: float = 1.0,
        prefix: Prefix = (),
        timeout_s: float | None = None,
    ) -> Slots:
        """Take a place, waiting for one if need be: in turn with the other projects, by their weights.

        Raises:
            Overloaded: the queue is full, or the wait took longer than `timeout_s` (None: the queue's own limit); it
                says when to retry.
            WeftError: the refusal of the replicas, none of which is open.
        """
        slots = self.try_take(prefix)
        if slots is not None:
            return slots
        if self._refusal is not None:
            raise self._refusal()
        waiter = _Waiter(project, weight, prefix, asyncio.get_running_loop().create_future())
        self._enter(waiter)
        try:
            async with asyncio.timeout(self._queue_timeout_s if timeout_s is None else timeout_s):
                return await waiter.place
        except TimeoutError:
            if (slots := self._granted(waiter)) is None:
                why = "the wait in the queue took too long"
                raise self._overloaded(why, waiter, WaitedTooLong) from None
            return slots
        except asyncio.CancelledError:
            if (slots := self._granted(waiter)) is not None:
                self._free(slots)
            raise

    def give_back(self, slots: Slots) -> None:
        """Return a place; the next in the queue gets it."""
        if self._queue.items:
            self._measure()
            self._free(slots)
        else:  # the fast path
            assert slots.in_flight > 0, "a place was given back twice"
            slots.in_flight -= 1

    def refuse(self, refusal: Callable[[], WeftError]) -> None:
        """Send everybody away, until a replica opens or is coming."""
        if not self._is_closed:
            self._refusal = refusal
            self._send_away()

    def close(self, refusal: Callable[[], WeftError]) -> None:
        """Send everybody away for good."""
        self.refuse(refusal)
        self._is_closed = True

    def _changed(self, slots: Slots) -> None:
        """A replica opened or shut."""
        if self._is_closed:
            return
        if slots.is_open:
            self._refusal = None
            self._grant()
            return
        if not self.is_open:
            self._departed_s = None  # how long it stays shut says nothing of how fast it works
        doors = [each.door for each in self.slots]
        if Door.OPEN in doors or Door.COMING in doors or Door.REFUSING not in doors:
            self._refusal = None
            return
        self._refusal = self.slots[doors.index(Door.REFUSING)].refusal
        self._send_away()

    def _send_away(self) -> None:
        if self._refusal is not None:
            for waiter in self._queue.drain():
                if not waiter.place.done():
                    waiter.place.set_exception(self._refusal())
            self.first_waiting_s = None

    def _enter(self, waiter: _Waiter) -> None:
        """Stand in the queue.

        Raises:
            Overloaded: it is full, and nobody has more in it.
        """
        if len(self._queue) >= self._queue_limit:
            loser = self._queue.yield_for(waiter.project, waiter.weight)
            if loser is None:
                raise self._overloaded("the queue is full", waiter)
            if not loser.place.done():
                why = "the queue is full, and a project with fewer requests in it came"
                loser.place.set_exception(self._overloaded(why, loser))
        if not self._queue:
            self._departed_s = None
            self.first_waiting_s = time.monotonic()
        self._queue.push(waiter, waiter.project, waiter.weight)

    def _free(self, slots: Slots) -> None:
        assert slots.in_flight > 0, "a place was given back twice"
        slots.in_flight -= 1
        self._grant()

    def _grant(self) -> None:
        queue = self._queue
        while queue and any(
            slots.is_open and slots.in_flight < slots.limit for slots in self.slots
        ):
            waiter = queue.pop()
            if waiter.place.done():  # its taker was cancelled and has not run since
                continue
            slots = _choose(self.slots, waiter.prefix)
            assert slots is not None, "one was free a line before"
            slots.memory.remember(waiter.prefix)
            slots.in_flight += 1
            waiter.place.set_result(slots)
        if not queue:
            self.first_waiting_s = None

    def _granted(self, waiter: _Waiter) -> Slots | None:
        """What a waiter that was interrupted has all the same; if nothing, it leaves the queue."""
        place = waiter.place
        if place.done() and not place.cancelled():
            return place.result() if place.exception() is None else None
        self._queue.discard(waiter)
        if not self._queue:
            self.first_waiting_s = None
        return None

    def _measure(self) -> None:
        """Note that a place was given back while somebody waited for it."""
        now_s, before_s = self._now_s(), self._departed_s
        self._departed_s = now_s
        if before_s is None:
            return
        passed_s, mean_s = now_s - before_s, self._interval_s
        self._interval_s = passed_s if mean_s is None else mean_s + _NEW_SHARE * (passed_s - mean_s)

    def _overloaded(
        self, why: str, waiter: _Waiter, kind: type[Overloaded] = Overloaded
    ) -> Overloaded:
        """The refusal that says when a request of the waiter's project would have its turn."""
        wait_s = RETRY_AFTER_S
        if self._interval_s is not None:
            turns = self._queue.turns_before(waiter.project, waiter.weight) + 1
            wait_s = max(1, min(math.ceil(turns * self._interval_s), MAX_RETRY_AFTER_S))
        waiting, limit = self.waiting, self._queue_limit
        return overloaded(why, wait_s, waiting=waiting, queue_limit=limit, kind=kind)


def _choose(candidates: Sequence[Slots], prefix: Prefix) -> Slots | None:
    """The replica for a request that begins with `prefix`; None where none has a free place."""
    free = [slots for slots in candidates if slots.is_open and slots.in_flight < slots.limit]
    if not free:
        return None
    idlest = min(free, key=_load)
    if not prefix:
        return idlest
    best = max(free, key=lambda slots: slots.memory.match(prefix))
    spare = max(LEAST_IMBALANCE, round(best.limit * IMBALANCE))
    return (
        best if best.in_flight - idlest.in_flight <= spare and best.memory.match(prefix) else idlest
    )


def _load(slots: Slots) -> float:
    return slots.in_flight / slots.limit
