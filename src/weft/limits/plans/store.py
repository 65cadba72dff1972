"""All SQL of plans: which team has which, and what admins changed at run time. Both keep their history.

Plain functions that take a `Connection`; transactions, and saying that something changed, belong to the caller.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, Row, insert, select, update

from weft.kit.errors import CannotStart, InternalError
from weft.kit.ids import new_id
from weft.limits.plans.load import InvalidPlan, Plans
from weft.limits.plans.types import Plan
from weft.limits.rules import Setter
from weft.limits.schema import PLAN_CHANGE, TEAM_PLAN

MAX_LISTED = 1_000


class PlanMissing(InternalError):
    """The team's plan is described nowhere any more, so nobody knows what it may use."""

    code = "plan_missing"


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """A team's plan from one moment to another."""

    team_id: str
    plan: str
    reason: str
    set_by: str
    set_at_us: int
    ended_at_us: int | None


@dataclass(frozen=True, slots=True)
class PlanChange:
    """What an admin changed about a plan at run time: a table as JSON text, laid over what the files say."""

    plan: str
    changes: str
    reason: str
    set_by: str
    set_at_us: int
    ended_at_us: int | None


def find_team_plan(connection: Connection, team_id: str) -> str | None:
    """The plan that the team was given, if any."""
    wanted = select(TEAM_PLAN.c.plan).where(
        TEAM_PLAN.c.team_id == team_id, TEAM_PLAN.c.ended_at_us.is_(None)
    )
    return connection.execute(wanted).scalar_one_or_none()


def list_team_plans(connection: Connection, team_id: str | None = None) -> list[TeamPlan]:
    """The plans that a team has had, the newest first; of no team in particular: those in force."""
    wanted = select(
        TEAM_PLAN.c.team_id,
        TEAM_PLAN.c.plan,
        TEAM_PLAN.c.reason,
        TEAM_PLAN.c.set_by,
        TEAM_PLAN.c.set_at_us,
        TEAM_PLAN.c.ended_at_us,
    ).order_by(TEAM_PLAN.c.set_at_us.desc(), TEAM_PLAN.c.id.desc())
    if team_id is None:
        wanted = wanted.where(TEAM_PLAN.c.ended_at_us.is_(None))
    else:
        wanted = wanted.where(TEAM_PLAN.c.team_id == team_id)
    return [_team_plan(row) for row in connection.execute(wanted.limit(MAX_LISTED))]


def write_team_plan(
    connection: Connection, team_id: str, plan: str, *, setter: Setter, now_us: int
) -> None:
    """Give a team a plan, from now on."""
    connection.execute(
        update(TEAM_PLAN)
        .where(TEAM_PLAN.c.team_id == team_id, TEAM_PLAN.c.ended_at_us.is_(None))
        .values(ended_at_us=now_us)
    )
    connection.execute(
        insert(TEAM_PLAN).values(
            id=new_id("plan"),
            team_id=team_id,
            plan=plan,
            reason=setter.reason,
            set_by=setter.name,
            set_at_us=now_us,
        )
    )


def find_changes(connection: Connection, plan: str) -> str | None:
    """What is changed about a plan, as JSON text, if anything is."""
    wanted = select(PLAN_CHANGE.c.changes).where(
        PLAN_CHANGE.c.plan == plan, PLAN_CHANGE.c.ended_at_us.is_(None)
    )
    return connection.execute(wanted).scalar_one_or_none()


def list_changes(connection: Connection, plan: str) -> list[PlanChange]:
    """What was changed about a plan, the newest first."""
    wanted = (
        select(
            PLAN_CHANGE.c.plan,
            PLAN_CHANGE.c.changes,
            PLAN_CHANGE.c.reason,
            PLAN_CHANGE.c.set_by,
            PLAN_CHANGE.c.set_at_us,
            PLAN_CHANGE.c.ended_at_us,
        )
        .where(PLAN_CHANGE.c.plan == plan)
        .order_by(PLAN_CHANGE.c.set_at_us.desc(), PLAN_CHANGE.c.id.desc())
    )
    return [
        PlanChange(row.plan, row.changes, row.reason, row.set_by, row.set_at_us, row.ended_at_us)
        for row in connection.execute(wanted.limit(MAX_LISTED))
    ]


def write_changes(
    connection: Connection, plan: str, changes: str, *, setter: Setter, now_us: int
) -> None:
    """Lay `changes` over a plan from now on, instead of those before; `{}` takes them all back."""
    connection.execute(
        update(PLAN_CHANGE)
        .where(PLAN_CHANGE.c.plan == plan, PLAN_CHANGE.c.ended_at_us.is_(None))
        .values(ended_at_us=now_us)
    )
    connection.execute(
        insert(PLAN_CHANGE).values(
            id=new_id("plan"),
            plan=plan,
            changes=changes,
            reason=setter.reason,
            set_by=setter.name,
            set_at_us=now_us,
        )
    )


def get_plan(connection: Connection, plans: Plans, name: str) -> Plan:
    """The plan of this name as it is now, changes included.

    Raises:
        NoSuchPlan: there is none.
    """
    plan = plans.get(name)
    changes = find_changes(connection, name)
    return plan if changes is None else plans.changed(name, changes)


def get_team_plan(connection: Connection, plans: Plans, team_id: str, default: str) -> Plan:
    """The plan that holds for a team now: the one it was given, else the server's default.

    Raises:
        PlanMissing: no file describes it any more.
    """
    name = find_team_plan(connection, team_id) or default
    if plans.find(name) is None:
        raise PlanMissing(
            f"the plan {name} is described nowhere",
            remedy=f"Describe [{name}] in plans.toml again, or give the team another plan:"
            f" `weft plan set {team_id} PLAN --reason WHY`.",
        )
    return get_plan(connection, plans, name)


def check_plans(connection: Connection, plans: Plans, default: str) -> None:
    """Make sure that every plan in use is described, and every change fits.

    Raises:
        CannotStart: one is not; the message says what to mend.
    """
    if plans.find(default) is None:
        known = ", ".join(plan.name for plan in plans)
        raise CannotStart(f"default_plan = {default!r} is no plan; there are {known}")
    given = select(TEAM_PLAN.c.plan).where(TEAM_PLAN.c.ended_at_us.is_(None)).distinct()
    for name in connection.execute(given).scalars():
        if plans.find(name) is None:
            raise CannotStart(
                f"teams have the plan {name}, which plans.toml describes no more",
                remedy=f"describe [{name}] again, or give them another: weft plan set TEAM PLAN",
            )
    changed = select(PLAN_CHANGE.c.plan, PLAN_CHANGE.c.changes)
    for name, changes in connection.execute(changed.where(PLAN_CHANGE.c.ended_at_us.is_(None))):
        if plans.find(name) is None:
            continue  # nobody has it
        try:
            plans.changed(name, changes)
        except InvalidPlan as error:
            raise CannotStart(
                f"what was changed about the plan {name} does not fit any more: {error.message}",
                remedy=f"change it anew: weft plan edit {name}",
            ) from error


def _team_plan(row: Row[*tuple[object, ...]]) -> TeamPlan:
    return TeamPlan(row.team_id, row.plan, row.reason, row.set_by, row.set_at_us, row.ended_at_us)
