"""The nouns of limits: what may be limited, for whom, over which window, and what is told when a limit is reached.

A limit is one number that a count may not exceed: `current + what is asked for <= max`. Windows are UTC calendar
windows, computed from the moment; no job turns them over. Everything here is a value; `admission.py` does the counting.
"""

from dataclasses import dataclass
from enum import StrEnum

import msgspec


class LimitKind(StrEnum):
    """What is counted; the words stand in `error.metadata.limit`."""

    CONCURRENCY = "concurrency"
    """Requests in flight: open holds."""
    SPEND = "spend"
    """Charges and open holds within a window, in nano-dollars."""
    REQUESTS = "requests"
    """Requests admitted within a minute."""
    TOKENS = "tokens"
    """Tokens within a minute: estimated when admitted, corrected when settled."""
    CREDITS = "credits"
    """Credit that is left, where the plan has no overage. Never set by hand: grants and the plan decide."""


RATE_KINDS = frozenset({LimitKind.REQUESTS, LimitKind.TOKENS})
MONEY_KINDS = frozenset({LimitKind.SPEND, LimitKind.CREDITS})


class LimitScope(StrEnum):
    """Whose count it is; the words stand in `error.metadata.scope`."""

    KEY = "key"
    USER = "user"
    PROJECT = "project"
    PROJECT_MODEL = "project_model"
    """A project with one model; only concurrency is counted so."""
    TEAM = "team"


class Period(StrEnum):
    """The window of a spend or rate limit."""

    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Limit(msgspec.Struct, frozen=True):
    """One limit that applies to a caller."""

    kind: LimitKind
    scope: LimitScope
    scope_id: str
    """`key_...`, `user_...`, `proj_...` or `team_...`."""
    max: int
    """Nano-dollars for spend, else a count. 0 refuses everything."""
    period: Period | None = None
    """None for concurrency."""
    model_id: str = ""
    """For `PROJECT_MODEL`: the model that the caller asked for."""
    set_by: str = ""
    """For people: `plan free`, or who set it."""
    name: str = ""
    """What people and commands call the scope: `my-team/inference`, a user's or team's name; empty: by its id."""
    counter: str = ""
    """What the count is kept under: worked out, not given."""

    def __post_init__(self) -> None:
        counter = f"{self.scope_id} {self.model_id}" if self.model_id else self.scope_id
        msgspec.structs.force_setattr(self, "counter", counter)


class PlanCredit(msgspec.Struct, frozen=True):
    """The credit that a plan includes each calendar month; granted once, when first needed."""

    plan: str
    amount_nusd: int


class Allowance(msgspec.Struct, frozen=True):
    """What one caller may do with one model at the moment: the limits of the plan and those that admins set."""

    plan: str
    limits: tuple[Limit, ...]
    """Cheapest to explain first: concurrency, requests, tokens, spend."""
    prepaid: bool = False
    """Whether only credit may be spent: without overage a request needs credit for its worst case."""
    credit: PlanCredit | None = None
    weight: int = 1
    """The project's share in a model's fair queue."""
    team: str = ""
    """The team's name, for people."""
    rate_scopes: tuple[str, ...] = ()
    """Whose requests or tokens a minute are counted: worked out, not given, and so are the next two."""
    token_scopes: tuple[str, ...] = ()
    spend_windows: tuple[tuple[str, Period], ...] = ()
    """Whose spend is limited in which window."""

    def __post_init__(self) -> None:
        rates = [limit for limit in self.limits if limit.kind in RATE_KINDS]
        scopes = tuple(dict.fromkeys(limit.scope_id for limit in rates))
        tokens = tuple(limit.scope_id for limit in rates if limit.kind is LimitKind.TOKENS)
        windows = tuple(
            (limit.scope_id, limit.period)
            for limit in self.limits
            if limit.kind is LimitKind.SPEND and limit.period is not None
        )
        for name, value in (
            ("rate_scopes", scopes),
            ("token_scopes", tokens),
            ("spend_windows", windows),
        ):
            msgspec.structs.force_setattr(self, name, value)


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a request may not start: the first limit in its way."""

    limit: Limit
    current: int
    """What the count is, with open holds; for credits: what is left and not reserved."""
    asked: int
    """What this request would have added at least."""
    resets_at_us: int | None
    """When the window turns; None where waiting alone does not help, or nobody knows."""
    retry_after_s: int | None = None
