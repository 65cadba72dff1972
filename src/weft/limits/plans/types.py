"""The nouns of plans. A plan is a value: which team has which is in `store.py`, what it allows in `../resolve.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from weft.kit.money import NanoUsd
from weft.limits.types import LimitKind, LimitScope, Period


class CreditEnd(StrEnum):
    """What happens when a team's credit has run out."""

    REFUSE = "refuse"
    """Requests are refused until there is credit again: prepaid."""
    OVERAGE = "overage"
    """What goes beyond is owed, and put on the monthly invoice."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a team may use, unless an admin set other limits for it."""

    name: str
    """What it is called in commands and tables."""
    label: str
    """What people read."""
    when_credit_ends: CreditEnd
    included_nusd: NanoUsd
    """Credit that is given for each calendar month."""
    cap_nusd: NanoUsd | None = None
    """The most that a team may spend within `cap_period`; None: no cap."""
    cap_period: Period = Period.MONTH
    counts: Mapping[tuple[LimitKind, LimitScope], int] = field(
        default_factory=dict[tuple[LimitKind, LimitScope], int]
    )
    """Limits of concurrency, of requests and of tokens a minute; what is missing is not limited."""
    weight: int = 1
    """A project's share in a model's fair queue."""
    place: str = ""
    """Where it is described: `plans.toml:12`; empty for one that ships unchanged."""
