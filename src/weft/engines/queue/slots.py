"""The places at one replica: how many requests it takes at once, and whether it takes any now.

Owns the count of requests in flight to one replica, how much it produced lately, and what it was sent. Knows nothing of
processes; whoever owns the replica opens and shuts it, and the queue of its model (`places.py`) hears of it.
Invariant: a place that was taken is given back exactly once.
"""

import time
from collections import deque
from collections.abc import Callable
from enum import Enum, auto

from weft.engines.queue.prefix import PrefixMemory
from weft.kit.errors import WeftError

RATE_WINDOW_S = 10.0


class Door(Enum):
    """Whether a replica takes requests."""

    AWAY = auto()
    """It does not run, and nobody should count on it."""
    COMING = auto()
    """It will open; requests wait."""
    OPEN = auto()
    REFUSING = auto()
    """It cannot, and says why."""


class Slots:
    """The places at one replica. Away at first."""

    __slots__ = (
        "_changed",
        "_produced",
        "_refusal",
        "asides",
        "door",
        "in_flight",
        "is_open",
        "limit",
        "memory",
        "name",
        "tokens",
        "used_at_s",
    )

    def __init__(self, name: str, limit: int) -> None:
        assert limit >= 1, "an engine takes at least one request"
        self.name = name
        self.limit = limit
        self.in_flight = 0
        self.asides = 0
        """How many of these are no use of the model; whoever grants them counts them."""
        self.door = Door.AWAY
        self.is_open = False
        """The same as `door is Door.OPEN`, for the hot path."""
        self.memory = PrefixMemory()
        self.tokens = 0
        """Produced since the beginning."""
        self.used_at_s = 0.0
        """When a request left it last."""
        self._refusal: Callable[[], WeftError] | None = None
        self._produced: deque[tuple[float, int]] = deque()
        self._changed: Callable[[Slots], None] = _nobody

    def attach(self, changed: Callable[["Slots"], None]) -> None:
        """Let the queue of the model hear when the door opens or shuts."""
        self._changed = changed

    def open(self) -> None:
        """Take requests from now on, first those who wait."""
        self._set(Door.OPEN)

    def coming(self) -> None:
        """Take no more for now; it is going to open."""
        self._set(Door.COMING)

    def leave(self) -> None:
        """Take no more; it does not run."""
        self.memory.forget()
        self._set(Door.AWAY)

    def refuse(self, refusal: Callable[[], WeftError]) -> None:
        """Take no more; where no other replica does either, requests are told this."""
        self._set(Door.REFUSING, refusal)

    def refusal(self) -> WeftError:
        """Why it takes nothing."""
        assert self._refusal is not None, "only a door that refuses has a reason"
        return self._refusal()

    def produced(self, tokens: int) -> None:
        """Note that a request left, with so many tokens."""
        now_s = self.used_at_s = time.monotonic()
        if tokens:
            self.tokens += tokens
            self._produced.append((now_s, tokens))
            self._drop_old(now_s)

    def tokens_per_s(self) -> float:
        """What it produced for the requests that ended in the last `RATE_WINDOW_S`."""
        self._drop_old(time.monotonic())
        return sum(tokens for _, tokens in self._produced) / RATE_WINDOW_S

    def _drop_old(self, now_s: float) -> None:
        produced = self._produced
        while produced and produced[0][0] < now_s - RATE_WINDOW_S:
            produced.popleft()

    def _set(self, door: Door, refusal: Callable[[], WeftError] | None = None) -> None:
        self.door = door
        self.is_open = door is Door.OPEN
        self._refusal = refusal
        self._changed(self)


def _nobody(_slots: Slots) -> None:
    """Before a queue listens."""
