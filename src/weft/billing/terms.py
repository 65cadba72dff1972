"""What a team's plan and the limits that admins set mean for its money: the plan, and the caps of the whole team."""

from dataclasses import dataclass

from sqlalchemy import Connection

from weft.limits.plans.load import Plans
from weft.limits.plans.store import get_team_plan
from weft.limits.plans.types import CreditEnd, Plan
from weft.limits.resolve import resolve
from weft.limits.rules import Subject
from weft.limits.store import find_limits
from weft.limits.types import Limit, LimitKind, LimitScope


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a team spends."""

    plan: Plan
    caps: tuple[Limit, ...]
    """Limits of the whole team's spend, each with its window."""

    @property
    def has_overage(self) -> bool:
        """Whether the team may spend more than its credit, and owes the rest."""
        return self.plan.when_credit_ends is CreditEnd.OVERAGE


class TermsBook:
    """Looks terms up, as they are now."""

    def __init__(self, plans: Plans, default_plan: str) -> None:
        self._plans = plans
        self._default = default_plan

    def of(self, connection: Connection, team_id: str) -> Terms:
        """The terms of a team.

        Raises:
            PlanMissing: its plan is described nowhere.
        """
        plan = get_team_plan(connection, self._plans, team_id, self._default)
        subject = Subject(LimitScope.TEAM, team_id)
        allowed = resolve(plan, find_limits(connection, [team_id]), [subject], None)
        caps = tuple(
            limit
            for limit in allowed.limits
            if limit.kind is LimitKind.SPEND and limit.scope is LimitScope.TEAM
        )
        return Terms(plan, caps)
