"""`weft limit`: limits of teams, projects, users and keys. What is set holds from the next request on."""

from datetime import datetime
from typing import Annotated

import msgspec
import typer
from sqlalchemy import Connection

from weft.cli.limits.place import (
    ReasonOption,
    opened_place,
    operator,
    read_spend,
    shown,
)
from weft.cli.output import JsonOption, echo_json, moment
from weft.cli.store import ConfigOption, DataOption
from weft.cli.table import Column, table
from weft.kit.clock import from_us
from weft.kit.errors import InvalidRequest
from weft.limits.counts import Count, CreditLeft
from weft.limits.plans.types import CreditEnd
from weft.limits.routes.rules import scope_ids_of
from weft.limits.rules import Authority, Rule, SetLimit, Subject
from weft.limits.standing import Standing
from weft.limits.store import list_limits
from weft.limits.subjects import find_any_team, get_subject, names_of
from weft.limits.types import MONEY_KINDS, LimitKind, LimitScope, Period

app = typer.Typer(no_args_is_help=True)

SHOWN_CHARS = 8
"""Of an id, its end: the random part of it."""

ScopeArgument = Annotated[
    LimitScope, typer.Argument(help="Whose limit it is: key, user, project or team.")
]
NameArgument = Annotated[
    str,
    typer.Argument(
        help="Its name or id; of a project: team/project.", show_default=False, metavar="NAME"
    ),
]


class LimitLine(msgspec.Struct, frozen=True):
    """A limit that was set, as `--json` tells it; money in nano-dollars, as text."""

    id: str
    kind: LimitKind
    scope: LimitScope
    scope_id: str
    name: str
    period: Period | None
    model: str | None
    max: int | str
    authority: Authority
    reason: str
    set_by: str
    set_at: datetime
    ended_at: datetime | None
    ended_by: str
    end_reason: str


class CountLine(msgspec.Struct, frozen=True):
    """A limit that applies, as `--json` tells it."""

    kind: LimitKind
    scope: LimitScope
    name: str
    period: Period | None
    model: str | None
    current: int | str
    max: int | str
    resets_at: datetime | None
    set_by: str


@app.command("set")
def set_(  # noqa: PLR0913 - a flag each
    scope: ScopeArgument,
    name: NameArgument,
    *,
    spend: Annotated[
        list[str] | None,
        typer.Option(help="Dollars within a day, month or year: 5/day. Repeatable."),
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(help="Requests in flight.", min=0, show_default=False)
    ] = None,
    requests: Annotated[
        int | None, typer.Option(help="Requests within a minute.", min=0, show_default=False)
    ] = None,
    tokens: Annotated[
        int | None, typer.Option(help="Tokens within a minute.", min=0, show_default=False)
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="With --concurrency of a project: of this model only, by id.", show_default=False
        ),
    ] = None,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Set limits, instead of those that were set before. 0 lets nothing through."""
    wanted: list[tuple[LimitKind, Period | None, int]] = []
    if concurrency is not None:
        wanted.append((LimitKind.CONCURRENCY, None, concurrency))
    if requests is not None:
        wanted.append((LimitKind.REQUESTS, Period.MINUTE, requests))
    if tokens is not None:
        wanted.append((LimitKind.TOKENS, Period.MINUTE, tokens))
    for text in spend or ():
        amount, period = read_spend(text)
        wanted.append((LimitKind.SPEND, period, amount))
    if not wanted:
        raise InvalidRequest("say what to limit: --spend, --concurrency, --requests or --tokens")
    if model is not None and scope is LimitScope.PROJECT:
        scope = LimitScope.PROJECT_MODEL
    with opened_place(data, config) as place, place.writing() as (connection, now_us):
        subject, model_id = get_subject(connection, scope, name), place.model_id(model)
        made = [
            place.changes.set_limit(
                connection,
                subject,
                Rule(kind, scope, subject.id, period, model_id, most),
                setter=operator(reason),
                now_us=now_us,
            )
            for kind, period, most in wanted
        ]
        names = names_of(connection, made)
    _tell([_line(row, names) for row in made], as_json=as_json, verb="Set")


@app.command("ls")
def list_(
    *,
    team: Annotated[
        str | None,
        typer.Option(
            help="Only of this team, its projects, and the keys of it alone.", show_default=False
        ),
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="Also those that ended.")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List the limits that were set. What plans say is told by `weft plan ls`."""
    with opened_place(data, config) as place, place.reading() as (connection, _):
        scope_ids = scope_ids_of(connection, find_any_team(connection, team)) if team else None
        rows = list_limits(connection, scope_ids, history=history)
        names = names_of(connection, rows)
    lines = [_line(row, names) for row in rows]
    if as_json:
        echo_json(lines)
    elif not lines:
        typer.echo("No limits are set: what the plans say holds. `weft limit set` sets one.")
    else:
        typer.echo(_table(lines, history=history))


app.command("list", hidden=True)(list_)


@app.command("rm")
def remove(
    limit: Annotated[
        str, typer.Argument(help="Its id, or the end of it as listed.", show_default=False)
    ],
    *,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Take a limit out of force: what the plan says holds again."""
    with opened_place(data, config) as place, place.writing() as (connection, now_us):
        row = place.changes.end_limit(
            connection, _full_id(connection, limit), setter=operator(reason), now_us=now_us
        )
        names = names_of(connection, [row])
    _tell([_line(row, names)], as_json=as_json, verb="Ended")


@app.command()
def show(
    name: Annotated[
        str,
        typer.Argument(help="A team, or team/project.", show_default=False, metavar="PLACE"),
    ],
    *,
    user: Annotated[str | None, typer.Option(help="With this user's.")] = None,
    key: Annotated[str | None, typer.Option(help="With this key's.")] = None,
    model: Annotated[str | None, typer.Option(help="For this model, by id.")] = None,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show which limits apply, the plan's included, and how far each is used."""
    with opened_place(data, config) as place, place.reading() as (connection, now_us):
        subjects: list[Subject] = []
        if "/" in name:
            subjects.append(get_subject(connection, LimitScope.PROJECT, name))
        team = name.partition("/")[0]
        subjects.append(get_subject(connection, LimitScope.TEAM, team))
        if user:
            subjects.append(get_subject(connection, LimitScope.USER, user))
        if key:
            subjects.append(get_subject(connection, LimitScope.KEY, key))
        model_id = place.model_id(model) or None
        standing = place.standings.of(connection, subjects, model_id, now_us=now_us)
    lines = [_count_line(count) for count in standing.counts]
    if as_json:
        echo_json({"plan": standing.plan.name, "credit": _credit(standing.credit), "limits": lines})
    else:
        typer.echo(_story(standing, lines))


def _full_id(connection: Connection, end: str) -> str:
    """The id of the only limit in force whose id ends so; else what was written."""
    found = [row.id for row in list_limits(connection) if row.id.endswith(end)]
    return found[0] if len(end) >= SHOWN_CHARS and len(found) == 1 else end


def _line(row: SetLimit, names: dict[str, str]) -> LimitLine:
    rule = row.rule
    return LimitLine(
        id=row.id,
        kind=rule.kind,
        scope=rule.scope,
        scope_id=rule.scope_id,
        name=names.get(rule.scope_id, rule.scope_id),
        period=rule.period,
        model=rule.model_id or None,
        max=_figure(rule.kind, rule.max),
        authority=row.authority,
        reason=row.reason,
        set_by=row.set_by,
        set_at=from_us(row.set_at_us),
        ended_at=None if row.ended_at_us is None else from_us(row.ended_at_us),
        ended_by=row.ended_by,
        end_reason=row.end_reason,
    )


def _count_line(count: Count) -> CountLine:
    limit = count.limit
    return CountLine(
        kind=limit.kind,
        scope=limit.scope,
        name=limit.name or limit.scope_id,
        period=limit.period,
        model=limit.model_id or None,
        current=_figure(limit.kind, count.current),
        max=_figure(limit.kind, limit.max),
        resets_at=None if count.resets_at_us is None else from_us(count.resets_at_us),
        set_by=limit.set_by,
    )


def _credit(credit: CreditLeft) -> dict[str, str]:
    return {
        "left_nusd": str(credit.left_nusd),
        "reserved_nusd": str(credit.reserved_nusd),
        "owed_nusd": str(credit.owed_nusd),
        "included_nusd": str(credit.included_nusd),
    }


def _figure(kind: LimitKind, amount: int) -> int | str:
    return str(amount) if kind in MONEY_KINDS else amount


def _whose(scope: LimitScope, name: str, model: str | None) -> str:
    return f"{scope.value.partition('_')[0]} {name}" + (f" with {model}" if model else "")


def _most(kind: LimitKind, most: int | str, period: Period | None) -> str:
    return shown(kind, int(most)) + (f"/{period}" if period else "")


def _tell(lines: list[LimitLine], *, as_json: bool, verb: str) -> None:
    if as_json:
        echo_json(lines)
        return
    for line in lines:
        whose = _whose(line.scope, line.name, line.model)
        typer.echo(f"{verb}: {line.kind} of {whose}, {_most(line.kind, line.max, line.period)}")


def _table(lines: list[LimitLine], *, history: bool) -> str:
    columns = [
        Column("id"),
        Column("whose", shrinks=True),
        Column("kind"),
        Column("at most", right=True),
        Column("set by", shrinks=True),
        Column("reason", shrinks=True),
        *([Column("ended (UTC)")] if history else []),
    ]
    rows = [
        (
            line.id[-SHOWN_CHARS:],
            _whose(line.scope, line.name, line.model),
            line.kind.value,
            _most(line.kind, line.max, line.period),
            line.set_by,
            line.reason or "-",
            *([moment(line.ended_at, "-")] if history else []),
        )
        for line in lines
    ]
    return table(columns, rows)


def _story(standing: Standing, lines: list[CountLine]) -> str:
    plan, credit = standing.plan, standing.credit
    ends = "requests are refused" if plan.when_credit_ends is CreditEnd.REFUSE else "overage"
    money = LimitKind.CREDITS
    head = (
        f"Plan {plan.label}; credit left {shown(money, credit.left_nusd)},"
        f" then {ends}; owed {shown(money, credit.owed_nusd)}."
    )
    if not lines:
        return f"{head}\nNothing is limited."
    columns = (
        Column("whose", shrinks=True),
        Column("kind"),
        Column("used", right=True),
        Column("at most", right=True),
        Column("turns (UTC)"),
        Column("set by", shrinks=True),
    )
    rows = [
        (
            _whose(line.scope, line.name, line.model),
            line.kind.value,
            shown(line.kind, int(line.current)),
            _most(line.kind, line.max, line.period),
            moment(line.resets_at, "-"),
            line.set_by,
        )
        for line in lines
    ]
    return f"{head}\n\n{table(columns, rows)}"
