"""How far a limit is used, read from the ledger's tables: for people who ask. Admission has its own book of it.

All SQL of it is here. Figures are those of one snapshot: a reading transaction belongs to the caller.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from weft.kit.money import NanoUsd
from weft.ledger.grants import balance_of, given_by_plan
from weft.ledger.schema import hold, rate, spend
from weft.ledger.windows import (
    US_PER_MINUTE,
    Days,
    day_of,
    minute_of,
    month_of,
    start_us,
    year_of,
)
from weft.limits.types import Allowance, Limit, LimitKind, LimitScope, Period

_HOLDER = {
    LimitScope.KEY: hold.c.key_id,
    LimitScope.USER: hold.c.user_id,
    LimitScope.PROJECT: hold.c.project_id,
    LimitScope.PROJECT_MODEL: hold.c.project_id,
    LimitScope.TEAM: hold.c.team_id,
}


@dataclass(frozen=True, slots=True)
class Count:
    """One limit, and how far it is used."""

    limit: Limit
    current: int
    """With what open holds reserve."""
    reserved: int
    """By open holds, of `current`; 0 where nothing is reserved."""
    resets_at_us: int | None
    """When the window turns."""

    @property
    def left(self) -> int:
        """What is still allowed."""
        return max(self.limit.max - self.current, 0)


@dataclass(frozen=True, slots=True)
class CreditLeft:
    """A team's credit."""

    left_nusd: NanoUsd
    """What open holds reserve is taken off; what the plan includes for this month is in it."""
    reserved_nusd: NanoUsd
    owed_nusd: NanoUsd
    """Overage that was not paid yet."""
    included_nusd: NanoUsd
    """What the plan gives for each month."""
    resets_at_us: int | None
    """When the plan gives the next; None: it gives none."""


def count_limits(connection: Connection, limits: Sequence[Limit], now_us: int) -> list[Count]:
    """How far each of `limits` is used."""
    return [_count(connection, limit, now_us) for limit in limits]


def credit_left(
    connection: Connection, allowance: Allowance, team_id: str, now_us: int
) -> CreditLeft:
    """What credit a team has. The plan's of this month counts also before the first request had it given."""
    balance = balance_of(connection, team_id, now_us)
    included = allowance.credit.amount_nusd if allowance.credit else 0
    given = given_by_plan(connection, team_id, start_us(month_of(day_of(now_us))[0]))
    credit = balance.credit_nusd + max(included - given, 0)
    return CreditLeft(
        left_nusd=NanoUsd(max(credit - balance.reserved_nusd, 0)),
        reserved_nusd=NanoUsd(balance.reserved_nusd),
        owed_nusd=NanoUsd(balance.owed_nusd),
        included_nusd=NanoUsd(included),
        resets_at_us=start_us(month_of(day_of(now_us))[1] + 1) if included else None,
    )


def window_end_us(period: Period | None, now_us: int) -> int | None:
    """When a window that `now_us` is in turns."""
    if period is None:
        return None
    if period is Period.MINUTE:
        return (minute_of(now_us) + 1) * US_PER_MINUTE
    return start_us(_days(period, now_us)[1] + 1)


def _count(connection: Connection, limit: Limit, now_us: int) -> Count:
    match limit.kind:
        case LimitKind.CONCURRENCY:
            current, reserved = _in_flight(connection, limit), 0
        case LimitKind.SPEND:
            reserved = _reserved(connection, limit)
            current = _spent(connection, limit.scope_id, _days(limit.period, now_us)) + reserved
        case LimitKind.REQUESTS | LimitKind.TOKENS:
            column = rate.c.requests if limit.kind is LimitKind.REQUESTS else rate.c.tokens
            wanted = select(column).where(
                rate.c.scope_id == limit.scope_id, rate.c.minute == minute_of(now_us)
            )
            current, reserved = int(connection.execute(wanted).scalar_one_or_none() or 0), 0
        case LimitKind.CREDITS:
            raise AssertionError("credit is counted by credit_left")
    return Count(limit, current, reserved, window_end_us(limit.period, now_us))


def _in_flight(connection: Connection, limit: Limit) -> int:
    wanted = select(func.count()).select_from(hold).where(_HOLDER[limit.scope] == limit.scope_id)
    if limit.model_id:
        wanted = wanted.where(hold.c.model_id == limit.model_id)
    return int(connection.execute(wanted).scalar_one())


def _reserved(connection: Connection, limit: Limit) -> int:
    wanted = select(func.coalesce(func.sum(hold.c.amount_nusd), 0)).where(
        _HOLDER[limit.scope] == limit.scope_id
    )
    return int(connection.execute(wanted).scalar_one())


def _spent(connection: Connection, scope_id: str, days: Days) -> int:
    wanted = select(func.coalesce(func.sum(spend.c.spent_nusd), 0)).where(
        spend.c.scope_id == scope_id, spend.c.day >= days[0], spend.c.day <= days[1]
    )
    return int(connection.execute(wanted).scalar_one())


def _days(period: Period | None, now_us: int) -> Days:
    day = day_of(now_us)
    match period:
        case Period.MONTH:
            return month_of(day)
        case Period.YEAR:
            return year_of(day)
        case _:
            return day, day
