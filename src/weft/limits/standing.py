"""Where a caller stands: each limit that applies to them, how far it is used, and the credit that is left."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from weft.limits.counts import Count, CreditLeft, count_limits, credit_left
from weft.limits.plans.load import Plans
from weft.limits.plans.store import get_team_plan
from weft.limits.plans.types import Plan
from weft.limits.resolve import resolve
from weft.limits.rules import Subject
from weft.limits.store import find_limits
from weft.limits.types import Allowance, LimitKind, LimitScope


@dataclass(frozen=True, slots=True)
class Standing:
    """What applies to some subjects of one team, and how far it is used."""

    plan: Plan
    allowance: Allowance
    counts: tuple[Count, ...]
    credit: CreditLeft

    def find(
        self, kind: LimitKind, scope: LimitScope, *, scope_id: str, period: str, model_id: str
    ) -> Count | None:
        """The count of one limit, if there is such a limit."""
        for count in self.counts:
            limit = count.limit
            same = (limit.kind, limit.scope, limit.scope_id, limit.period or "", limit.model_id)
            if same == (kind, scope, scope_id, period, model_id):
                return count
        return None


@dataclass(frozen=True, slots=True)
class Standings:
    """Tells standings. `default_plan` is the plan of teams that were given none."""

    plans: Plans
    default_plan: str

    def of(
        self,
        connection: Connection,
        subjects: Sequence[Subject],
        model_id: str | None,
        *,
        now_us: int,
    ) -> Standing:
        """How these stand, the team among them; with no model, limits of any model are listed.

        Raises:
            PlanMissing: the team's plan is described nowhere any more.
        """
        (team,) = [subject for subject in subjects if subject.scope is LimitScope.TEAM]
        plan = get_team_plan(connection, self.plans, team.id, self.default_plan)
        rows = find_limits(connection, [subject.id for subject in subjects])
        allowance = resolve(plan, rows, subjects, model_id)
        return Standing(
            plan=plan,
            allowance=allowance,
            counts=tuple(count_limits(connection, allowance.limits, now_us)),
            credit=credit_left(connection, allowance, team.id, now_us),
        )
