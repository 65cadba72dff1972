"""Usage as CSV, for spreadsheets: a report's rows, or a bill's appendix by month, team, project and model.

Lines end as RFC 4180 says. A name that a spreadsheet would take for a formula gets an apostrophe before it: names are
what users chose. The appendix is made a month at a time, so that its size does not matter.
"""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from weft.kit.clock import from_us
from weft.kit.db import Database
from weft.kit.money import format_usd
from weft.ledger.usage.names import Names, group_names
from weft.ledger.usage.report import GroupBy, UsageFilter, UsageRow
from weft.ledger.usage.rollups.tiers import (
    US_PER_DAY,
    US_PER_HOUR,
    Grain,
    month_of,
    month_start,
    period_text,
)
from weft.ledger.usage.sums import find_first_hour, sum_projects

MEDIA_TYPE = "text/csv; charset=utf-8"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MONTHS = (
    "month",
    "team_id",
    "team",
    "project_id",
    "project",
    "model",
    "requests",
    "errors",
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost_nusd",
    "cost_usd",
)

Cell = str | int


def fields_of(row: UsageRow, by: GroupBy, by2: GroupBy | None, names: Names) -> dict[str, Cell]:
    """The fields of a row, as `/api/usage` names them; the second group's only if one was asked for."""
    first: dict[str, Cell] = {"group": row.group, "name": names.get((by, row.group), row.group)}
    if by2 is not None:
        first |= {"group2": row.group2, "name2": names.get((by2, row.group2), row.group2)}
    return first | {
        "requests": row.requests,
        "errors": row.errors,
        "completed": row.completed,
        "cancelled": row.cancelled,
        "failed": row.failed,
        "refused": row.refused,
        "interrupted": row.interrupted,
        "input_tokens": row.input_tokens,
        "cached_input_tokens": row.cached_input_tokens,
        "output_tokens": row.output_tokens,
        "reasoning_tokens": row.reasoning_tokens,
        "cost_nusd": str(row.cost_nusd),
    }


def csv_report(
    rows: Iterable[UsageRow], by: GroupBy, by2: GroupBy | None, names: Names
) -> Iterator[str]:
    """The lines of a report, the header first."""
    yield _line(list(fields_of(UsageRow(""), by, by2, {})))
    for row in rows:
        yield _line(list(fields_of(row, by, by2, names).values()))


async def csv_months(
    database: Database, filters: Sequence[UsageFilter], now: datetime
) -> AsyncIterator[str]:
    """The appendix: what each project used of each model, month by month, in pieces of a month."""
    yield _line(_MONTHS)
    if not filters:
        return
    since, until = filters[0].since, filters[0].until or now
    if since is None:
        first = await database.read_soon(find_first_hour)
        since = until if first is None else from_us(first * US_PER_HOUR)
    for month in range(_month(since), _month(until) + 1):
        span = (max(since, month_start(month)), min(until, month_start(month + 1)))
        if span[0] < span[1]:
            part = [replace(each, since=span[0], until=span[1]) for each in filters]
            yield await database.read_soon(
                lambda connection, part=part, month=month: _csv_month(connection, part, month)
            )


def _month(moment: datetime) -> int:
    return month_of(int(moment.timestamp()) * 1_000_000 // US_PER_DAY)


def _csv_month(connection: Connection, filters: Sequence[UsageFilter], month: int) -> str:
    sums = sum_projects(connection, filters)
    teams = group_names(connection, GroupBy.TEAM, {team for team, _, _ in sums})
    projects = group_names(connection, GroupBy.PROJECT, {project for _, project, _ in sums})
    return _lines(
        (
            period_text(Grain.MONTH, month),
            team,
            teams.get(team, team),
            project,
            projects.get(project, project).rpartition("/")[2],
            model,
            row.requests,
            row.errors,
            row.input_tokens,
            row.cached_input_tokens,
            row.output_tokens,
            row.reasoning_tokens,
            str(row.cost_nusd),
            format_usd(row.cost_nusd),
        )
        for (team, project, model), row in sums.items()
    )


def _line(cells: Iterable[Cell]) -> str:
    return _lines([cells])


def _lines(rows: Iterable[Iterable[Cell]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([_plain(cell) for cell in cells] for cells in rows)
    return out.getvalue()


def _plain(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
