"""The roll-ups' words: for how long a row sums, and of what.

A row of `usage_sum` belongs to a tier, a period and a series. The tier is a grain (hour, day, month; in UTC) and a
level. The series says whose usage it is: at the level `DETAIL` one team, project, user, key and model; at the others
the ids that do not belong to the level (`HELD`) are empty. Numbers count from the Unix epoch: hours, days, and months
as 12 x year + month - 1.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum

from weft.kit.clock import from_us, to_us

US_PER_HOUR = 3_600_000_000
US_PER_DAY = 24 * US_PER_HOUR


class Grain(IntEnum):
    """For how long a row sums."""

    HOUR = 0
    DAY = 1
    MONTH = 2


class Level(IntEnum):
    """Of what a row sums."""

    DETAIL = 0
    PROJECT = 1
    USER = 2
    TEAM = 3
    ALL = 4


HELD: dict[Level, frozenset[str]] = {
    Level.DETAIL: frozenset({"team_id", "project_id", "user_id", "key_id", "model_id"}),
    Level.PROJECT: frozenset({"team_id", "project_id", "model_id"}),
    Level.USER: frozenset({"team_id", "user_id"}),
    Level.TEAM: frozenset({"team_id", "model_id"}),
    Level.ALL: frozenset({"model_id"}),
}
"""The ids of a level's series; the later a level, the fewer rows it has."""


def tier(grain: Grain, level: Level) -> int:
    """The number of a tier in the table."""
    return 10 * grain + level


BASE = tier(Grain.HOUR, Level.DETAIL)
"""Written with the records themselves; all others are folded from it when its hour is over."""
FOLDED = (
    (Grain.HOUR, Level.TEAM),
    (Grain.HOUR, Level.ALL),
    *((Grain.DAY, level) for level in Level),
    *((Grain.MONTH, level) for level in Level),
)
FIGURES = (
    "requests",
    "cancelled",
    "failed",
    "refused",
    "interrupted",
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost_nusd",
)
"""What is summed, in the order of the columns."""


def level_of(columns: Collection[str]) -> Level:
    """The level with the fewest rows that holds these ids."""
    return max(level for level in Level if HELD[level].issuperset(columns))


def hour_of(moment_us: int) -> int:
    """The hour that a stamp lies in."""
    return moment_us // US_PER_HOUR


def day_of(hour: int) -> int:
    """The day that an hour lies in."""
    return hour // 24


def month_of(day: int) -> int:
    """The month that a day lies in."""
    moment = from_us(day * US_PER_DAY)
    return 12 * moment.year + moment.month - 1


def month_start(month: int) -> datetime:
    """When a month begins."""
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)


def first_hour(grain: Grain, period: int) -> int:
    """The first hour of a period."""
    match grain:
        case Grain.HOUR:
            return period
        case Grain.DAY:
            return 24 * period
        case Grain.MONTH:
            return hour_of(to_us(month_start(period)))


def period_of(grain: Grain, hour: int) -> int:
    """The period that an hour lies in."""
    match grain:
        case Grain.HOUR:
            return hour
        case Grain.DAY:
            return day_of(hour)
        case Grain.MONTH:
            return month_of(day_of(hour))


def period_text(grain: Grain, period: int) -> str:
    """A period as people write it: `2026-11-30T05:00Z`, `2026-11-30`, `2026-11`."""
    match grain:
        case Grain.HOUR:
            start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=period)
            return f"{start:%Y-%m-%dT%H:00Z}"
        case Grain.DAY:
            return (date(1970, 1, 1) + timedelta(days=period)).isoformat()
        case Grain.MONTH:
            return f"{period // 12:04d}-{period % 12 + 1:02d}"
