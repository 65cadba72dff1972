"""Setting a team's alerts: what may be asked, and what becomes of it. The same for the route and for the command."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import httpx
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from weft.billing.alerts.rules import (
    AlertRule,
    WebhookSeal,
    default_rule,
    find_rule,
    new_secret,
    set_rule,
)
from weft.identity.audit.store import record
from weft.identity.audit.types import Actor
from weft.identity.types import Team
from weft.kit.errors import InvalidRequest
from weft.kit.seal import SealBroken

MAX_PERCENTS = 10
MAX_STEPS = 20
MAX_EMAILS = 20

_Percent = Annotated[int, Field(ge=1, le=100)]
_Usd = Annotated[int, Field(ge=1, le=1_000_000)]
_Email = Annotated[str, Field(max_length=254, pattern=r"^[^@\s,<>]+@[^@\s,<>]+$")]


class AlertRuleRequest(BaseModel):
    """When a team is to be told, and who."""

    model_config = ConfigDict(extra="forbid")

    percents: list[_Percent] = Field(max_length=MAX_PERCENTS)
    overage_steps_usd: list[_Usd] = Field(max_length=MAX_STEPS)
    tells_admins: bool = True
    emails: list[_Email] = Field(default=[], max_length=MAX_EMAILS)
    webhook_url: str = Field(default="", max_length=2048)
    """HTTPS, at a public address; empty: none."""


def change_rule(
    connection: Connection,
    team: Team,
    wanted: AlertRuleRequest,
    *,
    steps: Sequence[int],
    seal: WebhookSeal,
    by: Actor,
    now: datetime,
) -> str | None:
    """Set the team's alerts and tell the audit log; returns the webhook's secret if it is a new one, for this once.

    A webhook whose secret cannot be read any more gets a new one as well.

    Raises:
        InvalidRequest: the webhook's URL will not do.
    """
    _check_url(wanted.webhook_url)
    before = find_rule(connection, team.id) or default_rule(steps)
    rule = AlertRule(
        tuple(sorted(set(wanted.percents))),
        tuple(sorted(set(wanted.overage_steps_usd))),
        wanted.tells_admins,
        tuple(dict.fromkeys(wanted.emails)),
        wanted.webhook_url,
    )
    fresh = None
    if rule.webhook_url:
        kept = _kept_secret(team, rule, before, seal)
        fresh = new_secret() if kept is None else None
        sealed = seal.close(team.id, rule.webhook_url, kept or fresh or "")
        rule = replace(rule, webhook_sealed=sealed)
    set_rule(connection, team.id, rule, set_by=by.name, now=now)
    record(
        connection,
        by=by,
        action="alert.set",
        subject=team.name,
        team=team.id,
        detail={
            "percents": [str(one) for one in rule.percents],
            "overage_steps_usd": [str(one) for one in rule.steps_usd],
            "tells_admins": rule.tells_admins,
            "emails": list(rule.emails),
            "webhook": host_of(rule.webhook_url),
        },
        now=now,
    )
    return fresh


def host_of(url: str) -> str:
    """What the audit log is told of a webhook: its path may be a secret."""
    return httpx.URL(url).host


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


def _kept_secret(team: Team, rule: AlertRule, before: AlertRule, seal: WebhookSeal) -> str | None:
    """The secret that the webhook has already; None: it is another one, or nobody can read it."""
    if rule.webhook_url != before.webhook_url:
        return None
    with contextlib.suppress(SealBroken):
        return seal.open(team.id, before)
    return None
