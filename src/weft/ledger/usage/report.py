"""What was used, summed up: the words in which a report is asked for and answered. Pure; the SQL is in `sums.py`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from weft.kit.errors import InvalidRequest
from weft.ledger.usage.rollups.tiers import FIGURES

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


OTHERS = "(others)"
"""The group of everything beyond the largest groups that were asked for."""


class GroupBy(StrEnum):
    """What each row of a report stands for; hours, days and months are those of UTC."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    MODEL = "model"
    PROJECT = "project"
    KEY = "key"
    USER = "user"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """Which records a report counts; ids, not names. Empty fields do not narrow it."""

    since: datetime | None = None
    """Inclusive. Records count by the moment they were posted: when they went into the books."""
    until: datetime | None = None
    """Exclusive."""
    model_id: str | None = None
    team_id: str | None = None
    project_id: str | None = None
    key_id: str | None = None
    user_id: str | None = None
    team_ids: tuple[str, ...] | None = None
    """Only these teams; none of them is nothing at all."""
    except_team_ids: tuple[str, ...] = ()
    """None of these teams."""


@dataclass(frozen=True, slots=True)
class UsageRow:
    """The sums of one group, or of one pair of groups.

    A group is an hour (`2026-11-30T05:00Z`), a day (`2026-11-30`), a month (`2026-11`), a model's id, another id, or
    `OTHERS`; the second is empty where there is one only.
    """

    group: str
    group2: str = ""
    requests: int = 0
    cancelled: int = 0
    failed: int = 0
    refused: int = 0
    interrupted: int = 0
    input_tokens: int = 0
    cached_input_tokens: int = 0
    """Part of `input_tokens`."""
    output_tokens: int = 0
    reasoning_tokens: int = 0
    """Part of `output_tokens`."""
    cost_nusd: int = 0

    @property
    def errors(self) -> int:
        """Requests that failed, were refused, or whose server died."""
        return self.failed + self.refused + self.interrupted

    @property
    def completed(self) -> int:
        """Requests that were answered to the end."""
        return self.requests - self.cancelled - self.errors


def total(rows: Iterable[UsageRow]) -> UsageRow:
    """All rows in one, with an empty group."""
    sums = [0] * len(FIGURES)
    for row in rows:
        for place, figure in enumerate(FIGURES):
            sums[place] += getattr(row, figure)
    return UsageRow("", "", *sums)


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
