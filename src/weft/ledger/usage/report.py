"""What was used, summed up: the words in which a report is asked for and answered. Pure; the SQL is in `store.py`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from weft.kit.errors import InvalidRequest

US_PER_DAY = 86_400_000_000
NO_SUCH_MODEL = "model_not_found"
"""The error code of requests for a model that is not served here."""
UNKNOWN_MODEL = "(unknown)"
"""The group, by model, of such requests, and of those that were refused before a model was read."""
_AGO = re.compile(r"([0-9]{1,5})([mhdw])")
_SPANS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


class GroupBy(StrEnum):
    """What each row of a report stands for; days are UTC days."""

    DAY = "day"
    MODEL = "model"
    PROJECT = "project"
    KEY = "key"
    USER = "user"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """Which records a report counts; ids, not names. Empty fields do not narrow it."""

    since: datetime | None = None
    """Inclusive."""
    until: datetime | None = None
    """Exclusive."""
    model_id: str | None = None
    team_id: str | None = None
    project_id: str | None = None
    key_id: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class UsageRow:
    """The sums of one group; `group` is a day (`2026-11-30`), a model's id, or another id."""

    group: str
    requests: int = 0
    errors: int = 0
    """Requests that failed or were refused."""
    input_tokens: int = 0
    cached_input_tokens: int = 0
    """Part of `input_tokens`."""
    output_tokens: int = 0
    reasoning_tokens: int = 0
    """Part of `output_tokens`."""
    cost_nusd: int = 0


def total(rows: Iterable[UsageRow]) -> UsageRow:
    """All rows in one, with an empty group."""
    rows = list(rows)
    return UsageRow(
        group="",
        requests=sum(row.requests for row in rows),
        errors=sum(row.errors for row in rows),
        input_tokens=sum(row.input_tokens for row in rows),
        cached_input_tokens=sum(row.cached_input_tokens for row in rows),
        output_tokens=sum(row.output_tokens for row in rows),
        reasoning_tokens=sum(row.reasoning_tokens for row in rows),
        cost_nusd=sum(row.cost_nusd for row in rows),
    )


def parse_moment(text: str, now: datetime, *, param: str | None = None) -> datetime:
    """Read `7d`, `12h`, `30m` or `2w` (ago), a UTC date, or an ISO 8601 moment (UTC unless it says otherwise).

    Raises:
        InvalidRequest: it is none of these.
    """
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return now - int(ago[1]) * _SPANS[ago[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequest(
            f"{text[:60]!r} is no moment; write 7d, 12h, 2026-11-01 or 2026-11-01T15:00Z",
            param=param,
        ) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
