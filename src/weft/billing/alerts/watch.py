"""The background task of alerts: follows the charges, looks at the teams that had some, and has the outbox tell.

Never on the way of a request: it reads what is committed, every few seconds. Any number of processes may do so on one
database: who comes first tells, and the others find it told.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator

from sqlalchemy import Connection

from weft.billing.alerts.hook import Hook, TeamHook
from weft.billing.alerts.look import look_at
from weft.billing.alerts.mail import Mailer
from weft.billing.alerts.outbox import Outbox, Sender
from weft.billing.alerts.rules import AlertRule, WebhookSeal, default_rule, find_rule
from weft.billing.alerts.store import (
    Target,
    admin_emails,
    mark_looked,
    teams_to_look_at,
    write_alerts,
    write_notice,
)
from weft.billing.alerts.types import Alert, AlertKind, Channel, Crossing, Message, Notice, Said
from weft.billing.spend import tally
from weft.billing.terms import TermsBook
from weft.identity.teams import find_team_by_id
from weft.identity.types import TeamId
from weft.kit.clock import Clock, to_us
from weft.kit.db import Database
from weft.kit.ids import new_id
from weft.kit.settings import Settings
from weft.limits.plans.store import PlanMissing

INTERVAL_S = 15.0
TEAMS_AT_ONCE = 100

log = logging.getLogger(__name__)


def make_senders(settings: Settings) -> dict[Channel, Sender]:
    """The channels that are set up. Close each when done."""
    senders: dict[Channel, Sender] = {}
    if settings.smtp_host:
        senders[Channel.EMAIL] = Mailer(settings)
    if settings.alert_webhook_url:
        senders[Channel.WEBHOOK] = Hook(settings)
    return senders


@contextlib.asynccontextmanager
async def open_senders(settings: Settings) -> AsyncGenerator[dict[Channel, Sender]]:
    """The channels that are set up, for the length of a block."""
    senders = make_senders(settings)
    try:
        yield senders
    finally:
        for sender in senders.values():
            await sender.close()


class Alerts:
    """Watches over all teams. `close` it when done."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        terms: TermsBook,
        clock: Clock,
        seal: WebhookSeal,
    ) -> None:
        self._database = database
        self._settings = settings
        self._terms = terms
        self._clock = clock
        self.senders = {
            **make_senders(settings),
            Channel.TEAM_WEBHOOK: TeamHook(database, seal),
        }
        self._outbox = Outbox(database, self.senders, clock, notice_of=self._notice)

    async def tell(self, team_id: str, key: str, said: Said) -> None:
        """Have an alert of another room told, with the next pass; one of the same key is told already."""
        crossing = Crossing(AlertKind.MONITOR, 0, key, 0, 0, None)
        alert = Alert(new_id("alert"), team_id, crossing, to_us(self._clock.now()), said)
        await self._database.write_soon(
            lambda c: write_notice(c, alert, targets=self._targets(c, team_id))
        )

    async def run(self) -> None:
        """Look and tell until cancelled."""
        while True:
            try:
                await self.pass_once()
            except (
                Exception
            ):  # the owner of this task: whatever fails is tried again with the next pass
                log.exception("alerts_pass_failed")
            await asyncio.sleep(INTERVAL_S)

    async def pass_once(self) -> None:
        """Follow what was charged since the last time, write the alerts that are new, and send what is due."""
        while await asyncio.to_thread(tally, self._database):
            pass
        while await asyncio.to_thread(self.look) == TEAMS_AT_ONCE:
            pass
        await self._outbox.deliver()

    def look(self) -> int:
        """Look at teams with new charges; returns how many."""
        now_us = to_us(self._clock.now())
        with self._database.read() as connection:
            todo = teams_to_look_at(connection, TEAMS_AT_ONCE)
        for team_id, month, seq in todo:
            self._look_at(team_id, month, seq, now_us)
        return len(todo)

    def _look_at(self, team_id: str, month: str, seq: int, now_us: int) -> list[Alert]:
        with self._database.read() as connection:
            crossings = self._crossings(connection, team_id, month, now_us)
        with self._database.write() as connection:
            targets = self._targets(connection, team_id) if crossings else []
            alerts = write_alerts(connection, team_id, crossings, targets=targets, now_us=now_us)
            mark_looked(connection, team_id, month, seq)
        for alert in alerts:
            crossing = alert.crossing
            log.info(
                "alert_raised team=%s kind=%s threshold=%s",
                team_id,
                crossing.kind.value,
                crossing.threshold,
            )
        return alerts

    def _crossings(
        self, connection: Connection, team_id: str, month: str, now_us: int
    ) -> list[Crossing]:
        if find_team_by_id(connection, TeamId(team_id)) is None:
            return []  # removed since
        try:
            terms = self._terms.of(connection, team_id)
        except PlanMissing as error:
            log.warning("alerts_without_plan team=%s error=%s", team_id, error.message)
            return []
        rule = self._rule(connection, team_id)
        return look_at(connection, team_id, month, terms=terms, rule=rule, now_us=now_us)

    def _rule(self, connection: Connection, team_id: str) -> AlertRule:
        found = find_rule(connection, team_id)
        return found or default_rule(self._settings.overage_steps_usd)

    def _targets(self, connection: Connection, team_id: str) -> list[Target]:
        rule = self._rule(connection, team_id)
        targets: list[Target] = []
        if Channel.EMAIL in self.senders:
            admins = admin_emails(connection, team_id) if rule.tells_admins else []
            addresses = (*admins, *rule.emails, *self._settings.alert_emails)
            targets += [(Channel.EMAIL, address) for address in addresses]
        if rule.webhook_url:
            targets.append((Channel.TEAM_WEBHOOK, rule.webhook_url))
        if Channel.WEBHOOK in self.senders:
            targets.append((Channel.WEBHOOK, self._settings.alert_webhook_url))
        return targets

    def _notice(self, message: Message) -> Notice:
        team_id = message.alert.team_id
        with self._database.read() as connection:
            team = find_team_by_id(connection, TeamId(team_id))
            terms = self._terms.of(connection, team_id)
        name = team_id if team is None else team.name
        base, said = self._settings.public_url, message.alert.said
        path = f"/billing/{name}" if said is None else said.path
        return Notice(
            id=message.id,
            alert=message.alert,
            team=name,
            plan=terms.plan.label,
            has_overage=terms.has_overage,
            url=f"{base}{path}" if base else "",
        )

    async def close(self) -> None:
        """Close connections. Idempotent."""
        for sender in self.senders.values():
            await sender.close()
