"""How a span of time is put together from roll-ups: whole months, then days, then hours, and the rest record by record.

Pure. The span is exact to the microsecond: what lies in an hour that is only partly wanted is counted from the records
themselves, which are those of two hours at most.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from weft.kit.clock import to_us
from weft.ledger.usage.rollups.tiers import (
    FOLDED,
    US_PER_HOUR,
    Grain,
    Level,
    first_hour,
    hour_of,
    period_of,
)

_FOR_EVER = 10_000_000
"""An hour in the year 3110."""


@dataclass(frozen=True, slots=True)
class Rolled:
    """The rows of a tier from period `start` until before `end`."""

    grain: Grain
    level: Level
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Single:
    """The records posted from `since_us` until before `until_us`, all in one hour."""

    since_us: int
    until_us: int

    @property
    def hour(self) -> int:
        """The hour that they lie in."""
        return hour_of(self.since_us)


Part = Rolled | Single


@dataclass(frozen=True, slots=True)
class Ask:
    """What a report needs to know of a span."""

    since: datetime | None
    until: datetime | None
    level: Level
    coarsest: Grain
    folded: int
    """The hour up to which the coarser tiers are complete."""


def parts_of(ask: Ask) -> list[Part]:
    """What makes up the span, each moment of it once."""
    parts: list[Part] = []
    start, end = 0, _FOR_EVER
    since_us = None if ask.since is None else max(0, to_us(ask.since))
    until_us = None if ask.until is None else max(0, to_us(ask.until))
    if since_us is not None:
        start = -(-since_us // US_PER_HOUR)
        edge_us = start * US_PER_HOUR
        if until_us is not None:
            edge_us = min(edge_us, until_us)
        if since_us < edge_us:
            parts.append(Single(since_us, edge_us))
    if until_us is not None:
        end = hour_of(until_us)
        if end >= start and end * US_PER_HOUR < until_us:
            parts.append(Single(end * US_PER_HOUR, until_us))
    if start < min(end, ask.folded):
        finished = min(end, ask.folded)
        parts += _rolled(ask, start, finished, is_open=finished == ask.folded)
    if max(start, ask.folded) < end:
        parts.append(Rolled(Grain.HOUR, Level.DETAIL, max(start, ask.folded), end))
    return parts


def _rolled(ask: Ask, start: int, end: int, *, is_open: bool) -> Iterator[Rolled]:
    grains = [grain for grain in (Grain.MONTH, Grain.DAY, Grain.HOUR) if grain <= ask.coarsest]
    for grain, first, last in _split(grains, start, end, is_open=is_open):
        level = ask.level
        if (grain, level) not in FOLDED:
            level = Level.DETAIL  # of the hour, which is kept by fewer levels
        yield Rolled(grain, level, first, last)


def _split(
    grains: Sequence[Grain], start: int, end: int, *, is_open: bool
) -> Iterator[tuple[Grain, int, int]]:
    """Hours `start` until `end` in as few rows as can be.

    Open: nothing is folded beyond `end`, so that the periods which it lies in hold no more than what is wanted.
    """
    if start >= end:
        return
    grain, *finer = grains
    first = period_of(grain, start)
    if first_hour(grain, first) < start:
        first += 1
    last = period_of(grain, end - 1) + 1
    if not is_open and first_hour(grain, last) > end:
        last -= 1
    if first >= last:
        yield from _split(finer, start, end, is_open=is_open)
        return
    yield grain, first, last
    if finer:
        yield from _split(finer, start, first_hour(grain, first), is_open=False)
        if not is_open:
            yield from _split(finer, first_hour(grain, last), end, is_open=False)
