"""A team's money at a glance: plan, credit in the order in which it burns, caps, forecast, what is owed, alerts.

One snapshot, cheap enough to be asked for whenever somebody opens a page: balances, daily sums and roll-ups are read,
no charge is.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import Connection

from weft.billing.alerts.rules import default_rule, find_rule
from weft.billing.alerts.store import admin_emails, count_messages, list_alerts
from weft.billing.alerts.types import Alert, AlertKind
from weft.billing.purchases.types import MAX_USD, MIN_USD
from weft.billing.spend import month_sums, spent_nusd, window
from weft.billing.terms import TermsBook
from weft.identity.types import Team, User
from weft.kit.clock import Clock, from_us, to_us
from weft.kit.db import Database
from weft.kit.money import NUSD_PER_USD
from weft.kit.settings import Settings
from weft.ledger.accounts import GrantKind
from weft.ledger.grants import TeamBalance, balance_of, list_grants
from weft.ledger.rights import team_to_read
from weft.ledger.usage.forecast import Forecast, forecast_usage
from weft.ledger.usage.report import UsageFilter, UsageRow
from weft.ledger.windows import start_us
from weft.limits.plans.types import CreditEnd, Plan
from weft.limits.routes.answers import plan_info
from weft.limits.types import LimitScope, Period

ALERTS_SHOWN = 20


class TermsInfo(BaseModel):
    """The plan; `caps` says what its cap and those that admins set come to."""

    name: str
    label: str
    included_nusd: str
    """Credit of each month."""
    when_credit_ends: CreditEnd
    concurrency: dict[LimitScope, int]
    """Requests in flight, by whose; who is left out is not limited by the plan."""
    requests_per_minute: dict[LimitScope, int]
    tokens_per_minute: dict[LimitScope, int]


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
    forecast_low_nusd: str | None
    """With `forecast_high_nusd` the range that it ends in, in four cases of five; null: too little is known yet."""
    forecast_high_nusd: str | None
    ends_at: datetime


class UpcomingInfo(BaseModel):
    """What will be charged beyond credit, if the month goes on so; only plans that go on without credit have it."""

    owed_nusd: str
    """What is owed already."""
    expected_nusd: str
    """What will be owed at the end of the month: with what is beyond the credit left, and within the cap."""
    low_nusd: str | None
    high_nusd: str | None
    due_at: datetime
    """When the month ends, and its invoice is made."""


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
    sent: int
    """Messages that arrived."""
    pending: int
    given_up: int


class AlertSetup(BaseModel):
    """What alerts there are, and who is told."""

    percents: list[int]
    """Of credit and caps."""
    overage_steps_nusd: list[str]
    emails: list[str]
    """Of the team's admins, if they are told, and others whom they named."""
    more_emails: int
    """How many others the server tells."""
    has_email: bool
    """Whether the server can send e-mail."""
    has_webhook: bool
    has_team_webhook: bool


class BillingCard(BaseModel):
    """A team's money at a glance; money as nano-dollars."""

    team_id: str
    team: str
    plan: TermsInfo
    credit_nusd: str
    reserved_nusd: str
    """By requests in flight."""
    owed_nusd: str
    """Overage that was not paid yet; below zero: paid ahead."""
    credits: list[CreditInfo]
    caps: list[CapInfo]
    month: MonthInfo
    upcoming: UpcomingInfo | None
    alerts: list[AlertInfo]
    """The newest first."""
    alert_setup: AlertSetup
    can_buy: bool
    """Whether `POST /api/billing/checkout` leads to a payment provider."""
    least_purchase_usd: str = str(MIN_USD)
    most_purchase_usd: str = str(MAX_USD)


@dataclass(frozen=True, slots=True)
class Shop:
    """What the server is set up to do around money."""

    can_buy: bool = False
    has_email: bool = False
    has_webhook: bool = False
    more_emails: int = 0
    overage_steps_usd: tuple[int, ...] = ()

    @classmethod
    def of(cls, settings: Settings, *, can_buy: bool) -> "Shop":
        """As the settings say."""
        return cls(
            can_buy=can_buy,
            has_email=bool(settings.smtp_host),
            has_webhook=bool(settings.alert_webhook_url),
            more_emails=len(settings.alert_emails),
            overage_steps_usd=tuple(settings.overage_steps_usd),
        )


def router(
    database: Database,
    signed_in: Callable[..., Awaitable[User]],
    terms: TermsBook,
    clock: Clock,
    shop: Shop,
) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/billing", tags=["billing"])

    @routes.get("/{team}")
    async def show_billing(caller: Annotated[User, Depends(signed_in)], team: str) -> BillingCard:
        """A team's money at a glance, for its admins."""
        now = clock.now()
        return await database.read_soon(
            lambda c: card_of(
                c, team_to_read(c, caller, team, as_admin=True), terms, now=now, shop=shop
            )
        )

    _ = show_billing
    return routes


def card_of(
    connection: Connection, team: Team, terms: TermsBook, *, now: datetime, shop: Shop
) -> BillingCard:
    """The card of a team."""
    now_us = to_us(now)
    found = terms.of(connection, team.id)
    balance = balance_of(connection, team.id, now_us)
    caps = [
        _cap(connection, team.id, cap.max, cap.period, set_by=cap.set_by, now_us=now_us)
        for cap in found.caps
        if cap.period is not None
    ]
    forecast = forecast_usage(connection, [UsageFilter(team_id=team.id)], now)
    return BillingCard(
        team_id=team.id,
        team=team.name,
        plan=_plan(found.plan),
        credit_nusd=str(balance.credit_nusd),
        reserved_nusd=str(balance.reserved_nusd),
        owed_nusd=str(balance.owed_nusd),
        credits=_credits(connection, team.id, now_us),
        caps=caps,
        month=_month(connection, team.id, forecast),
        upcoming=upcoming_of(balance, forecast, caps) if found.has_overage else None,
        alerts=_alerts(connection, team.id),
        alert_setup=_setup(connection, team.id, shop),
        can_buy=shop.can_buy,
    )


def upcoming_of(balance: TeamBalance, forecast: Forecast, caps: Sequence[CapInfo]) -> UpcomingInfo:
    """What will be owed at the end of the month: credit pays first, and no cap is passed."""
    rooms = [
        max(0, int(cap.max_nusd) - int(cap.spent_nusd))
        for cap in caps
        if cap.period is not Period.DAY
    ]

    def owed(end: UsageRow) -> int:
        more = min([end.cost_nusd - forecast.so_far.cost_nusd, *rooms])
        return balance.owed_nusd + max(0, more - balance.credit_nusd)

    return UpcomingInfo(
        owed_nusd=str(balance.owed_nusd),
        expected_nusd=str(owed(forecast.expected)),
        low_nusd=None if forecast.low is None else str(owed(forecast.low)),
        high_nusd=None if forecast.high is None else str(owed(forecast.high)),
        due_at=forecast.until,
    )


def _plan(plan: Plan) -> TermsInfo:
    told = plan_info(plan, None)
    return TermsInfo(
        name=plan.name,
        label=plan.label,
        included_nusd=str(plan.included_nusd),
        when_credit_ends=plan.when_credit_ends,
        concurrency=told.concurrency,
        requests_per_minute=told.requests_per_minute,
        tokens_per_minute=told.tokens_per_minute,
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


def _month(connection: Connection, team_id: str, forecast: Forecast) -> MonthInfo:
    days, name = window(Period.MONTH, to_us(forecast.now))
    assert name == forecast.month
    return MonthInfo(
        month=name,
        spent_nusd=str(spent_nusd(connection, team_id, days)),
        overage_nusd=str(month_sums(connection, team_id, name).overage_nusd),
        forecast_nusd=str(forecast.expected.cost_nusd),
        forecast_low_nusd=None if forecast.low is None else str(forecast.low.cost_nusd),
        forecast_high_nusd=None if forecast.high is None else str(forecast.high.cost_nusd),
        ends_at=from_us(start_us(days[1] + 1)),
    )


def _alerts(connection: Connection, team_id: str) -> list[AlertInfo]:
    alerts = list_alerts(connection, team_id, ALERTS_SHOWN)
    counts = count_messages(connection, [alert.id for alert in alerts])
    return [_alert(alert, counts.get(alert.id, (0, 0, 0))) for alert in alerts]


def _alert(alert: Alert, counts: tuple[int, int, int]) -> AlertInfo:
    crossing = alert.crossing
    overage = crossing.kind is AlertKind.OVERAGE
    sent, pending, given_up = counts
    return AlertInfo(
        id=alert.id,
        kind=crossing.kind,
        threshold_percent=None if overage else crossing.threshold,
        threshold_nusd=str(crossing.threshold) if overage else None,
        window=crossing.period,
        current_nusd=str(crossing.current_nusd),
        max_nusd=str(crossing.max_nusd),
        made_at=from_us(alert.made_at_us),
        sent=sent,
        pending=pending,
        given_up=given_up,
    )


def _setup(connection: Connection, team_id: str, shop: Shop) -> AlertSetup:
    rule = find_rule(connection, team_id) or default_rule(shop.overage_steps_usd)
    admins = admin_emails(connection, team_id) if rule.tells_admins else []
    return AlertSetup(
        percents=list(rule.percents),
        overage_steps_nusd=[str(usd * NUSD_PER_USD) for usd in rule.steps_usd],
        emails=list(dict.fromkeys([*admins, *rule.emails])),
        more_emails=shop.more_emails,
        has_email=shop.has_email,
        has_webhook=shop.has_webhook,
        has_team_webhook=bool(rule.webhook_url),
    )
