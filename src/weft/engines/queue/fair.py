"""In which order those who wait get their turn: weighted fair between projects, first come first served within one.

Start-time fair queueing (Goyal, Vin, Cheng: "Start-Time Fair Queueing", SIGCOMM 1996), with every request of equal
length, because nobody knows an answer's length before it is there. A project's next request has a start tag: the end of
its last one, but never before the virtual time, which is the start tag that was served last. The smallest tag is next;
serving it moves the project's tag on by 1 / weight. So a project that comes anew is served before the second request of
any that waits already, and a project that was away has saved nothing up.

Owns the order. Knows no clock, no event loop and no engine. Invariants: every item that was pushed leaves once, by
`pop`, `discard`, `yield_for` or `drain`; of two projects that wait all the while, neither gets ahead by more than two
requests of each, divided by their weights; what is remembered of projects that wait no more is bounded, and forgotten
when nobody waits.
"""

import heapq
import math
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

MAX_RESTING = 4096
"""Projects that wait no more and whose last turn is remembered, so that they do not come back as new ones."""

T = TypeVar("T", bound=Hashable)


class _Flow(Generic[T]):
    """One project's requests that wait."""

    __slots__ = ("items", "listed", "project", "start", "weight")

    def __init__(self, project: str, start: float) -> None:
        self.project = project
        self.weight = 1.0
        self.start = start
        """The start tag of its next request."""
        self.items: OrderedDict[T, None] = OrderedDict()
        self.listed = False
        """Whether it stands in the queue's list of flows, with this start tag or an earlier one."""


class FairQueue(Generic[T]):
    """Items that wait, of projects that share."""

    __slots__ = ("_flows", "_listed", "_pushed", "_resting", "_time", "items")

    def __init__(self) -> None:
        self._time = 0.0
        self._pushed = 0
        self._flows: dict[str, _Flow[T]] = {}
        self.items: dict[T, _Flow[T]] = {}
        """Those who wait; only to be looked at. Always the same dict, so that asking whether anybody waits is cheap."""
        self._listed: list[tuple[float, int, _Flow[T]]] = []
        """A heap; holds each flow at most once, so that coming and going does not make it grow."""
        self._resting: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        """How many wait."""
        return len(self.items)

    @property
    def remembered(self) -> int:
        """How many entries it holds on projects: what must not grow with coming and going."""
        return len(self._flows) + len(self._listed) + len(self._resting)

    def waiting_of(self, project: str) -> int:
        """How many of one project wait."""
        flow = self._flows.get(project)
        return len(flow.items) if flow else 0

    def push(self, item: T, project: str, weight: float = 1.0) -> None:
        """Let `item` wait; a project of weight 2 gets two turns for one of a project of weight 1."""
        assert 0 < weight < math.inf, "a weight is a positive number"
        assert item not in self.items, "an item waits once"
        flow = self._flows.get(project)
        if flow is None:
            # Who begins the queue pays for one turn: whoever is in its way got in without one, and is most likely
            # the same project. A project that comes later is then next at once.
            ahead = 0.0 if self.items else 1.0 / weight
            flow = self._flows[project] = _Flow(project, self._time + ahead)
        flow.weight = weight
        if not flow.items:
            self._resting.pop(project, None)
            flow.start = max(flow.start, self._time)
            self._list(flow)
        flow.items[item] = None
        self.items[item] = flow

    def pop(self) -> T:
        """The next one; there must be one."""
        assert self.items, "nobody waits"
        while True:
            listed_at, _, flow = heapq.heappop(self._listed)
            flow.listed = False
            if not flow.items:
                self._rest(flow)
            elif flow.start > listed_at:  # it left, and came again after others had their turns
                self._list(flow)
            else:
                break
        item, _ = flow.items.popitem(last=False)
        del self.items[item]
        self._time = flow.start
        flow.start += 1.0 / flow.weight
        if flow.items:
            self._list(flow)
        else:
            self._rest(flow)
        self._forget_if_empty()
        return item

    def discard(self, item: T) -> bool:
        """Take `item` out of the queue, wherever it stands; False if it does not wait."""
        flow = self.items.pop(item, None)
        if flow is None:
            return False
        del flow.items[item]
        self._forget_if_empty()
        return True

    def yield_for(self, project: str, weight: float = 1.0) -> T | None:
        """Who leaves a full queue so that one more of `project` can wait: the newest of whoever has most in it.

        None if nobody has more than `project` would have then; weights count.
        """
        most = max(self._flows.values(), key=_load, default=None)
        if most is None or most.project == project:
            return None
        if _load(most) <= (self.waiting_of(project) + 1) / weight:
            return None
        item, _ = most.items.popitem()
        del self.items[item]
        self._forget_if_empty()
        return item

    def turns_before(self, project: str, weight: float = 1.0) -> int:
        """How many of those who wait now would be served before one more of `project`."""
        flow = self._flows.get(project)
        start, own = self._time, 0
        if flow is not None:
            own = len(flow.items)
            start = max(self._time, flow.start) + own / weight
        others = (other for other in self._flows.values() if other is not flow)
        return own + sum(_turns_until(start, other) for other in others)

    def drain(self) -> list[T]:
        """Everybody, in the order of their turns; the queue is empty then."""
        return [self.pop() for _ in range(len(self.items))]

    def _list(self, flow: _Flow[T]) -> None:
        if not flow.listed:
            self._pushed += 1
            flow.listed = True
            heapq.heappush(self._listed, (flow.start, self._pushed, flow))

    def _rest(self, flow: _Flow[T]) -> None:
        """Remember where a project stood, unless the others have caught up with it."""
        if flow.start <= self._time:
            self._flows.pop(flow.project, None)
            return
        self._resting[flow.project] = None
        if len(self._resting) > MAX_RESTING:
            project, _ = self._resting.popitem(last=False)
            self._flows.pop(project, None)

    def _forget_if_empty(self) -> None:
        if not self.items:
            self._flows.clear()
            self._listed.clear()
            self._resting.clear()
            self._time = 0.0


def _load(flow: _Flow[T]) -> float:
    return len(flow.items) / flow.weight


def _turns_until(start: float, flow: _Flow[T]) -> int:
    """How many of `flow` have a start tag of at most `start`."""
    if start < flow.start:
        return 0
    return min(len(flow.items), math.floor((start - flow.start) * flow.weight) + 1)
