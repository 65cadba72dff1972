"""What leaderboards worked out before: scores of runs that are done, and rankings of the same runs.

Neither changes while the runs it is of are the same; a run is known by its id, its end and how many trials it has. The
oldest used goes first when there is too much. For use by several threads.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from weft.evals.leaderboards.ranking import Ranking
from weft.evals.leaderboards.scores import RunScores

VALUES = 4_000_000
"""Of scores and digests: some 64 MiB."""
RANKINGS = 2_000

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """As much as fits into `room`, by the size of each value."""

    def __init__(self, room: int, size: Callable[[V], int]) -> None:
        self._room = room
        self._size = size
        self._used = 0
        self._found: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """The value, if it is still there."""
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
            return found

    def put(self, key: K, value: V) -> None:
        """Keep a value; what is larger than the room is not kept."""
        size = self._size(value)
        with self._lock:
            if key in self._found or size > self._room:
                return
            self._found[key] = value
            self._used += size
            while self._used > self._room:
                _key, gone = self._found.popitem(last=False)
                self._used -= self._size(gone)


RunKey = tuple[int, str, int, int]
"""A project, a run, when it ended, its trials."""


class Memory:
    """All that one server keeps for its leaderboards."""

    def __init__(self) -> None:
        self.scores: Kept[RunKey, RunScores] = Kept(VALUES, lambda one: one.size)
        self.rankings: Kept[Hashable, Ranking] = Kept(RANKINGS, lambda _one: 1)
