"""The nouns of monitors: what one is told to do, what is known of its work, and the rules of its alerts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from weft.traces.types import ProjectKey

NAME_CHARS = 128
RULES = 20
WINDOW_MOST_MINUTES = 7 * 24 * 60


class Pause(StrEnum):
    """Why a monitor that is switched on does not look at calls."""

    NONE = ""
    OFF = "off"
    """It is switched off."""
    BUDGET = "budget"
    """Today's budget is spent; it goes on when the day turns, in UTC."""
    GRANT = "grant"
    """It asks models, and nobody allowed this version to spend anything."""
    REFUSED = "refused"
    """The door refuses its model: no credit, no right, no such model."""
    ERRORS = "errors"
    """Several judgements in a row failed."""
    SCORER = "scorer"
    """A scorer has code, is not there, or makes no sense."""
    OWNER = "owner"
    """Whoever it runs for may not have it run."""


LASTING = frozenset({Pause.REFUSED, Pause.ERRORS, Pause.SCORER, Pause.OWNER})
"""Pauses that end when somebody switches the monitor on again, or changes it."""


class Measure(StrEnum):
    """What a rule looks at."""

    SHARE = "share"
    """Of all results of a field that is true or false, the share that is true."""
    MEAN = "mean"
    COUNT_TRUE = "count_true"
    COUNT_FALSE = "count_false"
    ERRORS = "errors"
    """Judgements that failed."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Tells somebody when a figure over the last minutes goes past a threshold."""

    id: str
    measure: Measure
    scorer: str = ""
    """Its name; empty for errors."""
    field: str = ""
    """Of what the scorer says; empty where that is a number or a truth value itself."""
    is_above: bool = True
    threshold: float
    window_minutes: int
    least_n: int = 1
    """Fewer results say nothing."""
    every_minutes: int
    """It is told again no sooner."""


class Told(msgspec.Struct, frozen=True):
    """When a rule was told last."""

    at_us: int
    value: float
    n: int


@dataclass(frozen=True, slots=True)
class Spec:
    """A version of a monitor, read from its object."""

    name: str
    digest: str
    description: str
    is_active: bool
    sampling: float
    """0 to 1."""
    op_names: tuple[str, ...]
    query: Any
    scorers: tuple[Any, ...]
    """References, or objects."""
    published_by: str
    """A user's id."""
    published_at_us: int
    problem: str = ""
    """What of it this server cannot do; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A monitor in its project, as discovered."""

    project: ProjectKey
    project_id: str
    spec: Spec


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a monitor's work. Money is nano-dollars, of the UTC day `day`."""

    name: str
    digest: str
    budget_nusd: int
    granted_digest: str
    granted_by: str
    day: str
    spent_nusd: int
    """Includes the worst case of what is being asked right now."""
    rules: tuple[Rule, ...]
    told: dict[str, Told]
    position: int
    """The `seq` of the last call that was looked at."""
    start: int
    """The `seq` that it was switched on behind: what came before is never judged."""
    seen: int
    judged: int
    failed: int
    skipped: int
    errors_in_row: int
    pause: Pause
    reason: str
    paused_at_us: int
    last_error: str
    last_error_at_us: int
    looked_at_us: int

    def spent_on(self, day: str) -> int:
        """What was spent on a day."""
        return self.spent_nusd if self.day == day else 0

    def may_spend(self, digest: str) -> bool:
        """Whether somebody allowed this version to ask models."""
        return self.budget_nusd > 0 and self.granted_digest == digest
