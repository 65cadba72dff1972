"""What applies to a caller: the plan's limits, with those that admins set. Pure.

For each kind, scope and window there is at most one limit in the end:

1. what the plan says;
2. instead of it, what an admin of the server set;
3. below that, what an admin of the team set, if it is lower.
"""

from collections.abc import Iterable, Iterator, Sequence

from weft.identity.types import Principal
from weft.limits.plans.types import CreditEnd, Plan
from weft.limits.rules import Authority, SetLimit, Subject
from weft.limits.types import Allowance, Limit, LimitKind, LimitScope, Period, PlanCredit

_KINDS = [LimitKind.CONCURRENCY, LimitKind.REQUESTS, LimitKind.TOKENS, LimitKind.SPEND]
_SCOPES = [
    LimitScope.KEY,
    LimitScope.USER,
    LimitScope.PROJECT_MODEL,
    LimitScope.PROJECT,
    LimitScope.TEAM,
]
_PERIODS = [None, Period.MINUTE, Period.DAY, Period.MONTH, Period.YEAR]

_Slot = tuple[LimitKind, LimitScope, str, Period | None, str]


def subjects_of(principal: Principal) -> tuple[Subject, ...]:
    """Whom a caller's requests are counted for, the narrowest first."""
    team_id = principal.team_id
    return (
        Subject(LimitScope.KEY, principal.key_id),
        Subject(LimitScope.USER, principal.user_id, principal.username),
        Subject(
            LimitScope.PROJECT,
            principal.project_id,
            f"{principal.team}/{principal.project}",
            team_id,
        ),
        Subject(LimitScope.TEAM, team_id, principal.team, team_id),
    )


def resolve(
    plan: Plan, rows: Iterable[SetLimit], subjects: Sequence[Subject], model_id: str | None
) -> Allowance:
    """What `subjects` together may do with one model; with None, whatever is set for any model is listed.

    `rows` are in force; those for others are passed over.
    """
    found: dict[_Slot, Limit] = {
        _slot(limit): limit for limit in plan_limits(plan, subjects, model_id)
    }
    names = {subject.id: subject.name for subject in subjects}
    for row in sorted(rows, key=lambda row: row.authority):  # the server's before the team's
        rule = row.rule
        if rule.scope_id not in names or (rule.model_id and model_id not in {None, rule.model_id}):
            continue
        limit = Limit(
            kind=rule.kind,
            scope=rule.scope,
            scope_id=rule.scope_id,
            max=rule.max,
            period=rule.period,
            model_id=rule.model_id,
            set_by=row.set_by,
            name=names[rule.scope_id],
        )
        below = found.get(_slot(limit))
        if row.authority is Authority.SERVER or below is None or limit.max < below.max:
            found[_slot(limit)] = limit
    return Allowance(
        plan=plan.name,
        limits=tuple(sorted(found.values(), key=_order)),
        prepaid=plan.when_credit_ends is CreditEnd.REFUSE,
        credit=PlanCredit(plan.name, plan.included_nusd) if plan.included_nusd else None,
        weight=plan.weight,
        team=next((one.name for one in subjects if one.scope is LimitScope.TEAM), ""),
    )


def plan_limits(
    plan: Plan, subjects: Sequence[Subject], model_id: str | None = None
) -> Iterator[Limit]:
    """The limits that a plan has for `subjects`, as if no admin had set any."""
    set_by = f"plan {plan.name}"
    for subject in subjects:
        for (kind, scope), count in plan.counts.items():
            of_model = scope is LimitScope.PROJECT_MODEL
            owner = LimitScope.PROJECT if of_model else scope
            if owner is not subject.scope or (of_model and model_id is None):
                continue
            yield Limit(
                kind=kind,
                scope=scope,
                scope_id=subject.id,
                max=count,
                period=None if kind is LimitKind.CONCURRENCY else Period.MINUTE,
                model_id=(model_id or "") if of_model else "",
                set_by=set_by,
                name=subject.name,
            )
        if subject.scope is LimitScope.TEAM and plan.cap_nusd is not None:
            yield Limit(
                kind=LimitKind.SPEND,
                scope=LimitScope.TEAM,
                scope_id=subject.id,
                max=plan.cap_nusd,
                period=plan.cap_period,
                set_by=set_by,
                name=subject.name,
            )


def _slot(limit: Limit) -> _Slot:
    return limit.kind, limit.scope, limit.scope_id, limit.period, limit.model_id


def _order(limit: Limit) -> tuple[int, int, int, str, str]:
    return (
        _KINDS.index(limit.kind),
        _SCOPES.index(limit.scope),
        _PERIODS.index(limit.period),
        limit.scope_id,
        limit.model_id,
    )
