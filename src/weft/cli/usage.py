"""`weft usage`: what was used and what it cost, by hour, day, month, model, project, key, user or team."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from sqlalchemy import Connection

from weft.cli.store import ConfigOption, DataOption, opened
from weft.cli.table import Column, table
from weft.identity.keys import list_keys
from weft.identity.names import NoSuchThing
from weft.identity.people import get_user
from weft.identity.teams import get_project, get_team
from weft.kit.errors import InvalidRequest
from weft.kit.money import format_usd
from weft.ledger.usage.export import csv_report, fields_of
from weft.ledger.usage.names import Names, row_names
from weft.ledger.usage.report import GroupBy, UsageFilter, UsageRow, parse_moment, total
from weft.ledger.usage.sums import MAX_TOP, TOP, sum_usage

_FIGURES = ("requests", "errors", "input", "cached", "output", "reasoning", "cost USD")


@dataclass(frozen=True, slots=True)
class Report:
    """A usage report, ready to be written."""

    by: GroupBy
    by2: GroupBy | None
    since: datetime | None
    until: datetime | None
    rows: tuple[UsageRow, ...]
    names: Names

    def named(self, row: UsageRow) -> tuple[str, ...]:
        """What people know a row's groups by."""
        first = self.names.get((self.by, row.group), row.group)
        if self.by2 is None:
            return (first,)
        return first, self.names.get((self.by2, row.group2), row.group2)


def usage(  # noqa: PLR0913 - a flag each
    *,
    by: Annotated[
        str,
        typer.Option(
            metavar="GROUP[,GROUP]",
            help="What each line stands for: hour, day, month, model, project, key, user or team; or two: day,model.",
        ),
    ] = GroupBy.DAY.value,
    top: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MAX_TOP,
            help=f"Only the dearest groups, the rest in one line; {TOP} with a time and something else.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="From: 7d, 12h (ago), 2026-11-01 or 2026-11-01T15:00, in UTC."),
    ] = None,
    until: Annotated[str | None, typer.Option(help="Until, not included; as --since.")] = None,
    model: Annotated[str | None, typer.Option(help="Only this model, by id.")] = None,
    team: Annotated[str | None, typer.Option(help="Only this team.")] = None,
    project: Annotated[str | None, typer.Option(help="Only this project: team/project.")] = None,
    key: Annotated[str | None, typer.Option(help="Only this key, by name or id.")] = None,
    user: Annotated[str | None, typer.Option(help="Only this user.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="As JSON; money as nano-dollars.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show what was used and what it cost: requests, tokens and US dollars.

    Input counts cached tokens too, output counts reasoning tokens too. Errors are requests that failed, were refused
    or lost their server. Requests count by the moment they were posted.
    """
    first, second = _groups(by)
    now = datetime.now(UTC)
    start = parse_moment(since, now) if since else None
    end = parse_moment(until, now) if until else None
    with opened(data, config) as database, database.read() as connection:
        chosen = UsageFilter(
            since=start,
            until=end,
            model_id=model,
            team_id=get_team(connection, team).id if team else None,
            project_id=_project_id(connection, project) if project else None,
            key_id=_key_id(connection, key) if key else None,
            user_id=get_user(connection, user).id if user else None,
        )
        rows = tuple(sum_usage(connection, first, chosen, by2=second, top=top))
        names = row_names(connection, first, second, rows)
    report = Report(first, second, start, end, rows, names)
    typer.echo(_json(report) if as_json else _csv(report) if as_csv else _text(report))


def _groups(text: str) -> tuple[GroupBy, GroupBy | None]:
    known = [group.value for group in GroupBy]
    words = text.split(",")
    unknown = [word for word in words if word not in known]
    if unknown or len(words) > 2:
        raise InvalidRequest(
            f"{text!r} is nothing to group by; write one or two of {', '.join(known)}", param="by"
        )
    return GroupBy(words[0]), GroupBy(words[1]) if len(words) > 1 else None


def _project_id(connection: Connection, name: str) -> str:
    team, slash, project = name.partition("/")
    if not (team and slash and project):
        raise InvalidRequest(f"{name!r} is no project; write team/project", param="project")
    return get_project(connection, team, project).id


def _key_id(connection: Connection, name: str) -> str:
    found = [key.id for key in list_keys(connection) if name in {key.id, key.name}]
    if len(found) != 1:
        what = f"{len(found)} keys are called {name}" if found else f"there is no key {name}"
        raise NoSuchThing(what, param="key", remedy="name it by its id: weft key list")
    return found[0]


def _text(report: Report) -> str:
    if not report.rows:
        return f"No requests were metered{_span(report)}."
    sums = total(report.rows)
    groups = [report.by] if report.by2 is None else [report.by, report.by2]
    columns = (
        *(Column(group.value, shrinks=True) for group in groups),
        *(Column(title, right=True) for title in _FIGURES),
    )
    decimals = max(len(_fraction(row.cost_nusd)) for row in (*report.rows, sums))
    rows = [(*report.named(row), *_cells(row, decimals)) for row in report.rows]
    footer = ("total", *("" for _ in groups[1:]), *_cells(sums, decimals))
    return table(columns, rows, footer=footer)


def _span(report: Report) -> str:
    since = f" since {report.since:%Y-%m-%d %H:%M} UTC" if report.since else ""
    until = f" until {report.until:%Y-%m-%d %H:%M} UTC" if report.until else ""
    return since + until


def _cells(row: UsageRow, decimals: int) -> tuple[str, ...]:
    counts = (
        row.requests,
        row.errors,
        row.input_tokens,
        row.cached_input_tokens,
        row.output_tokens,
        row.reasoning_tokens,
    )
    return (*(f"{count:,}" for count in counts), _dollars(row.cost_nusd, decimals))


def _dollars(cost_nusd: int, decimals: int) -> str:
    """Exact, with as many decimals as the column's longest figure needs."""
    whole = format_usd(cost_nusd).partition(".")[0]
    fraction = _fraction(cost_nusd).ljust(decimals, "0")
    return f"{int(whole):,}.{fraction}" if fraction else f"{int(whole):,}"


def _fraction(cost_nusd: int) -> str:
    return format_usd(cost_nusd).partition(".")[2]


def _json(report: Report) -> str:
    body = {
        "by": report.by,
        "by2": report.by2,
        "since": report.since,
        "until": report.until,
        "rows": [fields_of(row, report.by, report.by2, report.names) for row in report.rows],
        "total": fields_of(replace(total(report.rows), group="total"), report.by, None, {}),
    }
    return msgspec.json.format(msgspec.json.encode(body)).decode()


def _csv(report: Report) -> str:
    lines = csv_report(report.rows, report.by, report.by2, report.names)
    return "".join(lines).replace("\r\n", "\n").rstrip("\n")
