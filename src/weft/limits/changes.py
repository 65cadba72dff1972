"""How plans and limits change. Each verb is called within one write transaction, and is seen everywhere at once.

Invariant: a change, its history, its entry in the audit log, a new generation of identity (which every process's
knowledge of callers hangs on) and a new version of the ledger's head commit together. Who may change what is decided
here and in `routes/rights.py`.
"""

from dataclasses import replace

import msgspec
from sqlalchemy import Connection

from weft.identity.audit.store import record
from weft.identity.audit.types import Actor, Detail
from weft.identity.generation import bump
from weft.identity.names import NoSuchThing
from weft.identity.types import Team, TeamKind
from weft.kit.clock import from_us
from weft.kit.errors import InvalidRequest, NotPermitted
from weft.ledger.posting import Head
from weft.limits.plans.load import Plans
from weft.limits.plans.store import (
    PlanMissing,
    find_changes,
    get_team_plan,
    write_changes,
    write_team_plan,
)
from weft.limits.plans.types import Plan
from weft.limits.resolve import plan_limits
from weft.limits.rules import (
    Authority,
    InvalidLimit,
    Rule,
    SetLimit,
    Setter,
    Subject,
    check_reason,
    check_rule,
    rule_of,
)
from weft.limits.store import (
    MAX_MODELS,
    count_models,
    end_limit,
    find_limit,
    find_same,
    insert_limit,
)
from weft.limits.subjects import name_and_team, teams_of
from weft.limits.types import MONEY_KINDS

MAX_CHANGES_CHARS = 4096
NO_CHANGES = "{}"


class LimitTooHigh(NotPermitted):
    """A team's admin may set limits below what the plan or an admin of the server allows, and not above."""

    code = "limit_too_high"


class Changes:
    """Changes plans and limits. `default_plan` is the plan of teams that were given none."""

    def __init__(self, plans: Plans, *, default_plan: str) -> None:
        self._plans = plans
        self._default_plan = default_plan

    def set_limit(
        self, connection: Connection, subject: Subject, rule: Rule, *, setter: Setter, now_us: int
    ) -> SetLimit:
        """Put a limit in force, instead of the one that the same authority set before.

        Raises:
            InvalidLimit: there is no such limit, or a reason is needed.
            LimitTooHigh: an admin of a team may not set it so high.
            NotPermitted: the subject is not the team's alone.
        """
        check_rule(rule)
        assert rule.scope_id == subject.id
        head = Head(connection, now_us)
        setter = replace(setter, reason=check_reason(setter.reason))
        most = self._plan_max(connection, subject, rule)
        if setter.authority is Authority.TEAM:
            _check_own(subject)
            above = find_same(connection, rule, Authority.SERVER)
            _check_below(rule, above.rule.max if above else most)
        elif most is not None and rule.max > most:
            check_reason(setter.reason, needed_for="a limit above the plan's")
        before = find_same(connection, rule, setter.authority)
        if before is not None:
            end_limit(connection, before.id, replace(setter, reason="replaced"), now_us)
        elif rule.model_id and count_models(connection, rule.scope_id) >= MAX_MODELS:
            raise InvalidLimit(f"a project has at most {MAX_MODELS} limits by model", param="model")
        made = insert_limit(connection, rule, setter, now_us)
        _tell_limit(connection, "limit.set", rule, setter=setter, now_us=now_us)
        _save(connection, head)
        return made

    def end_limit(
        self, connection: Connection, limit_id: str, *, setter: Setter, now_us: int
    ) -> SetLimit:
        """Take a limit out of force. What it stood in for holds again.

        Raises:
            NoSuchThing: it is not in force.
            NotPermitted: an admin of the server set it, and a team's admin asks.
        """
        found = find_limit(connection, limit_id)
        if found is None or found.ended_at_us is not None:
            raise NoSuchThing(
                f"no limit {limit_id[:64]} is in force",
                param="limit",
                remedy="`weft limit ls` lists those that are, with their ids.",
            )
        if found.authority is Authority.SERVER and setter.authority is Authority.TEAM:
            raise NotPermitted(
                "An admin of the server set this limit",
                remedy=f"Ask for it: `weft limit rm {found.id}`.",
            )
        head = Head(connection, now_us)
        setter = replace(setter, reason=check_reason(setter.reason))
        end_limit(connection, found.id, setter, now_us)
        _tell_limit(connection, "limit.end", found.rule, setter=setter, now_us=now_us)
        _save(connection, head)
        return replace(found, ended_at_us=now_us, ended_by=setter.name, end_reason=setter.reason)

    def set_team_plan(
        self, connection: Connection, team: Team, plan: str, *, setter: Setter, now_us: int
    ) -> Plan:
        """Give a team another plan, from now on. Limits that admins set stay.

        Raises:
            NoSuchPlan: there is none.
            InvalidLimit: there is no reason.
        """
        if team.kind is TeamKind.PERSONAL:
            raise InvalidRequest(f"{team.name} is a personal entity and has no plan", param="team")
        chosen = self._plans.get(plan)
        head = Head(connection, now_us)
        reason = check_reason(setter.reason, needed_for="another plan")
        write_team_plan(
            connection, team.id, chosen.name, setter=replace(setter, reason=reason), now_us=now_us
        )
        _tell_team_plan(connection, team, chosen.name, setter=setter, now_us=now_us)
        _save(connection, head)
        return get_team_plan(connection, self._plans, team.id, self._default_plan)

    def change_plan(
        self, connection: Connection, plan: str, changes: str, *, setter: Setter, now_us: int
    ) -> Plan:
        """Change a plan for all teams that have it: `changes` is laid over what the files say, as JSON.

        They stand instead of earlier ones; `{}` takes all back.

        Raises:
            NoSuchPlan: there is none.
            InvalidPlan: it cannot be so.
            InvalidLimit: there is no reason.
        """
        if len(changes) > MAX_CHANGES_CHARS:
            raise InvalidRequest(
                f"the changes are longer than {MAX_CHANGES_CHARS} characters", param="changes"
            )
        changed = self._plans.changed(plan, changes)
        head = Head(connection, now_us)
        reason = check_reason(setter.reason, needed_for="a change of a plan")
        write_changes(
            connection, plan, changes, setter=replace(setter, reason=reason), now_us=now_us
        )
        _tell_plan(connection, plan, changes, setter=setter, now_us=now_us)
        _save(connection, head)
        return changed

    def merged_changes(self, connection: Connection, plan: str, more: str) -> str:
        """The changes of a plan that are in force, with `more` laid over them."""
        before = find_changes(connection, plan) or NO_CHANGES
        return msgspec.json.encode(self._plans.merge(before, more)).decode()

    def _plan_max(self, connection: Connection, subject: Subject, rule: Rule) -> int | None:
        """The lowest limit that a plan has where this one would stand; None: no plan has one."""
        found: list[int] = []
        for team_id in teams_of(connection, subject):
            try:
                plan = get_team_plan(connection, self._plans, team_id, self._default_plan)
            except PlanMissing:
                continue  # its requests are refused until it has another
            found += [
                limit.max
                for limit in plan_limits(plan, [subject], rule.model_id or None)
                if rule_of(limit).slot == rule.slot
            ]
        return min(found, default=None)


def _check_own(subject: Subject) -> None:
    if subject.team_id is None:
        raise NotPermitted(
            f"A {subject.scope} may be of several teams, so only admins of the server limit it",
            remedy="Limit the team, a project, or a key that works for this team only:"
            " `weft key create --team TEAM`.",
        )


def _check_below(rule: Rule, most: int | None) -> None:
    if most is not None and rule.max > most:
        raise LimitTooHigh(
            f"The limit that holds is {most}, and an admin of a team may only set a lower one",
            param="max",
            remedy="Ask an admin of the server: `weft limit set`, or `weft plan set` for another plan.",
        )


def _save(connection: Connection, head: Head) -> None:
    bump(connection)
    head.save()


def _tell_limit(
    connection: Connection, action: str, rule: Rule, *, setter: Setter, now_us: int
) -> None:
    name, team_id = name_and_team(connection, rule.scope, rule.scope_id)
    most = {"max_nusd": str(rule.max)} if rule.kind in MONEY_KINDS else {"max": rule.max}
    detail: Detail = {
        "scope": rule.scope.value,
        "kind": rule.kind.value,
        **most,
        "period": rule.period and rule.period.value,
        "model": rule.model_id or None,
    }
    _tell(connection, action, name, team_id=team_id, detail=detail, setter=setter, now_us=now_us)


def _tell_team_plan(
    connection: Connection, team: Team, plan: str, *, setter: Setter, now_us: int
) -> None:
    _tell(
        connection,
        "team.plan",
        team.name,
        team_id=team.id,
        detail={"plan": plan},
        setter=setter,
        now_us=now_us,
    )


def _tell_plan(
    connection: Connection, plan: str, changes: str, *, setter: Setter, now_us: int
) -> None:
    detail = {"changes": changes}
    _tell(
        connection, "plan.change", plan, team_id=None, detail=detail, setter=setter, now_us=now_us
    )


def _tell(
    connection: Connection,
    action: str,
    subject: str,
    *,
    team_id: str | None,
    detail: Detail,
    setter: Setter,
    now_us: int,
) -> None:
    record(
        connection,
        by=Actor(setter.name, setter.user_id),
        action=action,
        subject=subject,
        team=team_id,
        detail={**detail, "reason": setter.reason},
        now=from_us(now_us),
    )
