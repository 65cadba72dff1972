"""Who may use an engine now, who waits, and who is sent away: a bounded queue that is fair between projects.

Owns the count of requests in flight to one engine. Knows nothing of states or processes: the engine opens and shuts it.
`fair.py` knows whose turn is next. Invariants: a place that was granted is given back exactly once, also when its taker
was cancelled in the same moment; whoever comes later overtakes nobody of the same project; no more than `queue_limit`
wait, none of them longer than `queue_timeout_s`; a full queue takes in one more of a project that has less in it than
another, whose newest request gives way.
"""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from weft.engines.queue.fair import FairQueue
from weft.kit.errors import Overloaded, WeftError

OVERLOADED = "The engine is currently overloaded, please try again later"
"""The hosted service's own words."""
RETRY_AFTER_S = 5
"""Where nothing was measured yet."""
MAX_RETRY_AFTER_S = 3600
_NEW_SHARE = 0.2
"""What the newest interval counts for in the mean of them."""


class EngineDown(Overloaded):
    """The engine is not running at the moment; it is started again after the stated time."""

    code = "engine_down"


def overloaded(
    why: str, retry_after_s: int = RETRY_AFTER_S, *, waiting: int = 0, queue_limit: int = 0
) -> Overloaded:
    """The refusal for want of room."""
    return Overloaded(
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
    place: asyncio.Future[None] = field(repr=False)


class Places:
    """The places of one engine, on one event loop. Shut at first."""

    __slots__ = (
        "_departed_s",
        "_interval_s",
        "_now_s",
        "_queue",
        "_queue_limit",
        "_queue_timeout_s",
        "_refusal",
        "in_flight",
        "is_open",
        "limit",
    )

    def __init__(
        self,
        limit: int,
        *,
        queue_limit: int,
        queue_timeout_s: float,
        now_s: Callable[[], float] = time.perf_counter,
    ) -> None:
        assert limit >= 1, "an engine takes at least one request"
        self.limit = limit
        self.in_flight = 0
        self.is_open = False
        self._queue_limit = queue_limit
        self._queue_timeout_s = queue_timeout_s
        self._now_s = now_s
        self._queue: FairQueue[_Waiter] = FairQueue()
        self._refusal: Callable[[], WeftError] | None = None
        self._departed_s: float | None = None
        """When a place was given back last, while somebody waited without a break."""
        self._interval_s: float | None = None
        """Between two such moments, on the average: how fast the queue moves on."""

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return len(self._queue)

    def try_take(self) -> bool:
        """Take a place if one is free at once: the fast path."""
        # A free place and somebody who waits never meet: whoever frees one, or opens, grants it at once.
        if self.is_open and self.in_flight < self.limit:
            self.in_flight += 1
            return True
        return False

    async def take(self, project: str = "", *, weight: float = 1.0) -> None:
        """Take a place, waiting for one if need be: in turn with the other projects, by their weights.

        Raises:
            Overloaded: the queue is full, or the wait took too long; it says when to retry.
            WeftError: the refusal that `shut` was given.
        """
        if self.try_take():
            return
        if self._refusal is not None:
            raise self._refusal()
        waiter = _Waiter(project, weight, asyncio.get_running_loop().create_future())
        self._enter(waiter)
        try:
            async with asyncio.timeout(self._queue_timeout_s):
                await waiter.place
        except TimeoutError:
            if not self._granted(waiter):
                raise self._overloaded("the wait in the queue took too long", waiter) from None
        except asyncio.CancelledError:
            if self._granted(waiter):
                self._free()
            raise

    def give_back(self) -> None:
        """Return a place; the next in the queue gets it."""
        if self._queue.items:
            self._measure()
            self._free()
        else:  # the fast path
            assert self.in_flight > 0, "a place was given back twice"
            self.in_flight -= 1

    def open(self) -> None:
        """Grant places from now on, first to those who wait."""
        self._refusal = None
        self.is_open = True
        self._grant()

    def shut(self, refusal: Callable[[], WeftError] | None = None) -> None:
        """Grant no more places: with a `refusal` everybody is sent away, without one they wait."""
        self.is_open = False
        self._refusal = refusal
        self._departed_s = None  # how long it stays shut says nothing of how fast it works
        if refusal is not None:
            for waiter in self._queue.drain():
                if not waiter.place.done():
                    waiter.place.set_exception(refusal())

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
        self._queue.push(waiter, waiter.project, waiter.weight)

    def _free(self) -> None:
        assert self.in_flight > 0, "a place was given back twice"
        self.in_flight -= 1
        self._grant()

    def _grant(self) -> None:
        while self._queue and self.is_open and self.in_flight < self.limit:
            waiter = self._queue.pop()
            if not waiter.place.done():  # done: its taker was cancelled and has not run since
                self.in_flight += 1
                waiter.place.set_result(None)

    def _granted(self, waiter: _Waiter) -> bool:
        """Whether a waiter that was interrupted has a place all the same; if not, it leaves the queue."""
        place = waiter.place
        if place.done() and not place.cancelled():
            return place.exception() is None
        self._queue.discard(waiter)
        return False

    def _measure(self) -> None:
        """Note that a place was given back while somebody waited for it."""
        now_s, before_s = self._now_s(), self._departed_s
        self._departed_s = now_s
        if before_s is None:
            return
        passed_s, mean_s = now_s - before_s, self._interval_s
        self._interval_s = passed_s if mean_s is None else mean_s + _NEW_SHARE * (passed_s - mean_s)

    def _overloaded(self, why: str, waiter: _Waiter) -> Overloaded:
        """The refusal that says when a request of the waiter's project would have its turn."""
        if self._interval_s is None:
            return overloaded(why, waiting=self.waiting, queue_limit=self._queue_limit)
        turns = self._queue.turns_before(waiter.project, waiter.weight) + 1
        wait_s = math.ceil(turns * self._interval_s)
        wait_s = max(1, min(wait_s, MAX_RETRY_AFTER_S))
        return overloaded(why, wait_s, waiting=self.waiting, queue_limit=self._queue_limit)
