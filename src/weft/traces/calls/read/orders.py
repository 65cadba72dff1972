"""Orders of calls that are kept for a while, so that who pages through a list has it sorted once.

An order is the places of the calls that a question finds, from the first on, as far as somebody looked: the first ten
thousand of a million take hardly longer than the first hundred, all of them ten times as long. It belongs to whoever
made up its token, and is what it was when it was made: calls that came since are not in it, and those that went are
skipped.
"""

import threading
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

STEPS = (10_000, 100_000, 2_000_000)
"""As far as orders are made; the last is 16 MB."""
KEPT = 6
"""At a time, the ones used last."""
KEPT_S = 300.0

Make = Callable[[int], "array[int]"]
"""From a number to as many places, or all that there are."""


@dataclass(slots=True)
class _Kept:
    used_s: float
    order: "array[int]" = field(default_factory=lambda: array("q"))
    limit: int = 0
    """As far as it was made: it is whole if it has fewer."""
    turn: threading.Lock = field(default_factory=threading.Lock)

    def grow(self, limit: int, make: Make) -> None:
        """Go on to `limit`; what is known already stays where it is."""
        known = set(self.order)
        self.order.extend(seq for seq in make(limit) if seq not in known)
        self.limit = limit


class Orders:
    """The orders that are kept. Used by several threads."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        """Keep none yet; `now_s` is a clock that only goes forward."""
        self._now_s = now_s
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def find(self, key: Hashable, start: int, end: int, make: Make) -> "array[int] | None":
        """The places from `start` to `end` in the order of this key; None if that is further than orders go.

        What is missing is made by whoever asks first; who asks meanwhile waits for it.
        """
        step = next((step for step in STEPS if step >= end), None)
        if step is None:
            return None
        kept = self._entry(key)
        with kept.turn:
            if kept.limit < end and len(kept.order) >= kept.limit:
                kept.grow(step, make)
            return kept.order[start:end]

    def _entry(self, key: Hashable) -> _Kept:
        now_s = self._now_s()
        with self._lock:
            for other, kept in list(self._kept.items()):
                if now_s - kept.used_s > KEPT_S:
                    del self._kept[other]
            found = self._kept.setdefault(key, _Kept(now_s))
            found.used_s = now_s
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return found
