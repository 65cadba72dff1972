"""Orders of calls that are kept for a while, so that who pages through a list has it sorted once.

An order is the places of all calls that a question finds. It belongs to whoever made up its token, and is what it was
when it was made: calls that came since are not in it, and those that went are skipped.
"""

import threading
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable

MOST = 2_000_000
"""Calls of one order; 16 MB."""
KEPT = 6
"""At a time, the ones used last."""
KEPT_S = 300.0


class Orders:
    """The orders that are kept. Used by several threads."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        """Keep none yet; `now_s` is a clock that only goes forward."""
        self._now_s = now_s
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, array[int]]] = OrderedDict()

    def find(self, key: Hashable, make: Callable[[], "array[int]"]) -> "array[int]":
        """The order of this key; made if it is not there, by whoever asks first and by all who ask meanwhile."""
        now_s = self._now_s()
        with self._lock:
            self._forget(now_s)
            kept = self._kept.get(key)
            if kept is not None:
                self._kept[key] = (now_s, kept[1])
                self._kept.move_to_end(key)
                return kept[1]
        made = make()
        with self._lock:
            self._kept[key] = (self._now_s(), made)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def _forget(self, now_s: float) -> None:
        for key, (used_s, _order) in list(self._kept.items()):
            if now_s - used_s > KEPT_S:
                del self._kept[key]
