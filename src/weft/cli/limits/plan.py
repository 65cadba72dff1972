"""`weft plan`: which plans there are, which a team has, and changing both while the server runs."""

from typing import Annotated

import msgspec
import typer

from weft.cli.limits.place import ReasonOption, opened_place, operator, shown
from weft.cli.output import JsonOption, echo_json, moment
from weft.cli.store import ConfigOption, DataOption
from weft.cli.table import Column, table
from weft.kit.clock import from_us
from weft.kit.errors import InvalidRequest, Json
from weft.limits.changes import NO_CHANGES
from weft.limits.plans.load import NONE
from weft.limits.plans.store import (
    PlanChange,
    TeamPlan,
    find_changes,
    get_plan,
    get_team_plan,
    list_changes,
    list_team_plans,
)
from weft.limits.plans.types import CreditEnd, Plan
from weft.limits.subjects import find_any_team
from weft.limits.types import LimitKind, LimitScope, Period

app = typer.Typer(no_args_is_help=True)

PlanArgument = Annotated[
    str, typer.Argument(help="The plan's name, as listed.", show_default=False, metavar="PLAN")
]
_MONEY = LimitKind.CREDITS


class PlanLine(msgspec.Struct, frozen=True):
    """A plan as `--json` tells it; money in nano-dollars, as text."""

    name: str
    label: str
    included_nusd_per_month: str
    when_credit_ends: CreditEnd
    cap_nusd: str | None
    cap_period: Period | None
    concurrency: dict[str, int]
    requests_per_minute: dict[str, int]
    tokens_per_minute: dict[str, int]
    weight: int
    place: str
    changed: bool


@app.command("ls")
def list_(
    *, as_json: JsonOption = False, data: DataOption = None, config: ConfigOption = None
) -> None:
    """List the plans, as they are now, and how many teams have each."""
    with opened_place(data, config) as place, place.reading() as (connection, _):
        plans = [get_plan(connection, place.plans, plan.name) for plan in place.plans]
        changed = {
            plan.name: (find_changes(connection, plan.name) or NO_CHANGES) != NO_CHANGES
            for plan in plans
        }
        given = [each.plan for each in list_team_plans(connection)]
    if as_json:
        echo_json([_line(plan, changed=changed[plan.name]) for plan in plans])
        return
    columns = (
        Column("plan"),
        Column("credit a month", right=True),
        Column("then"),
        Column("cap", right=True),
        Column("in flight", shrinks=True),
        Column("weight", right=True),
        Column("teams", right=True),
    )
    rows = [
        (
            plan.name + (" (changed)" if changed[plan.name] else ""),
            shown(_MONEY, plan.included_nusd),
            plan.when_credit_ends.value,
            _cap(plan),
            _counts(plan, LimitKind.CONCURRENCY) or "any",
            str(plan.weight),
            str(given.count(plan.name)),
        )
        for plan in plans
    ]
    typer.echo(table(columns, rows))
    typer.echo(f"\nTeams that were given no plan have {place.default_plan}.")


app.command("list", hidden=True)(list_)


@app.command()
def show(
    plan: Annotated[
        str | None,
        typer.Argument(help="The plan's name, as listed.", show_default=False, metavar="PLAN"),
    ] = None,
    *,
    team: Annotated[
        str | None, typer.Option(help="The plan of this team, and those that it had.")
    ] = None,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show one plan, by its name or a team's, with its history."""
    if (plan is None) == (team is None):
        raise InvalidRequest("name a plan, or a team with --team", param="plan")
    had: list[TeamPlan] = []
    with opened_place(data, config) as place, place.reading() as (connection, _):
        if team is not None:
            team_id = find_any_team(connection, team).id
            found = get_team_plan(connection, place.plans, team_id, place.default_plan)
            had = list_team_plans(connection, team_id)
        else:
            found = get_plan(connection, place.plans, plan or "")
        changes = list_changes(connection, found.name)
    in_force = any(one.ended_at_us is None and one.changes != NO_CHANGES for one in changes)
    line = _line(found, changed=in_force)
    if as_json:
        echo_json({"plan": line, "changes": changes, "team": had})
    else:
        typer.echo(_story(found, changes, had))


@app.command("set")
def set_(
    team: Annotated[
        str, typer.Argument(help="The team's name or id.", show_default=False, metavar="TEAM")
    ],
    plan: PlanArgument,
    *,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Give a team another plan. It holds from the next request on; limits that were set stay."""
    with opened_place(data, config) as place, place.writing() as (connection, now_us):
        found = find_any_team(connection, team)
        chosen = place.changes.set_team_plan(
            connection, found, plan, setter=operator(reason), now_us=now_us
        )
    if as_json:
        echo_json(_line(chosen, changed=False))
    else:
        typer.echo(f"{found.name} has the plan {chosen.label}.")


@app.command()
def edit(  # noqa: PLR0913 - a flag each
    plan: PlanArgument,
    *,
    label: Annotated[str | None, typer.Option(help="What people read.")] = None,
    included: Annotated[
        str | None, typer.Option(help="Credit for each month, in dollars: 25, or none.")
    ] = None,
    credit_end: Annotated[
        CreditEnd | None, typer.Option(help="What happens when the credit is used up.")
    ] = None,
    cap: Annotated[
        str | None, typer.Option(help="The most a team may spend: 8000/month, or none.")
    ] = None,
    concurrency: Annotated[
        list[str] | None,
        typer.Option(help="user=N, project=N or project_model=N; N may be none. Repeatable."),
    ] = None,
    requests: Annotated[
        list[str] | None,
        typer.Option(help="A minute: key=N, user=N or project=N; N may be none. Repeatable."),
    ] = None,
    tokens: Annotated[list[str] | None, typer.Option(help="As --requests, of tokens.")] = None,
    weight: Annotated[
        int | None, typer.Option(help="A project's share in a model's queue.", min=1, max=1000)
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Take all earlier changes back first.")
    ] = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Change a plan for all teams that have it. What plans.toml says holds again with --reset."""
    wanted: dict[str, Json] = {}
    if label is not None:
        wanted["label"] = label
    if included is not None:
        wanted["included_usd_per_month"] = included.removeprefix("$")
    if credit_end is not None:
        wanted["when_credit_ends"] = credit_end.value
    if cap is not None:
        wanted |= _read_cap(cap)
    for key, pairs in (
        ("concurrency", concurrency),
        ("requests_per_minute", requests),
        ("tokens_per_minute", tokens),
    ):
        if pairs:
            wanted[key] = dict(map(_read_pair, pairs))
    if weight is not None:
        wanted["weight"] = weight
    if not wanted and not reset:
        raise InvalidRequest("say what to change: --cap, --included, --concurrency, ...")
    more = msgspec.json.encode(wanted).decode()
    with opened_place(data, config) as place, place.writing() as (connection, now_us):
        changes = more if reset else place.changes.merged_changes(connection, plan, more)
        changed = place.changes.change_plan(
            connection, plan, changes, setter=operator(reason), now_us=now_us
        )
    if as_json:
        echo_json(_line(changed, changed=changes != NO_CHANGES))
    else:
        typer.echo(_story(changed, [], []))


def _read_cap(text: str) -> dict[str, Json]:
    if text == NONE:
        return {"cap_usd": NONE}
    amount, _, period = text.removeprefix("$").partition("/")
    return {"cap_usd": amount, **({"cap_period": period} if period else {})}


def _read_pair(text: str) -> tuple[str, Json]:
    scope, equals, count = text.partition("=")
    if not equals or not (count == NONE or (count.isdecimal() and len(count) < 16)):
        raise InvalidRequest(f"{text[:60]!r} is no limit; write user=100, or user=none")
    return scope, NONE if count == NONE else int(count)


def _line(plan: Plan, *, changed: bool) -> PlanLine:
    def counts(kind: LimitKind) -> dict[str, int]:
        return {scope.value: n for (one, scope), n in plan.counts.items() if one is kind}

    return PlanLine(
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
        changed=changed,
    )


def _cap(plan: Plan) -> str:
    return "none" if plan.cap_nusd is None else f"{shown(_MONEY, plan.cap_nusd)}/{plan.cap_period}"


def _counts(plan: Plan, kind: LimitKind) -> str:
    found = {scope: count for (one, scope), count in plan.counts.items() if one is kind}
    return ", ".join(f"{scope} {found[scope]:,}" for scope in LimitScope if scope in found)


def _story(plan: Plan, changes: list[PlanChange], had: list[TeamPlan]) -> str:
    refuses = plan.when_credit_ends is CreditEnd.REFUSE
    lines = [
        f"{plan.label} ({plan.name})" + (f", described in {plan.place}" if plan.place else ""),
        f"  credit a month  {shown(_MONEY, plan.included_nusd)}",
        f"  then            {'requests are refused' if refuses else 'overage, to be invoiced'}",
        f"  cap             {_cap(plan)}",
        f"  in flight       {_counts(plan, LimitKind.CONCURRENCY) or 'any number'}",
        f"  requests/min    {_counts(plan, LimitKind.REQUESTS) or 'any number'}",
        f"  tokens/min      {_counts(plan, LimitKind.TOKENS) or 'any number'}",
        f"  weight          {plan.weight}",
    ]
    if changes:
        lines += ["", "Changed at run time (UTC):"]
        lines += [
            f"  {moment(from_us(one.set_at_us))}  {one.set_by}: {one.changes}  {one.reason}"
            for one in changes
        ]
    if had:
        lines += ["", "Plans of the team (UTC):"]
        lines += [
            f"  {moment(from_us(one.set_at_us))}  {one.plan}, by {one.set_by}: {one.reason}"
            for one in had
        ]
    return "\n".join(lines)
