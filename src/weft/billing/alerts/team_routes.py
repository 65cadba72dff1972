"""`/api/billing/{team}/alerts`: at which thresholds a team is told, and who. For its admins and the server's."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import httpx
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from weft.billing.alerts.rules import AlertRule, default_rule, find_rule, new_secret, set_rule
from weft.billing.alerts.store import admin_emails
from weft.identity.audit.store import record
from weft.identity.rights.teams import team_to_manage
from weft.identity.routes import SignedIn
from weft.identity.types import Team, User
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.errors import InvalidRequest
from weft.kit.settings import Settings

MAX_PERCENTS = 10
MAX_STEPS = 20
MAX_EMAILS = 20

_Percent = Annotated[int, Field(ge=1, le=100)]
_Usd = Annotated[int, Field(ge=1, le=1_000_000)]
_Email = Annotated[str, Field(max_length=254, pattern=r"^[^@\s,<>]+@[^@\s,<>]+$")]


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


class AlertRuleRequest(BaseModel):
    """When a team is to be told, and who."""

    model_config = ConfigDict(extra="forbid")

    percents: list[_Percent] = Field(max_length=MAX_PERCENTS)
    overage_steps_usd: list[_Usd] = Field(max_length=MAX_STEPS)
    tells_admins: bool = True
    emails: list[_Email] = Field(default=[], max_length=MAX_EMAILS)
    webhook_url: str = Field(default="", max_length=2048)
    """HTTPS, at a public address; empty: none."""


def router(database: Database, signed_in: SignedIn, settings: Settings, clock: Clock) -> APIRouter:
    """The routes; `signed_in` is a FastAPI dependency that yields who asks, or refuses."""
    routes = APIRouter(prefix="/api/billing", tags=["billing"])
    steps = settings.overage_steps_usd

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
        _check_url(wanted.webhook_url)
        now = clock.now()

        def change(connection: Connection) -> AlertRuleInfo:
            found = _team(connection, caller, team)
            before = find_rule(connection, found.id) or default_rule(steps)
            rule = _rule(wanted, before)
            set_rule(connection, found.id, rule, set_by=caller.username, now=now)
            record(
                connection,
                by=caller,
                action="alert.set",
                subject=team,
                team=found.id,
                detail={
                    "percents": [str(one) for one in rule.percents],
                    "overage_steps_usd": [str(one) for one in rule.steps_usd],
                    "tells_admins": rule.tells_admins,
                    "emails": list(rule.emails),
                    "webhook": httpx.URL(rule.webhook_url).host,  # its path may be a secret
                },
                now=now,
            )
            is_new = rule.webhook_secret not in {"", before.webhook_secret}
            told = _told(connection, found, steps)
            return told.model_copy(update={"new_secret": rule.webhook_secret}) if is_new else told

        return await database.write_soon(change)

    _ = (show_alert_rule, set_alert_rule)
    return routes


def _team(connection: Connection, caller: User, name: str) -> Team:
    return team_to_manage(connection, caller, name, "manage its alerts")


def _check_url(url: str) -> None:
    """Addresses are judged when something is posted: a name may lead elsewhere by then."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if url and (parsed.scheme != "https" or not parsed.host or parsed.userinfo):
        raise InvalidRequest(
            "the webhook is no HTTPS URL", param="webhook_url", remedy="Begin it with https://."
        )


def _rule(wanted: AlertRuleRequest, before: AlertRule) -> AlertRule:
    rule = AlertRule(
        tuple(sorted(set(wanted.percents))),
        tuple(sorted(set(wanted.overage_steps_usd))),
        wanted.tells_admins,
        tuple(dict.fromkeys(wanted.emails)),
        wanted.webhook_url,
    )
    if not rule.webhook_url:
        return rule
    same = rule.webhook_url == before.webhook_url
    return replace(rule, webhook_secret=before.webhook_secret if same else new_secret())


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
