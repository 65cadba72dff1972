"""Which replicas go so that another fits. Pure: it decides, and others do it.

Owns the policy: the least recently used go first, and no more than have to. `evict` picks among those that can go at
once; `drain` among those that are at work, for whoever has waited long: they take nothing new, and go when they are
done. Invariants: `evict` never picks a replica with work in flight, and neither picks one that is pinned or on its way
up for somebody who waits; without the picked ones the newcomer fits; with any of them left out it does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from weft.engines.keeper.budget import Capacity, Held, place
from weft.engines.types import Demand


@dataclass(frozen=True, slots=True)
class Resident:
    """One replica that holds memory."""

    name: str
    held: Held
    in_flight: int
    is_kept: bool
    """Pinned, one of the fewest that its model must have, or being loaded for somebody who waits."""
    used_at_s: float
    """When it did something last."""
    resident_s: float
    """How long it has been ready; 0 while it is not."""


def evict(
    residents: Sequence[Resident], demand: Demand, capacity: Capacity
) -> tuple[str, ...] | None:
    """The names of those that go; empty where there is room, None where too few can go."""
    idle = [one for one in residents if not one.in_flight and not one.is_kept]
    return _pick(residents, sorted(idle, key=lambda one: one.used_at_s), demand, capacity)


def drain(
    residents: Sequence[Resident], demand: Demand, capacity: Capacity, *, least_resident_s: float
) -> tuple[str, ...] | None:
    """The same among those at work too, if they have been ready for `least_resident_s`: the longest first."""
    able = [one for one in residents if not one.is_kept]
    able = [one for one in able if not one.in_flight or one.resident_s >= least_resident_s]
    order = sorted(able, key=lambda one: (one.in_flight > 0, -one.resident_s))
    return _pick(residents, order, demand, capacity)


def _pick(
    residents: Sequence[Resident], order: Sequence[Resident], demand: Demand, capacity: Capacity
) -> tuple[str, ...] | None:
    gone: list[Resident] = []
    while not _fits(residents, gone, demand, capacity):
        if len(gone) == len(order):
            return None
        gone.append(order[len(gone)])
    for one in tuple(reversed(gone)):  # the one that was picked last may have made another needless
        rest = [other for other in gone if other is not one]
        if _fits(residents, rest, demand, capacity):
            gone = rest
    return tuple(one.name for one in gone)


def _fits(
    residents: Sequence[Resident], gone: Sequence[Resident], demand: Demand, capacity: Capacity
) -> bool:
    names = {one.name for one in gone}
    held = (one.held for one in residents if one.name not in names)
    return place(demand, held, capacity) is not None
