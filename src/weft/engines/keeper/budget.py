"""Whether there is memory for one more replica, and on which accelerators. Pure.

Owns the sum. Memory is what cards say an engine takes, not what it takes at the moment: a replica that is being loaded
counts whole. Invariant: what `place` finds, together with what is held, is never more than the capacity.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from weft.engines.types import Demand, Gpu


@dataclass(frozen=True, slots=True)
class Capacity:
    """What all engines together may hold."""

    memory_mib: int = 0
    """Of the machine; 0: not limited."""
    gpus: tuple[Gpu, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """What one replica holds, and on which accelerators."""

    demand: Demand
    gpus: tuple[int, ...] = ()


def place(demand: Demand, held: Iterable[Held], capacity: Capacity) -> tuple[int, ...] | None:
    """The accelerators for one more replica, none for one that needs none; None where there is no room.

    Takes those with the most memory free, so that replicas spread.
    """
    taken = tuple(held)
    used_mib = sum(one.demand.memory_mib for one in taken)
    if capacity.memory_mib and used_mib + demand.memory_mib > capacity.memory_mib:
        return None
    if not demand.gpus:
        return ()
    free = [(gpu.memory_mib - _used_of(gpu.index, taken), -gpu.index) for gpu in capacity.gpus]
    fitting = sorted(((mib, at) for mib, at in free if mib >= demand.gpu_memory_mib), reverse=True)
    if len(fitting) < demand.gpus:
        return None
    return tuple(sorted(-at for _, at in fitting[: demand.gpus]))


def _used_of(index: int, held: Iterable[Held]) -> int:
    return sum(one.demand.gpu_memory_mib for one in held if index in one.gpus)
