"""What a team's admins set about its alerts: at which thresholds, and who is told. All SQL of it is here.

Invariant: a team's webhook has a secret of its own, made here and told once; another URL gets another secret, so that
who received posts before cannot sign as this server does now. The secret is kept sealed for its team and URL. Rules of
before that have it in the clear: no migration can seal it, for SQL knows no secret of the server. It goes on to sign,
and is sealed when the rule is set the next time.
"""

import base64
import binascii
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, insert, select, update

from weft.billing.alerts.types import PERCENTS
from weft.billing.schema import ALERT_RULE
from weft.kit.clock import to_us
from weft.kit.seal import Seal, SealBroken

SECRET_BYTES = 24
_PURPOSE = b"weft team webhooks 1"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """When a team is told, and who besides those whom the server tells of every team."""

    percents: tuple[int, ...]
    """Of credit and caps, rising."""
    steps_usd: tuple[int, ...]
    """Dollars of overage within a month, rising."""
    tells_admins: bool = True
    emails: tuple[str, ...] = ()
    webhook_url: str = ""
    webhook_sealed: str = ""
    """The secret that posts are signed with, sealed; base64."""
    webhook_secret: str = ""
    """The same in the clear: only in rules that an earlier version wrote."""


class WebhookSeal:
    """Seals and opens the secrets of the teams' webhooks."""

    def __init__(self, secret: bytes) -> None:
        self._seal = Seal(secret, _PURPOSE)

    def close(self, team_id: str, url: str, secret: str) -> str:
        """What a rule keeps of the secret of this team's webhook."""
        return base64.b64encode(self._seal.close(secret, (team_id, url))).decode()

    def open(self, team_id: str, rule: AlertRule) -> str:
        """The secret of the rule's webhook.

        Raises:
            SealBroken: it was sealed by a server with another secret, or for another team or URL.
        """
        if rule.webhook_secret:
            return rule.webhook_secret
        try:
            sealed = base64.b64decode(rule.webhook_sealed, validate=True)
        except binascii.Error as error:
            raise SealBroken from error
        return self._seal.open(sealed, (team_id, rule.webhook_url))


def default_rule(steps_usd: Sequence[int]) -> AlertRule:
    """Of teams that set nothing; `steps_usd` are the server's."""
    return AlertRule(PERCENTS, tuple(steps_usd))


def find_rule(connection: Connection, team_id: str) -> AlertRule | None:
    """What the team's admins set; None where they set nothing."""
    text = connection.execute(
        select(ALERT_RULE.c.rule).where(ALERT_RULE.c.team_id == team_id)
    ).scalar_one_or_none()
    return None if text is None else msgspec.json.decode(text, type=AlertRule)


def set_rule(
    connection: Connection, team_id: str, rule: AlertRule, *, set_by: str, now: datetime
) -> None:
    """Keep a rule in place of the one that there was."""
    values = {
        "rule": msgspec.json.encode(rule).decode(),
        "set_by": set_by,
        "set_at_us": to_us(now),
    }
    of_team = ALERT_RULE.c.team_id == team_id
    changed = connection.execute(update(ALERT_RULE).where(of_team).values(values))
    if changed.rowcount == 0:
        connection.execute(insert(ALERT_RULE).values(team_id=team_id, **values))


def new_secret() -> str:
    """A secret in the form of the Standard Webhooks specification."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
