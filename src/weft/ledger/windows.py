"""UTC calendar windows, computed from a moment: minutes, days, months and years. Pure; no job turns them over.

A day is its number since the epoch, a minute likewise; a span of days is `(first, last)`, both inclusive.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

US_PER_MINUTE = 60_000_000
US_PER_DAY = 86_400_000_000
_EPOCH = date(1970, 1, 1)

Days = tuple[int, int]


def minute_of(moment_us: int) -> int:
    """The minute's number since the epoch."""
    return moment_us // US_PER_MINUTE


def day_of(moment_us: int) -> int:
    """The day's number since the epoch."""
    return moment_us // US_PER_DAY


@lru_cache(maxsize=64)
def month_of(day: int) -> Days:
    """The days of the calendar month that `day` is in."""
    on = _date(day)
    following = date(on.year + on.month // 12, on.month % 12 + 1, 1)
    return _number(on.replace(day=1)), _number(following) - 1


@lru_cache(maxsize=64)
def year_of(day: int) -> Days:
    """The days of the calendar year that `day` is in."""
    year = _date(day).year
    return _number(date(year, 1, 1)), _number(date(year + 1, 1, 1)) - 1


def month_name(day: int) -> str:
    """The month that `day` is in, as `2026-11`."""
    return _date(day).isoformat()[:7]


def start_us(day: int) -> int:
    """The moment a day begins."""
    return day * US_PER_DAY


def days_of_month(month: str) -> Days:
    """The days of a month that is written `2026-11`.

    Raises:
        ValueError: it is no month.
    """
    first = datetime.strptime(f"{month}-01", "%Y-%m-%d").replace(tzinfo=UTC).date()
    return month_of(_number(first))


def _date(day: int) -> date:
    return _EPOCH + timedelta(days=day)


def _number(on: date) -> int:
    return (on - _EPOCH).days
