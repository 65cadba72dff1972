"""Why a request was refused, asked later: what stood in its way then, and whether it would now.

What was then comes from the request's usage record, which keeps the error's message and metadata; what is now comes
from the limits in force and the counts at this moment. Whose record it is has been checked before.
"""

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from weft.identity.types import TeamId
from weft.kit.errors import Json
from weft.kit.money import format_usd
from weft.ledger.types import Outcome, UsageRecord
from weft.limits.counts import Count
from weft.limits.rules import Subject
from weft.limits.standing import Standing, Standings
from weft.limits.types import MONEY_KINDS, LimitKind, LimitScope

_KINDS = frozenset(LimitKind)
_SCOPES = frozenset(LimitScope)


@dataclass(frozen=True, slots=True)
class Then:
    """The limit that stood in the way."""

    kind: LimitKind
    scope: LimitScope
    scope_id: str
    period: str
    model_id: str
    asked: int
    """What the request would have added at least; 0 if that was not kept."""


@dataclass(frozen=True, slots=True)
class Now:
    """That limit at this moment."""

    current: int
    """For credits: what is left."""
    max: int | None
    """None: there is no such limit any more, or it is about credits."""
    resets_at_us: int | None
    full: tuple[Count, ...]
    """Other limits of the same caller that let nothing through at the moment."""
    would_pass: bool
    """Whether the same request would be let in."""


@dataclass(frozen=True, slots=True)
class Why:
    """What became of a request, and why."""

    record: UsageRecord
    answer: str
    """One or two sentences."""
    message: str
    """The error's, as the caller got it; empty if there was none, or it was not kept."""
    metadata: dict[str, Json]
    then: Then | None
    """None: no limit stood in the way."""
    now: Now | None


def explain(
    connection: Connection, standings: Standings, record: UsageRecord, *, now_us: int
) -> Why:
    """Why `record` ended as it did.

    Raises:
        PlanMissing: the team's plan is described nowhere any more.
    """
    metadata: dict[str, Json] = msgspec.json.decode(record.refusal) if record.refusal else {}
    message = str(metadata.pop("message", ""))
    then = _then(metadata)
    if record.outcome is not Outcome.REFUSED or then is None:
        return Why(record, _unlimited(record, message), message, metadata, None, None)
    standing = standings.of(connection, subjects_of(record), record.model_id or None, now_us=now_us)
    now = _now(standing, then)
    return Why(record, _limited(record, then, now), message, metadata, then, now)


def subjects_of(record: UsageRecord) -> tuple[Subject, ...]:
    """Whom a request was counted for."""
    team_id = TeamId(record.team_id)
    return (
        Subject(LimitScope.KEY, record.key_id),
        Subject(LimitScope.USER, record.user_id),
        Subject(LimitScope.PROJECT, record.project_id, team_id=team_id),
        Subject(LimitScope.TEAM, record.team_id, team_id=team_id),
    )


def _then(metadata: dict[str, Json]) -> Then | None:
    kind, scope = metadata.get("limit"), metadata.get("scope")
    if kind not in _KINDS or scope not in _SCOPES:
        return None  # refused for another reason
    return Then(
        kind=LimitKind(str(kind)),
        scope=LimitScope(str(scope)),
        scope_id=str(metadata.get("scope_id", "")),
        period=str(metadata.get("period", "")),
        model_id=str(metadata.get("model", "")),
        asked=int(str(metadata.get("asked", 0))),
    )


def _now(standing: Standing, then: Then) -> Now:
    asks = {LimitKind.CONCURRENCY: 1, LimitKind.REQUESTS: 1}
    others = tuple(
        count
        for count in standing.counts
        if count.limit.max - count.current < asks.get(count.limit.kind, 1)
        and not _is_same(count, then)
    )
    if then.kind is LimitKind.CREDITS:
        credit = standing.credit
        passes = not standing.allowance.prepaid or then.asked <= credit.left_nusd
        resets = credit.resets_at_us
        return Now(credit.left_nusd, None, resets, others, passes and not others)
    found = standing.find(
        then.kind,
        then.scope,
        scope_id=then.scope_id,
        period=then.period,
        model_id=then.model_id,
    )
    if found is None:
        return Now(0, None, None, others, not others)
    passes = found.current + max(then.asked, 1) <= found.limit.max
    return Now(found.current, found.limit.max, found.resets_at_us, others, passes and not others)


def _is_same(count: Count, then: Then) -> bool:
    limit = count.limit
    return (limit.kind, limit.scope, limit.scope_id, limit.period or "", limit.model_id) == (
        then.kind,
        then.scope,
        then.scope_id,
        then.period,
        then.model_id,
    )


def _unlimited(record: UsageRecord, message: str) -> str:
    cost = f"it cost {format_usd(record.cost_nusd)} USD"
    match record.outcome:
        case Outcome.COMPLETED:
            return f"It was not refused: it was answered in full, and {cost}."
        case Outcome.CANCELLED:
            return f"It was not refused: the client hung up, and {cost}."
        case Outcome.FAILED:
            return f"It was let in, and then failed ({record.error_code}); {cost}."
        case Outcome.INTERRUPTED:
            return "It was let in; the server that answered it died, so it cost nothing."
        case Outcome.REFUSED:
            told = f": {message}" if message else ""
            return (
                f"It was refused with {record.status} ({record.error_code}){told}."
                " No limit stood in its way, and it cost nothing."
            )


def _limited(record: UsageRecord, then: Then, now: Now) -> str:
    whose = f"{then.model_id}-project" if then.model_id else then.scope.value
    window = f" per {then.period}" if then.period else ""
    what = (
        "the team's credit"
        if then.kind is LimitKind.CREDITS
        else (f"the {whose}'s limit of {then.kind}{window}")
    )
    first = f"It was refused with {record.status} because of {what}, and cost nothing."
    return f"{first} {_present(then, now)}"


def _present(then: Then, now: Now) -> str:
    verdict = "would pass now" if now.would_pass else "would be refused now"
    if then.kind is LimitKind.CREDITS:
        state = f"{format_usd(now.current)} USD is left"
    elif now.max is None:
        state = "That limit is gone"
    elif then.kind in MONEY_KINDS:
        state = f"{format_usd(now.current)} of {format_usd(now.max)} USD are used at the moment"
    else:
        state = f"{now.current} of {now.max} are used at the moment"
    if now.full:
        names = ", ".join(sorted({f"{one.limit.scope} {one.limit.kind}" for one in now.full}))
        state += f", but other limits are reached ({names})"
    return f"{state}: the same request {verdict}."
