"""`/api/billing/{team}/alerts`: at which thresholds a team is told, and who. For its admins and the server's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import Connection

from weft.billing.alerts.changing import AlertRuleRequest, change_rule, host_of
from weft.billing.alerts.outbox import Sender
from weft.billing.alerts.routes import TestOutcome, outcome_of
from weft.billing.alerts.rules import WebhookSeal, default_rule, find_rule
from weft.billing.alerts.store import admin_emails
from weft.billing.alerts.trying import made_up, try_channel
from weft.billing.alerts.types import Channel
from weft.identity.audit.store import count_since, record
from weft.identity.audit.types import Actor
from weft.identity.rights.teams import team_to_manage
from weft.identity.routes import SignedIn
from weft.identity.types import Team, User
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.errors import InvalidRequest, Refused
from weft.kit.settings import Settings


class AlertRuleInfo(BaseModel):
    """When a team is told, and who."""

    is_default: bool
    """Whether nobody set anything: the server's settings hold."""
    percents: list[int]
    """Of credit and caps."""
    overage_steps_usd: list[int]
    """Dollars beyond credit within a month."""
    tells_admins: bool
    admin_emails: list[str]
    """Of the team's admins that have an address."""
    emails: list[str]
    """Others who are told."""
    webhook_url: str
    new_secret: str | None = None
    """What posts to a webhook that was set just now are signed with; told this once."""


@dataclass(frozen=True, slots=True)
class TeamDesk:
    """What the routes work with."""

    database: Database
    senders: Mapping[Channel, Sender]
    settings: Settings
    clock: Clock
    seal: WebhookSeal


def router(desk: TeamDesk, signed_in: SignedIn) -> APIRouter:
    """The routes; `signed_in` is a FastAPI dependency that yields who asks, or refuses."""
    routes = APIRouter(prefix="/api/billing", tags=["billing"])
    database, clock = desk.database, desk.clock
    steps = desk.settings.overage_steps_usd

    @routes.get("/{team}/alerts")
    async def show_alert_rule(
        caller: Annotated[User, Depends(signed_in)], team: str
    ) -> AlertRuleInfo:
        """At which thresholds the team is told, and who."""
        return await database.read_soon(lambda c: _told(c, _team(c, caller, team), steps))

    @routes.put("/{team}/alerts")
    async def set_alert_rule(
        caller: Annotated[User, Depends(signed_in)], team: str, wanted: AlertRuleRequest
    ) -> AlertRuleInfo:
        """Set them anew. A webhook that is new gets a secret, which this answer tells."""
        by, now = Actor(caller.username, caller.id), clock.now()

        def change(connection: Connection) -> AlertRuleInfo:
            found = _team(connection, caller, team)
            fresh = change_rule(
                connection, found, wanted, steps=steps, seal=desk.seal, by=by, now=now
            )
            return _told(connection, found, steps).model_copy(update={"new_secret": fresh})

        return await database.write_soon(change)

    @routes.post("/{team}/alerts/test")
    async def try_alert_webhook(
        caller: Annotated[User, Depends(signed_in)], team: str
    ) -> TestOutcome:
        """Send a made-up alert to the team's webhook now, and say what happened."""
        now = clock.now()
        found, url = await database.write_soon(lambda c: _record_test(c, caller, team, now))
        notice = made_up(desk.settings, found)
        tried = await try_channel(desk.senders, Channel.TEAM_WEBHOOK, url, notice)
        return outcome_of(Channel.TEAM_WEBHOOK, tried)

    _ = (show_alert_rule, set_alert_rule, try_alert_webhook)
    return routes


TEST = "alert.test"
"""What the audit log calls it."""
TESTS_A_MINUTE = 5
"""Of one team: whoever may send them decides where they go."""


class TooManyTests(Refused):
    """The team's webhook was tried often within the last minute."""

    code = "too_many_alert_tests"


class NoWebhook(InvalidRequest):
    """The team has no webhook of its own that could be tried."""

    code = "no_alert_webhook"


def _record_test(
    connection: Connection, caller: User, name: str, now: datetime
) -> tuple[Team, str]:
    """The team and the URL of its webhook."""
    team = _team(connection, caller, name)
    rule = find_rule(connection, team.id)
    if rule is None or not rule.webhook_url:
        raise NoWebhook("the team has no webhook", remedy="Set one with the team's alerts first.")
    minute = timedelta(minutes=1)
    if count_since(connection, TEST, team.id, now - minute) >= TESTS_A_MINUTE:
        raise TooManyTests(
            f"the team's webhook was tried {TESTS_A_MINUTE} times within a minute",
            remedy="Wait a minute, then try it again.",
            retry_after_s=60,
        )
    detail = {"webhook": host_of(rule.webhook_url)}
    record(
        connection,
        by=caller,
        action=TEST,
        subject=team.name,
        team=team.id,
        detail=detail,
        now=now,
    )
    return team, rule.webhook_url


def _team(connection: Connection, caller: User, name: str) -> Team:
    return team_to_manage(connection, caller, name, "manage its alerts")


def _told(connection: Connection, team: Team, steps: Sequence[int]) -> AlertRuleInfo:
    found = find_rule(connection, team.id)
    rule = found or default_rule(steps)
    return AlertRuleInfo(
        is_default=found is None,
        percents=list(rule.percents),
        overage_steps_usd=list(rule.steps_usd),
        tells_admins=rule.tells_admins,
        admin_emails=admin_emails(connection, team.id),
        emails=list(rule.emails),
        webhook_url=rule.webhook_url,
    )
