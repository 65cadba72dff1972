"""Limits as admins set them: which there are, and who may set which. Pure.

Two authorities set limits. What an admin of the server sets stands in for the plan's limit of the same kind, scope and
window, and may be above it, for a reason that is kept. What an admin of a team sets for the team, its projects and its
keys never allows more: where both are there, the lower one counts, whatever the other becomes later.
"""

from dataclasses import dataclass
from enum import StrEnum

from weft.identity.types import TeamId, UserId
from weft.kit.errors import InvalidRequest
from weft.limits.types import Limit, LimitKind, LimitScope, Period

MAX_MONEY_NUSD = 10**18
"""A billion dollars."""
MAX_COUNT = 10**12
MAX_REASON_CHARS = 500
MAX_MODEL_CHARS = 256

_SPEND_PERIODS = (Period.DAY, Period.MONTH, Period.YEAR)
_OWNERS = (LimitScope.KEY, LimitScope.USER, LimitScope.PROJECT)
COMBINATIONS: dict[LimitKind, tuple[tuple[LimitScope, ...], tuple[Period | None, ...]]] = {
    LimitKind.CONCURRENCY: (
        (LimitScope.USER, LimitScope.PROJECT, LimitScope.PROJECT_MODEL),
        (None,),
    ),
    LimitKind.REQUESTS: (_OWNERS, (Period.MINUTE,)),
    LimitKind.TOKENS: (_OWNERS, (Period.MINUTE,)),
    LimitKind.SPEND: ((*_OWNERS, LimitScope.TEAM), _SPEND_PERIODS),
}
"""Which kinds are counted for whom, and over which windows."""


class InvalidLimit(InvalidRequest):
    """There is no such limit, or its figure is out of bounds."""

    code = "invalid_limit"


class Authority(StrEnum):
    """On whose word a limit stands."""

    SERVER = "server"
    """An admin of the server, or whoever may run its commands."""
    TEAM = "team"
    """An admin of the team."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit to be set: what, whose, over which window, and how high."""

    kind: LimitKind
    scope: LimitScope
    scope_id: str
    period: Period | None
    model_id: str
    max: int

    @property
    def slot(self) -> tuple[str, ...]:
        """What no two limits of one authority share while they are in force."""
        return self.scope_id, self.kind, self.scope, self.period or "", self.model_id


@dataclass(frozen=True, slots=True)
class SetLimit:
    """A limit that an admin set, as the history keeps it. Of its fields only the last three ever change, once."""

    id: str
    authority: Authority
    rule: Rule
    reason: str
    set_by: str
    set_at_us: int
    ended_at_us: int | None
    ended_by: str
    end_reason: str


@dataclass(frozen=True, slots=True)
class Setter:
    """Who sets something, on what authority, and why."""

    name: str
    authority: Authority
    reason: str = ""
    user_id: UserId | None = None
    """None for a command."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody or something that requests are counted for."""

    scope: LimitScope
    """Never `PROJECT_MODEL`: its subject is the project."""
    id: str
    name: str = ""
    team_id: TeamId | None = None
    """The team that it is a part of; None for users, and for keys that work in any team."""


def check_rule(rule: Rule) -> Rule:
    """Return `rule`, or raise `InvalidLimit` saying what there is instead."""
    combination = COMBINATIONS.get(rule.kind)
    if combination is None:
        raise InvalidLimit(
            "credit is no limit that can be set",
            param="kind",
            remedy="Give credit with `weft credit grant`, or choose a plan with `weft plan set`.",
        )
    scopes, periods = combination
    if rule.scope not in scopes:
        raise InvalidLimit(
            f"{rule.kind} is limited by {_list(scopes)}, not by {rule.scope}", param="scope"
        )
    if rule.period not in periods:
        wanted = _list([period or "no window" for period in periods])
        raise InvalidLimit(f"{rule.kind} is limited over {wanted}", param="period")
    named, has = rule.scope is LimitScope.PROJECT_MODEL, bool(rule.model_id)
    if named != has:
        what = "needs a model" if named else "takes no model; only concurrency of a project does"
        raise InvalidLimit(f"a limit by {rule.scope} {what}", param="model")
    if len(rule.model_id) > MAX_MODEL_CHARS:
        raise InvalidLimit(f"a model's id has at most {MAX_MODEL_CHARS} characters", param="model")
    most = MAX_MONEY_NUSD if rule.kind is LimitKind.SPEND else MAX_COUNT
    if not 0 <= rule.max <= most:
        raise InvalidLimit(f"a limit is a number from 0 to {most}", param="max")
    return rule


def check_reason(reason: str, *, needed_for: str = "") -> str:
    """Return `reason`, bounded and printable; with `needed_for` it may not be empty."""
    if len(reason) > MAX_REASON_CHARS or not reason.isprintable():
        raise InvalidLimit(
            f"a reason is one line of at most {MAX_REASON_CHARS} characters", param="reason"
        )
    if needed_for and not reason.strip():
        raise InvalidLimit(
            f"{needed_for} needs a reason, which is kept",
            param="reason",
            remedy="Say why: `--reason TEXT` on the command line, `reason` in the API.",
        )
    return reason.strip()


def rule_of(limit: Limit) -> Rule:
    """The rule that would set `limit`."""
    return Rule(limit.kind, limit.scope, limit.scope_id, limit.period, limit.model_id, limit.max)


def _list(words: "list[Period | str] | tuple[LimitScope, ...]") -> str:
    *most, last = map(str, words)
    return f"{', '.join(most)} or {last}" if most else last
