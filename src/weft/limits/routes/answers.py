"""The shapes of requests and answers. Money crosses as strings of nano-dollars, counts as numbers."""

from datetime import datetime
from typing import Annotated

import msgspec
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from weft.kit.clock import from_us
from weft.ledger.types import Outcome
from weft.limits.counts import Count
from weft.limits.plans.store import PlanChange, TeamPlan
from weft.limits.plans.types import CreditEnd, Plan
from weft.limits.rules import Authority, SetLimit
from weft.limits.standing import Standing
from weft.limits.types import MONEY_KINDS, LimitKind, LimitScope, Period
from weft.limits.why import Why

Figure = int | str
"""A count as a number, money as a string of nano-dollars."""
Reason = Annotated[str, Field(max_length=500)]
Name = Annotated[str, Field(min_length=1, max_length=300)]


class LimitCount(BaseModel):
    """One limit that applies, and how far it is used."""

    kind: LimitKind
    scope: LimitScope
    scope_id: str
    name: str
    period: Period | None
    model: str | None
    current: Figure
    """With what requests in flight reserve."""
    reserved: Figure
    max: Figure
    left: Figure
    resets_at: datetime | None
    set_by: str


class CreditCount(BaseModel):
    """A team's credit."""

    left_nusd: str
    reserved_nusd: str
    owed_nusd: str
    included_nusd: str
    resets_at: datetime | None
    when_it_ends: CreditEnd


class OwnLimits(BaseModel):
    """Where the caller stands in one team and project."""

    team: str
    project: str | None
    plan: str
    plan_label: str
    credit: CreditCount
    limits: list[LimitCount]


class SetLimitInfo(BaseModel):
    """A limit that an admin set."""

    id: str
    kind: LimitKind
    scope: LimitScope
    scope_id: str
    name: str
    period: Period | None
    model: str | None
    max: Figure
    authority: Authority
    reason: str
    set_by: str
    set_at: datetime
    ended_at: datetime | None
    ended_by: str
    end_reason: str


class SetLimits(BaseModel):
    """Limits that admins set, by scope, the newest first."""

    limits: list[SetLimitInfo]


class LimitRequest(BaseModel):
    """A limit to set. `subject` is the name or the id of whom it is for."""

    model_config = ConfigDict(extra="forbid")

    kind: LimitKind
    scope: LimitScope
    subject: Name
    period: Period | None = None
    model: Annotated[str, Field(max_length=256)] = ""
    max: Annotated[int, Field(ge=0)] | Annotated[str, Field(pattern=r"^\d{1,19}$")]
    reason: Reason = ""


class PlanInfo(BaseModel):
    """A plan as it is now."""

    name: str
    label: str
    included_nusd_per_month: str
    when_credit_ends: CreditEnd
    cap_nusd: str | None
    cap_period: Period | None
    concurrency: dict[LimitScope, int]
    requests_per_minute: dict[LimitScope, int]
    tokens_per_minute: dict[LimitScope, int]
    weight: int
    place: str
    changes: dict[str, JsonValue] | None
    """What an admin changed at run time, and what the files say otherwise."""


class PlanList(BaseModel):
    """All plans, and which a team has that was given none."""

    default: str
    plans: list[PlanInfo]


class PlanChangeRequest(BaseModel):
    """What to change about a plan, instead of earlier changes; the keys are those of `plans.toml`."""

    model_config = ConfigDict(extra="forbid")

    changes: dict[str, JsonValue]
    reason: Reason


class PlanChangeInfo(BaseModel):
    """One change of a plan."""

    changes: dict[str, JsonValue]
    reason: str
    set_by: str
    set_at: datetime
    ended_at: datetime | None


class PlanHistory(BaseModel):
    """A plan, and what was changed about it, the newest first."""

    plan: PlanInfo
    changes: list[PlanChangeInfo]


class TeamPlanRequest(BaseModel):
    """The plan to give a team."""

    model_config = ConfigDict(extra="forbid")

    plan: Annotated[str, Field(max_length=32)]
    reason: Reason


class TeamPlanInfo(BaseModel):
    """A plan that a team has, or had."""

    plan: str
    reason: str
    set_by: str
    set_at: datetime
    ended_at: datetime | None


class TeamPlans(BaseModel):
    """The plan of a team, and those that it was given, the newest first."""

    team: str
    plan: PlanInfo
    history: list[TeamPlanInfo]


class LimitNow(BaseModel):
    """The limit that stood in the way, at this moment."""

    current: Figure
    max: Figure | None
    resets_at: datetime | None
    would_pass: bool
    also_reached: list[LimitCount]


class WhyAnswer(BaseModel):
    """What became of a request, and why."""

    request_id: str
    started_at: datetime
    status: int
    outcome: Outcome
    error_code: str
    cost_nusd: str
    answer: str
    message: str
    metadata: dict[str, JsonValue]
    now: LimitNow | None
    """None where no limit stood in the way."""


def count_info(count: Count, names: dict[str, str] | None = None) -> LimitCount:
    """A limit and its count, as told."""
    limit = count.limit
    return LimitCount(
        kind=limit.kind,
        scope=limit.scope,
        scope_id=limit.scope_id,
        name=(names or {}).get(limit.scope_id) or limit.name,
        period=limit.period,
        model=limit.model_id or None,
        current=figure(limit.kind, count.current),
        reserved=figure(limit.kind, count.reserved),
        max=figure(limit.kind, limit.max),
        left=figure(limit.kind, count.left),
        resets_at=moment(count.resets_at_us),
        set_by=limit.set_by,
    )


def credit_info(standing: Standing) -> CreditCount:
    """A team's credit, as told."""
    credit = standing.credit
    return CreditCount(
        left_nusd=str(credit.left_nusd),
        reserved_nusd=str(credit.reserved_nusd),
        owed_nusd=str(credit.owed_nusd),
        included_nusd=str(credit.included_nusd),
        resets_at=moment(credit.resets_at_us),
        when_it_ends=standing.plan.when_credit_ends,
    )


def set_limit_info(row: SetLimit, name: str) -> SetLimitInfo:
    """A limit that was set, as told."""
    rule = row.rule
    return SetLimitInfo(
        id=row.id,
        kind=rule.kind,
        scope=rule.scope,
        scope_id=rule.scope_id,
        name=name,
        period=rule.period,
        model=rule.model_id or None,
        max=figure(rule.kind, rule.max),
        authority=row.authority,
        reason=row.reason,
        set_by=row.set_by,
        set_at=from_us(row.set_at_us),
        ended_at=moment(row.ended_at_us),
        ended_by=row.ended_by,
        end_reason=row.end_reason,
    )


def plan_info(plan: Plan, changes: str | None) -> PlanInfo:
    """A plan, as told."""

    def counts(kind: LimitKind) -> dict[LimitScope, int]:
        return {scope: count for (one, scope), count in plan.counts.items() if one is kind}

    return PlanInfo(
        name=plan.name,
        label=plan.label,
        included_nusd_per_month=str(plan.included_nusd),
        when_credit_ends=plan.when_credit_ends,
        cap_nusd=None if plan.cap_nusd is None else str(plan.cap_nusd),
        cap_period=None if plan.cap_nusd is None else plan.cap_period,
        concurrency=counts(LimitKind.CONCURRENCY),
        requests_per_minute=counts(LimitKind.REQUESTS),
        tokens_per_minute=counts(LimitKind.TOKENS),
        weight=plan.weight,
        place=plan.place,
        changes=(msgspec.json.decode(changes) if changes else None) or None,
    )


def plan_change_info(change: PlanChange) -> PlanChangeInfo:
    """A change of a plan, as told."""
    return PlanChangeInfo(
        changes=msgspec.json.decode(change.changes),
        reason=change.reason,
        set_by=change.set_by,
        set_at=from_us(change.set_at_us),
        ended_at=moment(change.ended_at_us),
    )


def team_plan_info(given: TeamPlan) -> TeamPlanInfo:
    """A plan that a team was given, as told."""
    return TeamPlanInfo(
        plan=given.plan,
        reason=given.reason,
        set_by=given.set_by,
        set_at=from_us(given.set_at_us),
        ended_at=moment(given.ended_at_us),
    )


def why_answer(why: Why) -> WhyAnswer:
    """Why a request was refused, as told."""
    record, now, then = why.record, why.now, why.then
    return WhyAnswer(
        request_id=record.id,
        started_at=from_us(record.started_at_us),
        status=record.status,
        outcome=record.outcome,
        error_code=record.error_code,
        cost_nusd=str(record.cost_nusd),
        answer=why.answer,
        message=why.message,
        metadata=why.metadata,
        now=None
        if now is None or then is None
        else LimitNow(
            current=figure(then.kind, now.current),
            max=None if now.max is None else figure(then.kind, now.max),
            resets_at=moment(now.resets_at_us),
            would_pass=now.would_pass,
            also_reached=[count_info(count) for count in now.full],
        ),
    )


def figure(kind: LimitKind, amount: int) -> Figure:
    """An amount in the form of its kind."""
    return str(amount) if kind in MONEY_KINDS else amount


def moment(stamp_us: int | None) -> datetime | None:
    """A stamp as it is told."""
    return None if stamp_us is None else from_us(stamp_us)
