"""A queue with one replica in it, as most tests of the queue want it."""

import time
from collections.abc import Callable

from weft.engines.queue.places import Places
from weft.engines.queue.slots import Slots
from weft.kit.errors import WeftError


class Room:
    """One replica and the queue before it."""

    def __init__(
        self,
        limit: int,
        *,
        queue_limit: int,
        queue_timeout_s: float,
        now_s: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.places = Places(queue_limit=queue_limit, queue_timeout_s=queue_timeout_s, now_s=now_s)
        self.slots = Slots("replica", limit)
        self.places.add(self.slots)
        self.limit = limit

    @property
    def in_flight(self) -> int:
        return self.places.in_flight

    @property
    def waiting(self) -> int:
        return self.places.waiting

    def open(self) -> None:
        self.slots.open()

    def shut(self, refusal: Callable[[], WeftError] | None = None) -> None:
        if refusal is None:
            self.slots.coming()
        else:
            self.slots.refuse(refusal)

    def try_take(self) -> bool:
        return self.places.try_take() is not None

    async def take(self, project: str = "", *, weight: float = 1.0) -> None:
        assert await self.places.take(project, weight=weight) is self.slots

    def give_back(self) -> None:
        self.places.give_back(self.slots)
