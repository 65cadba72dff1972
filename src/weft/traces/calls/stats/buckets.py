"""Cuts time into buckets that begin where people's days and hours do.

Buckets shorter than a day begin at midnight of the zone and go on in equal steps until the next one; where a day has 23
or 25 hours, its last bucket is shorter or there is one more. Buckets of whole days begin at midnights, counted from
1970. Lengths that do neither fit a day nor are days begin at multiples of themselves, in UTC.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from weft.traces.calls.stats.shapes import Span
from weft.traces.types import HOUR_US, US_PER_S

DAY_S = 86_400
_EPOCH = date(1970, 1, 1)


class Buckets:
    """The buckets of a span, by where they begin."""

    def __init__(self, span: Span) -> None:
        starts = sorted(set(_starts(span)))
        first = max(bisect_right(starts, span.start_us) - 1, 0)
        self.starts = [start for start in starts[first:] if start < span.end_us]

    def start_of(self, moment_us: int) -> int:
        """Where the bucket begins that a moment of the span lies in."""
        return self.starts[max(bisect_right(self.starts, moment_us) - 1, 0)]

    @property
    def piece_us(self) -> int:
        """The longest pieces, counted from 1970, that time can be cut into so that each is in one bucket."""
        return math.gcd(*self.starts[1:]) or HOUR_US

    @property
    def fit_hours(self) -> bool:
        """Whether no bucket ends within an hour."""
        return all(start % HOUR_US == 0 for start in self.starts[1:])


def _starts(span: Span) -> Iterator[int]:
    step_us = span.granularity_s * US_PER_S
    if span.granularity_s % DAY_S == 0:
        every = span.granularity_s // DAY_S
        first = _day(span, span.start_us)
        number = (first - _EPOCH).days
        day = first - timedelta(days=number % every)
        while (start := _midnight(span, day)) < span.end_us:
            yield start
            day += timedelta(days=every)
    elif DAY_S % span.granularity_s == 0:
        day = _day(span, span.start_us)
        while (start := _midnight(span, day)) < span.end_us:
            day += timedelta(days=1)
            yield from range(start, min(_midnight(span, day), span.end_us), step_us)
    else:
        yield from range(span.start_us // step_us * step_us, span.end_us, step_us)


def _day(span: Span, moment_us: int) -> date:
    return datetime.fromtimestamp(moment_us // US_PER_S, span.zone).date()


def _midnight(span: Span, day: date) -> int:
    local = datetime(day.year, day.month, day.day, tzinfo=span.zone)
    return int(local.timestamp()) * US_PER_S
