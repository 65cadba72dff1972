"""Looks at a team's credit, caps and overage, and says which thresholds it has reached.

100 percent are reached when less than a cent is missing, too: a request that does not fit any more is refused, so that
the last bit of credit or of a cap may never be used.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from weft.billing.alerts.rules import AlertRule
from weft.billing.alerts.types import CAPS, AlertKind, Crossing
from weft.billing.spend import month_sums, spent_nusd, window
from weft.billing.terms import Terms
from weft.kit.money import NUSD_PER_USD
from weft.ledger.grants import list_grants
from weft.ledger.windows import US_PER_DAY, days_of_month, start_us
from weft.limits.types import Period

OLD_US = 7 * US_PER_DAY
"""A month that ended longer ago is not told of any more: who was away for so long looks at the invoice."""
_CENT_NUSD = NUSD_PER_USD // 100


def look_at(
    connection: Connection,
    team_id: str,
    month: str,
    *,
    terms: Terms,
    rule: AlertRule,
    now_us: int,
) -> list[Crossing]:
    """The thresholds that a team has reached; of a month that is over, only what it came to.

    A charge of the last seconds of a month may be looked at in the next one.
    """
    ends_at_us = start_us(days_of_month(month)[1] + 1)
    is_over = now_us >= ends_at_us
    if now_us >= ends_at_us + OLD_US:
        return []
    moment_us = min(now_us, ends_at_us - 1)
    sums = month_sums(connection, team_id, month)
    found = list(_steps(sums.overage_nusd, month, rule, ends_at_us))
    if not is_over:
        left = sum(
            each.left_nusd for each in list_grants(connection, team_id, now_us) if not each.expired
        )
        had = left + sums.burnt_nusd
        if had and sums.burnt_nusd:
            found += percents(AlertKind.CREDITS, month, rule, sums.burnt_nusd, had, ends_at_us)
    for cap in terms.caps:
        if cap.period is Period.DAY and is_over:
            continue
        assert cap.period is not None
        days, name = window(cap.period, moment_us)
        spent = spent_nusd(connection, team_id, days)
        found += percents(CAPS[cap.period], name, rule, spent, cap.max, start_us(days[1] + 1))
    return found


def percents(
    kind: AlertKind,
    period: str,
    rule: AlertRule,
    current_nusd: int,
    max_nusd: int,
    resets_at_us: int,
) -> Iterator[Crossing]:
    """The percentages of `max_nusd` that were reached."""
    for percent in rule.percents:
        missing = percent * max_nusd - current_nusd * 100
        nearly = percent == 100 and max_nusd > NUSD_PER_USD and missing < 100 * _CENT_NUSD
        if current_nusd and (missing <= 0 or nearly):
            yield Crossing(kind, percent, period, current_nusd, max_nusd, resets_at_us)


def _steps(overage_nusd: int, month: str, rule: AlertRule, resets_at_us: int) -> Iterator[Crossing]:
    for step in rule.steps_usd:
        nusd = step * NUSD_PER_USD
        if overage_nusd >= nusd:
            yield Crossing(AlertKind.OVERAGE, nusd, month, overage_nusd, nusd, resets_at_us)


def highest(crossings: Sequence[Crossing]) -> Iterator[Crossing]:
    """Of each kind and window the highest threshold: who is told of 80 percent need not be told of 50."""
    best: dict[tuple[AlertKind, str], Crossing] = {}
    for crossing in crossings:
        key = crossing.kind, crossing.period
        if key not in best or best[key].threshold < crossing.threshold:
            best[key] = crossing
    yield from best.values()
