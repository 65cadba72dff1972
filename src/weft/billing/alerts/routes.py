"""`/api/notifications`: how alerts are told, what was sent lately, and trying it. For administrators of the server.

No secret is ever told: neither a password, nor a signing secret, nor what stands in a webhook's URL behind its host.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import httpx
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from weft.billing.alerts.outbox import Sender
from weft.billing.alerts.store import Delivery, list_deliveries, retry_message
from weft.billing.alerts.trying import Tried, advice_on, made_up, try_channel
from weft.billing.alerts.types import AlertKind, Channel, Notice
from weft.billing.alerts.words import subject_of
from weft.identity.audit.store import record
from weft.identity.teams import team_names
from weft.identity.types import User
from weft.kit.clock import Clock, from_us, to_us
from weft.kit.db import Database
from weft.kit.errors import InvalidRequest, NotFound, NotPermitted
from weft.kit.settings import Settings

SignedIn = Callable[..., Awaitable[User]]
SHOWN = 50


class EmailChannel(BaseModel):
    """The mail server, without its secrets."""

    is_set_up: bool
    host: str
    port: int
    security: str
    username: str
    sender: str
    addresses: list[str]
    """That get the alerts of every team, besides the team's own admins."""


class WebhookChannel(BaseModel):
    """The receiver of posts, without its secrets."""

    is_set_up: bool
    url: str
    """Without what stands behind its host, which may be a secret."""
    is_signed: bool
    may_be_private: bool


class DeliveryState(StrEnum):
    """Where a message is."""

    SENT = "sent"
    WAITING = "waiting"
    GIVEN_UP = "given_up"


class DeliveryInfo(BaseModel):
    """One alert to one receiver."""

    id: str
    channel: Channel
    target: str
    team: str
    kind: AlertKind
    summary: str
    state: DeliveryState
    attempts: int
    made_at: datetime
    sent_at: datetime | None
    next_at: datetime | None
    """When it is tried again, while it waits."""
    error: str
    remedy: str


class Notifications(BaseModel):
    """How alerts are told, and what was sent lately, the newest first."""

    email: EmailChannel
    webhook: WebhookChannel
    deliveries: list[DeliveryInfo]


class TestRequest(BaseModel):
    """Which channel to try."""

    model_config = ConfigDict(extra="forbid")

    channel: Literal[Channel.EMAIL, Channel.WEBHOOK]
    to: Annotated[str, Field(max_length=254, pattern=r"^([^@\s]+@[^@\s]+)?$")] = ""
    """Address for the e-mail; empty: those of `alert_emails`."""


class TestOutcome(BaseModel):
    """What became of one made-up alert."""

    target: str
    sent: bool
    took_ms: int
    error: str
    remedy: str


class TestOutcomes(BaseModel):
    """One for each receiver."""

    outcomes: list[TestOutcome]


def router(
    database: Database,
    signed_in: SignedIn,
    senders: Mapping[Channel, Sender],
    settings: Settings,
    clock: Clock,
) -> APIRouter:
    """The routes; `signed_in` is a FastAPI dependency that yields who asks, or refuses."""
    routes = APIRouter(prefix="/api/notifications", tags=["billing"])

    @routes.get("")
    async def show_notifications(
        caller: Annotated[User, Depends(signed_in)],
        limit: Annotated[int, Query(ge=1, le=500)] = SHOWN,
    ) -> Notifications:
        """Which channels are set up, and what was sent lately."""
        _check_admin(caller)
        sent = await database.read_soon(lambda c: _deliveries(c, limit))
        return Notifications(email=_email(settings), webhook=_webhook(settings), deliveries=sent)

    @routes.post("/test")
    async def try_notifications(
        caller: Annotated[User, Depends(signed_in)], wanted: TestRequest
    ) -> TestOutcomes:
        """Send a made-up alert now, and say what happened."""
        _check_admin(caller)
        targets, now = _targets(settings, senders, wanted), clock.now()
        await database.write_soon(lambda c: _record_test(c, caller, wanted, now))
        outcomes: list[TestOutcome] = []
        for target in targets:
            tried = await try_channel(senders, wanted.channel, target, made_up(settings))
            outcomes.append(outcome_of(wanted.channel, tried))
        return TestOutcomes(outcomes=outcomes)

    @routes.post("/deliveries/{message_id}/retry")
    async def retry_delivery(
        caller: Annotated[User, Depends(signed_in)], message_id: str
    ) -> Notifications:
        """Try a message that did not arrive again with the next look, within seconds."""
        _check_admin(caller)
        now = clock.now()

        def retry(connection: Connection) -> list[DeliveryInfo]:
            if not retry_message(connection, message_id, to_us(now)):
                raise NotFound(
                    f"no message {message_id[:64]} waits or was given up",
                    remedy="what has arrived is not sent again",
                )
            record(connection, by=caller, action="notification.retry", subject=message_id, now=now)
            return _deliveries(connection, SHOWN)

        sent = await database.write_soon(retry)
        return Notifications(email=_email(settings), webhook=_webhook(settings), deliveries=sent)

    _ = (show_notifications, try_notifications, retry_delivery)
    return routes


def outcome_of(channel: Channel, tried: Tried) -> TestOutcome:
    """What became of a test, without what may be a secret in its target."""
    return TestOutcome(
        target=_shown(channel, tried.target),
        sent=not tried.error,
        took_ms=tried.took_ms,
        error=tried.error,
        remedy=tried.remedy,
    )


def _record_test(connection: Connection, by: User, wanted: TestRequest, now: datetime) -> None:
    subject = wanted.channel.value
    record(connection, by=by, action="notification.test", subject=subject, now=now)


def _check_admin(user: User) -> None:
    if not user.is_admin:
        raise NotPermitted(
            "Only administrators of the server see how alerts are sent",
            remedy="Ask whoever runs the server; alerts of your team go to its admins by e-mail.",
        )


def _targets(
    settings: Settings, senders: Mapping[Channel, Sender], wanted: TestRequest
) -> list[str]:
    if wanted.channel not in senders:
        keys = "smtp_host and smtp_from" if wanted.channel is Channel.EMAIL else "alert_webhook_url"
        raise InvalidRequest(
            f"{wanted.channel.value} is not set up", param="channel", remedy=f"Set {keys} first."
        )
    if wanted.channel is Channel.WEBHOOK:
        return [settings.alert_webhook_url]
    targets = [wanted.to] if wanted.to else list(settings.alert_emails)[:5]
    if not targets:
        raise InvalidRequest("say to which address", param="to", remedy="Give an e-mail address.")
    return targets


def _email(settings: Settings) -> EmailChannel:
    return EmailChannel(
        is_set_up=bool(settings.smtp_host),
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        username=settings.smtp_username,
        sender=settings.smtp_from,
        addresses=list(settings.alert_emails),
    )


def _webhook(settings: Settings) -> WebhookChannel:
    return WebhookChannel(
        is_set_up=bool(settings.alert_webhook_url),
        url=_shown(Channel.WEBHOOK, settings.alert_webhook_url),
        is_signed=bool(settings.alert_webhook_secret.get_secret_value()),
        may_be_private=settings.alert_webhook_private,
    )


def _shown(channel: Channel, target: str) -> str:
    """A target without what may be a secret in it: many services put one into the path."""
    if channel is Channel.EMAIL or not target:
        return target
    url = httpx.URL(target)
    more = "/…" if url.path.strip("/") or url.query else ""
    return f"{url.scheme}://{url.host}{f':{url.port}' if url.port else ''}{more}"


def _deliveries(connection: Connection, limit: int) -> list[DeliveryInfo]:
    found = list_deliveries(connection, limit)
    names = team_names(connection, {one.message.alert.team_id for one in found})
    return [_told(one, names) for one in found]


def _told(one: Delivery, names: Mapping[str, str]) -> DeliveryInfo:
    message = one.message
    team = names.get(message.alert.team_id, message.alert.team_id)
    state = DeliveryState.WAITING
    if one.sent_at_us is not None:
        state = DeliveryState.SENT
    elif one.given_up_at_us is not None:
        state = DeliveryState.GIVEN_UP
    notice = Notice(message.id, message.alert, team, "", has_overage=False, url="")
    waits = state is DeliveryState.WAITING
    return DeliveryInfo(
        id=message.id,
        channel=message.channel,
        target=_shown(message.channel, message.target),
        team=team,
        kind=message.alert.crossing.kind,
        summary=subject_of(notice),
        state=state,
        attempts=message.attempts,
        made_at=from_us(message.made_at_us),
        sent_at=None if one.sent_at_us is None else from_us(one.sent_at_us),
        next_at=from_us(one.next_at_us) if waits else None,
        error=one.error,
        remedy=advice_on(message.channel, one.error),
    )
