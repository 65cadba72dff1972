"""A team's money at a glance: plan, credit in the order in which it burns, caps, forecast, what is owed, alerts.

One snapshot, cheap enough to be asked for whenever somebody opens a page: balances, daily sums and roll-ups are read,
no charge is.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import Connection

from weft.billing.alerts.store import list_alerts
from weft.billing.alerts.types import Alert, AlertKind
from weft.billing.purchases.types import MAX_USD, MIN_USD
from weft.billing.spend import month_sums, spent_nusd, window
from weft.billing.terms import TermsBook
from weft.identity.types import Team, User
from weft.kit.clock import Clock, from_us, to_us
from weft.kit.db import Database
from weft.ledger.accounts import GrantKind
from weft.ledger.grants import balance_of, list_grants
from weft.ledger.rights import team_to_read
from weft.ledger.usage.forecast import forecast_usage
from weft.ledger.usage.report import UsageFilter
from weft.ledger.windows import day_of, month_name, start_us
from weft.limits.plans.types import CreditEnd
from weft.limits.types import Period

ALERTS_SHOWN = 20


class PlanInfo(BaseModel):
    """The plan."""

    name: str
    label: str
    included_nusd: str
    """Credit of each month."""
    when_credit_ends: CreditEnd


class CreditInfo(BaseModel):
    """Credit that is left; the first of the list burns first."""

    kind: GrantKind
    amount_nusd: str
    left_nusd: str
    created_at: datetime
    expires_at: datetime | None
    note: str


class CapInfo(BaseModel):
    """A cap of the whole team, and what was spent of it."""

    period: Period
    window: str
    max_nusd: str
    spent_nusd: str
    resets_at: datetime
    set_by: str


class MonthInfo(BaseModel):
    """The present month."""

    month: str
    spent_nusd: str
    overage_nusd: str
    """Of that, what no credit paid: comes on the invoice. A few seconds behind."""
    forecast_nusd: str
    """What the month will have cost at its end, if it goes on so."""
    ends_at: datetime


class AlertInfo(BaseModel):
    """A threshold that was reached."""

    id: str
    kind: AlertKind
    threshold_percent: int | None
    threshold_nusd: str | None
    window: str
    current_nusd: str
    max_nusd: str
    made_at: datetime


class BillingCard(BaseModel):
    """A team's money at a glance; money as nano-dollars."""

    team_id: str
    team: str
    plan: PlanInfo
    credit_nusd: str
    reserved_nusd: str
    """By requests in flight."""
    owed_nusd: str
    """Overage that was not paid yet; below zero: paid ahead."""
    credits: list[CreditInfo]
    caps: list[CapInfo]
    month: MonthInfo
    alerts: list[AlertInfo]
    """The newest first."""
    can_buy: bool
    """Whether `POST /api/billing/checkout` leads to a payment provider."""
    least_purchase_usd: str = str(MIN_USD)
    most_purchase_usd: str = str(MAX_USD)


def router(
    database: Database,
    signed_in: Callable[..., Awaitable[User]],
    terms: TermsBook,
    clock: Clock,
    *,
    can_buy: bool,
) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/billing", tags=["billing"])

    @routes.get("/{team}")
    async def show_billing(caller: Annotated[User, Depends(signed_in)], team: str) -> BillingCard:
        """A team's money at a glance, for its admins."""
        now = clock.now()
        return await database.read_soon(
            lambda c: card_of(
                c, team_to_read(c, caller, team, as_admin=True), terms, now=now, can_buy=can_buy
            )
        )

    _ = show_billing
    return routes


def card_of(
    connection: Connection, team: Team, terms: TermsBook, *, now: datetime, can_buy: bool
) -> BillingCard:
    """The card of a team."""
    now_us = to_us(now)
    found = terms.of(connection, team.id)
    balance = balance_of(connection, team.id, now_us)
    return BillingCard(
        team_id=team.id,
        team=team.name,
        plan=PlanInfo(
            name=found.plan.name,
            label=found.plan.label,
            included_nusd=str(found.plan.included_nusd),
            when_credit_ends=found.plan.when_credit_ends,
        ),
        credit_nusd=str(balance.credit_nusd),
        reserved_nusd=str(balance.reserved_nusd),
        owed_nusd=str(balance.owed_nusd),
        credits=_credits(connection, team.id, now_us),
        caps=[
            _cap(connection, team.id, cap.max, cap.period, set_by=cap.set_by, now_us=now_us)
            for cap in found.caps
            if cap.period is not None
        ],
        month=_month(connection, team.id, now),
        alerts=[_alert(alert) for alert in list_alerts(connection, team.id, ALERTS_SHOWN)],
        can_buy=can_buy,
    )


def _credits(connection: Connection, team_id: str, now_us: int) -> list[CreditInfo]:
    return [
        CreditInfo(
            kind=each.grant.kind,
            amount_nusd=str(each.grant.amount_nusd),
            left_nusd=str(each.left_nusd),
            created_at=from_us(each.grant.created_at_us),
            expires_at=None
            if each.grant.expires_at_us is None
            else from_us(each.grant.expires_at_us),
            note=each.grant.note,
        )
        for each in list_grants(connection, team_id, now_us)
        if each.left_nusd and not each.expired
    ]


def _cap(
    connection: Connection,
    team_id: str,
    max_nusd: int,
    period: Period,
    *,
    set_by: str,
    now_us: int,
) -> CapInfo:
    days, name = window(period, now_us)
    return CapInfo(
        period=period,
        window=name,
        max_nusd=str(max_nusd),
        spent_nusd=str(spent_nusd(connection, team_id, days)),
        resets_at=from_us(start_us(days[1] + 1)),
        set_by=set_by,
    )


def _month(connection: Connection, team_id: str, now: datetime) -> MonthInfo:
    now_us = to_us(now)
    days, name = window(Period.MONTH, now_us)
    assert name == month_name(day_of(now_us))
    forecast = forecast_usage(connection, [UsageFilter(team_id=team_id)], now)
    return MonthInfo(
        month=name,
        spent_nusd=str(spent_nusd(connection, team_id, days)),
        overage_nusd=str(month_sums(connection, team_id, name).overage_nusd),
        forecast_nusd=str(forecast.expected.cost_nusd),
        ends_at=from_us(start_us(days[1] + 1)),
    )


def _alert(alert: Alert) -> AlertInfo:
    crossing = alert.crossing
    overage = crossing.kind is AlertKind.OVERAGE
    return AlertInfo(
        id=alert.id,
        kind=crossing.kind,
        threshold_percent=None if overage else crossing.threshold,
        threshold_nusd=str(crossing.threshold) if overage else None,
        window=crossing.period,
        current_nusd=str(crossing.current_nusd),
        max_nusd=str(crossing.max_nusd),
        made_at=from_us(alert.made_at_us),
    )
