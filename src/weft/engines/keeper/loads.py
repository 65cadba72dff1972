"""How long models take to load: what was measured, and what is promised by it.

Owns the newest measurements of each model and kind of engine, and the promise: a time that nine starts of ten should
keep. It is an order statistic of the measured times (the k-th smallest of n with k = ceil(0.9 (n + 1)), the one-sided
prediction interval that needs no distribution: Vovk, Gammerman, Shafer, "Algorithmic Learning in a Random World", 2005,
chapter 2); with fewer than nine, more than the longest seen. Where nothing was measured it goes by the memory that the
model takes, on a slow disk. Invariant: what is kept is bounded.
"""

import math
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

SAMPLES = 64
"""The newest ones that count."""
COVER = 0.9
FEW_FACTOR = 1.5
"""Beyond the longest seen, while there are too few to say."""
SPARE_S = 0.25
FIRST_S = 10.0
"""Of a model that was never loaded: to start a process at all."""
FIRST_MIB_PER_S = 100.0


@dataclass(frozen=True, slots=True)
class LoadTime:
    """One measurement."""

    model: str
    kind: str
    load_ms: int
    at_us: int


Keep = Callable[[LoadTime], Awaitable[None]]
"""Writes one down for the next server."""


class LoadTimes:
    """What was measured."""

    def __init__(self, known: Iterable[LoadTime] = ()) -> None:
        self._times: dict[tuple[str, str], deque[LoadTime]] = {}
        for one in known:
            self.add(one)

    def add(self, one: LoadTime) -> None:
        """Take in a measurement, the newest."""
        key = (one.model, one.kind)
        self._times.setdefault(key, deque(maxlen=SAMPLES)).append(one)

    def newest(self, model: str, kind: str, count: int) -> list[LoadTime]:
        """The last `count` measurements, the newest first."""
        return list(self._times.get((model, kind), ()))[::-1][:count]

    def promise_s(self, model: str, kind: str, *, memory_mib: int) -> float:
        """How long a start takes at most, nine times of ten."""
        seconds = sorted(one.load_ms / 1000 for one in self._times.get((model, kind), ()))
        if not seconds:
            return FIRST_S + memory_mib / FIRST_MIB_PER_S
        rank = math.ceil(COVER * (len(seconds) + 1))
        if rank > len(seconds):
            return seconds[-1] * FEW_FACTOR + SPARE_S
        return seconds[rank - 1] + SPARE_S
