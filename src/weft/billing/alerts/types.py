"""The nouns of alerts. An alert is told once for its team, kind, threshold and window, whoever finds it first."""

from dataclasses import dataclass
from enum import StrEnum

from weft.limits.types import Period

PERCENTS = (50, 80, 100)
"""Of credits and caps, where a team's admins set no others."""


class AlertKind(StrEnum):
    """What reached a threshold."""

    CREDITS = "credits"
    """Part of the credit that the team had this month is used: what it had at the start, and what came since."""
    CAP_DAY = "cap_day"
    CAP_MONTH = "cap_month"
    CAP_YEAR = "cap_year"
    MONITOR = "monitor"
    """A rule of a monitor; what it says is its `Said`, and nothing about money."""
    OVERAGE = "overage"
    """The team owes as much for this month as a step says; the threshold is in nano-dollars."""


CAPS = {
    Period.DAY: AlertKind.CAP_DAY,
    Period.MONTH: AlertKind.CAP_MONTH,
    Period.YEAR: AlertKind.CAP_YEAR,
}


class Channel(StrEnum):
    """How somebody is told."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    """That of the server."""
    TEAM_WEBHOOK = "team_webhook"
    """The team's own."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A threshold that a team has reached."""

    kind: AlertKind
    threshold: int
    """Percent; of overage: nano-dollars."""
    period: str
    """The window: `2026-11-30`, `2026-11` or `2026`."""
    current_nusd: int
    max_nusd: int
    resets_at_us: int | None
    """When the window turns."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an alert says that another room gave rise to."""

    subject: str
    facts: tuple[tuple[str, str], ...]
    path: str
    """On this server, where it leads to."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A crossing that was found, and is told."""

    id: str
    team_id: str
    crossing: Crossing
    made_at_us: int
    said: Said | None = None
    """None for those about money."""


@dataclass(frozen=True, slots=True)
class Message:
    """One alert to one receiver. At least once: the same id says that it is the same."""

    id: str
    alert: Alert
    channel: Channel
    target: str
    """An e-mail address, or a URL."""
    attempts: int
    """How often it was tried, this time included."""
    made_at_us: int


@dataclass(frozen=True, slots=True)
class Notice:
    """An alert in words and figures, for people and programs."""

    id: str
    """The message's."""
    alert: Alert
    team: str
    plan: str
    has_overage: bool
    url: str
    """The team's page about money; empty where nobody said where the server is."""
