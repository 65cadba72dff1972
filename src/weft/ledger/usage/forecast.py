"""What a month will come to, from what it came to so far.

forecast = so far + rate x what is left of the month. The rate is the mean of two: that of the month so far, and that of
the last seven days, so that a change of habit counts for half. In the first seven days of a month the last seven days
are all that is asked: they hold the month so far. For whoever began less than seven days ago, they count from the first
request, but as one day at least.
"""

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
    return Forecast(f"{since:%Y-%m}", since, until, now, so_far, UsageRow("", **expected))


def _rate(month: Fraction, week: Fraction, *, is_young: bool) -> Fraction:
    return week if is_young else (month + week) / 2
