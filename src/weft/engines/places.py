"""Who may use an engine now, who waits, and who is sent away: a bounded first-in-first-out queue.

Owns the count of requests in flight to one engine. Knows nothing of states or processes: the engine opens and shuts it.
Invariants: a place that was granted is given back exactly once, also when its taker was cancelled in the same moment;
nobody overtakes a waiter; no more than `queue_limit` wait, none of them longer than `queue_timeout_s`.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from weft.kit.errors import Overloaded, WeftError

OVERLOADED = "The engine is currently overloaded, please try again later"
"""The hosted service's own words."""
RETRY_AFTER_S = 5


class EngineDown(Overloaded):
    """The engine is not running at the moment; it is started again after the stated time."""

    code = "engine_down"


def overloaded(why: str) -> Overloaded:
    """The refusal for want of room."""
    return Overloaded(
        OVERLOADED,
        retry_after_s=RETRY_AFTER_S,
        remedy="retry after the stated time",
        metadata={"reason": why},
    )


class Places:
    """The places of one engine, on one event loop. Shut at first."""

    __slots__ = (
        "_queue",
        "_queue_limit",
        "_queue_timeout_s",
        "_refusal",
        "in_flight",
        "is_open",
        "limit",
    )

    def __init__(self, limit: int, *, queue_limit: int, queue_timeout_s: float) -> None:
        assert limit >= 1, "an engine takes at least one request"
        self.limit = limit
        self.in_flight = 0
        self.is_open = False
        self._queue_limit = queue_limit
        self._queue_timeout_s = queue_timeout_s
        self._queue: deque[asyncio.Future[None]] = deque()
        self._refusal: Callable[[], WeftError] | None = None

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

    async def take(self) -> None:
        """Take a place, waiting for one if need be.

        Raises:
            Overloaded: the queue is full, or the wait took too long.
            WeftError: the refusal that `shut` was given.
        """
        if self.try_take():
            return
        if self._refusal is not None:
            raise self._refusal()
        if len(self._queue) >= self._queue_limit:
            raise overloaded("the queue is full")
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(waiter)
        try:
            async with asyncio.timeout(self._queue_timeout_s):
                await waiter
        except TimeoutError:
            if not self._granted(waiter):
                raise overloaded("the wait in the queue took too long") from None
        except asyncio.CancelledError:
            if self._granted(waiter):
                self.give_back()
            raise

    def give_back(self) -> None:
        """Return a place; the next in the queue gets it."""
        assert self.in_flight > 0, "a place was given back twice"
        self.in_flight -= 1
        self._grant()

    def open(self) -> None:
        """Grant places from now on, first to those who wait."""
        self._refusal = None
        self.is_open = True
        self._grant()

    def shut(self, refusal: Callable[[], WeftError] | None = None) -> None:
        """Grant no more places: with a `refusal` everybody is sent away, without one they wait."""
        self.is_open = False
        self._refusal = refusal
        while refusal is not None and self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_exception(refusal())

    def _grant(self) -> None:
        while self._queue and self.is_open and self.in_flight < self.limit:
            waiter = self._queue.popleft()
            if not waiter.done():  # done: its taker was cancelled and has not run since
                self.in_flight += 1
                waiter.set_result(None)

    def _granted(self, waiter: asyncio.Future[None]) -> bool:
        """Whether a waiter that was interrupted has a place all the same; if not, it leaves the queue."""
        if waiter.done() and not waiter.cancelled():
            return waiter.exception() is None
        if waiter in self._queue:
            self._queue.remove(waiter)
        return False
