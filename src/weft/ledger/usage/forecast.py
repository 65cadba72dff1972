"""What a month will come to, from what it came to so far.

forecast = so far + rate x what is left of the month. The rate is the mean of two: that of the month so far, and that of
the last seven days, so that a change of habit counts for half. In the first seven days of a month the last seven days
are all that is asked: they hold the month so far. For whoever began less than seven days ago, they count from the first
request, but as one day at least.

How sure that is, the days of the last week tell, as far as they differ from one another: of days like these, four
months in five end between `low` and `high`. With n days of mean m and standard deviation s, what D more days come to
lies within t(0.9, n - 1) x s x sqrt(D + D x D / n) of D x m: the first term is the luck of the days to come, the second
that the mean of n days is no more than an estimate (the prediction interval of a sum of independent values alike). Days
that follow weekends differ from one another, which makes the range wider than need be, not narrower. Fewer than three
days tell nothing of it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from sqlalchemy import Connection

from weft.kit.clock import to_us
from weft.ledger.usage.report import GroupBy, UsageFilter, UsageRow, total
from weft.ledger.usage.rollups.tiers import US_PER_DAY, US_PER_HOUR
from weft.ledger.usage.sums import sum_hours, sum_usage

_WEEK = timedelta(days=7)
_FIGURES = ("requests", "input_tokens", "output_tokens", "cost_nusd")
CONFIDENCE = 0.8
"""How often the month ends within the range."""
_T_90 = {3: 1.886, 4: 1.638, 5: 1.533, 6: 1.476, 7: 1.440}
"""Student's t at 0.9 with n - 1 degrees of freedom, by n: a tenth of all is above it, a tenth below its negative."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """One calendar month in UTC."""

    month: str
    since: datetime
    until: datetime
    now: datetime
    so_far: UsageRow
    expected: UsageRow
    """At the month's end. Holds requests, input and output tokens, and cost."""
    low: UsageRow | None = None
    """A tenth of months like this one end below it; None: too little is known. Never below `so_far`."""
    high: UsageRow | None = None
    """A tenth ends above it."""


def forecast_usage(connection: Connection, filters: list[UsageFilter], now: datetime) -> Forecast:
    """The present month of what `filters` let through; their own spans are left aside."""
    since = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    until = (since + timedelta(days=32)).replace(day=1)
    month = [replace(each, since=since, until=now) for each in filters]
    week = [replace(each, since=now - _WEEK, until=now) for each in filters]
    so_far = total(sum_usage(connection, GroupBy.MONTH, month))
    hours = sum_hours(connection, week)
    first_us = min(hours) * US_PER_HOUR if hours else to_us(now)
    recent_us = min(max(to_us(now) - first_us, US_PER_DAY), 7 * US_PER_DAY)
    recent = total(hours.values())
    left_us = to_us(until) - to_us(now)
    elapsed_us = to_us(now) - to_us(since)
    expected = {
        figure: getattr(so_far, figure)
        + round(
            left_us
            * _rate(
                Fraction(getattr(so_far, figure), max(elapsed_us, 1)),
                Fraction(getattr(recent, figure), recent_us),
                is_young=elapsed_us < 7 * US_PER_DAY,
            )
        )
        for figure in _FIGURES
    }
    low, high = _range(_days(hours, now, recent_us), left_us, so_far, expected)
    return Forecast(
        f"{since:%Y-%m}", since, until, now, so_far, UsageRow("", **expected), low=low, high=high
    )


def margin(days: Sequence[int], left_us: int) -> int | None:
    """How far what the rest of a month comes to may be from its mean, judged by the sums of some last days.

    None: they are fewer than three.
    """
    count = len(days)
    t_90 = _T_90.get(count)
    if t_90 is None:
        return None
    mean = sum(days) / count
    variance = sum((day - mean) ** 2 for day in days) / (count - 1)
    left = left_us / US_PER_DAY
    return round(t_90 * math.sqrt(variance * (left + left * left / count)))


def _days(hours: Mapping[int, UsageRow], now: datetime, recent_us: int) -> list[UsageRow]:
    """The whole days before `now`, the latest first: 24 hours each, as many as use goes back, seven at most."""
    days: list[list[UsageRow]] = [[] for _ in range(recent_us // US_PER_DAY)]
    for hour, row in hours.items():
        ago = (to_us(now) - hour * US_PER_HOUR - 1) // US_PER_DAY
        if 0 <= ago < len(days):
            days[ago].append(row)
    return [total(rows) for rows in days]


def _range(
    days: Sequence[UsageRow], left_us: int, so_far: UsageRow, expected: Mapping[str, int]
) -> tuple[UsageRow | None, UsageRow | None]:
    low: dict[str, int] = {}
    high: dict[str, int] = {}
    for figure in _FIGURES:
        off = margin([getattr(day, figure) for day in days], left_us)
        if off is None:
            return None, None
        low[figure] = max(getattr(so_far, figure), expected[figure] - off)
        high[figure] = expected[figure] + off
    return UsageRow("", "", **low), UsageRow("", "", **high)


def _rate(month: Fraction, week: Fraction, *, is_young: bool) -> Fraction:
    return week if is_young else (month + week) / 2
