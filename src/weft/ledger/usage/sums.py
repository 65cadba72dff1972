"""Sums of usage, from the roll-ups: the SQL behind every report.

A report is put together from parts (`spans.py`): few rows of coarse tiers, and record by record what lies in an hour
that is only partly wanted. Each part is one statement; what they answer is added up here.

By time and something else, the largest groups are found first, and only they are read for each period; the rest of a
period is its total less these. So a year by day and key reads the rows of ten keys, not of all.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import add, sub

from sqlalchemy import Connection

from weft.kit import bulk
from weft.kit.errors import InvalidRequest
from weft.ledger.usage.report import OTHERS, GroupBy, UsageFilter, UsageRow
from weft.ledger.usage.rollups.folding import COUNTED, MODEL, SUMMED, read_folded
from weft.ledger.usage.rollups.tiers import (
    BASE,
    FIGURES,
    Grain,
    Level,
    first_hour,
    level_of,
    period_of,
    period_text,
    tier,
)
from weft.ledger.usage.spans import Ask, Part, Rolled, Single, parts_of

MAX_GROUPS = 10_000
TOP = 10
MAX_TOP = 100
MAX_HOURS = 31 * 24
"""A report by the hour reaches over so many; beyond it, days are the better unit."""
MAX_HOURS_BY_TWO = 7 * 24
"""By the hour and something else."""


_GRAINS = {GroupBy.HOUR: Grain.HOUR, GroupBy.DAY: Grain.DAY, GroupBy.MONTH: Grain.MONTH}
_COLUMNS = {
    GroupBy.MODEL: "model_id",
    GroupBy.PROJECT: "project_id",
    GroupBy.KEY: "key_id",
    GroupBy.USER: "user_id",
    GroupBy.TEAM: "team_id",
}
_SUMMED_AS = ", ".join(f"{how} AS {name}" for how, name in zip(SUMMED, FIGURES, strict=True))
_SUM_SERIES = (
    f"SELECT {{0}}, {_SUMMED_AS} FROM usage_sum WHERE tier = ? AND period >= ? AND period < ?"  # noqa: S608
    " GROUP BY {0}"
)
_BY_SERIES = "INDEXED BY usage_sum_series"
"""SQLite would rather read the whole tier for each series: it has no statistics to know better by."""
_NOTHING = [0] * len(FIGURES)

_Figures = list[int]
_Key = tuple[int | str, ...]
_Sums = dict[_Key, _Figures]


@dataclass(frozen=True, slots=True)
class _Question:
    """One pass over the roll-ups."""

    chosen: UsageFilter
    grain: Grain | None = None
    columns: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    """Of the first column, these values."""


def sum_usage(
    connection: Connection,
    by: GroupBy,
    chosen: UsageFilter | Sequence[UsageFilter],
    *,
    by2: GroupBy | None = None,
    top: int | None = None,
) -> list[UsageRow]:
    """The sums of each group, or pair of groups: times oldest first, everything else dearest first.

    Several filters must not overlap: their sums are added. `top` bounds the groups that are no times (of two such, the
    first); the rest is in the group `OTHERS`, so that nothing is missing from the total. With a time and something
    else it is `TOP` unless it is given; otherwise `MAX_GROUPS`.

    Raises:
        InvalidRequest: these two do not go together, or the span is too long for hours.
    """
    filters = [chosen] if isinstance(chosen, UsageFilter) else list(chosen)
    grain, columns = _axes(by, by2)
    if grain is Grain.HOUR:
        for each in filters:
            _check_hours(each, MAX_HOURS_BY_TWO if columns else MAX_HOURS)
    if grain is not None and columns:
        rows = _over_time(connection, filters, _Axes(grain, columns[0]), top or TOP)
        swapped = by not in _GRAINS
        return (
            [replace(row, group=row.group2, group2=row.group) for row in rows] if swapped else rows
        )
    sums = _ask(connection, [_Question(each, grain, columns) for each in filters])
    if grain is not None:
        return [_row((period_text(grain, int(key[0])),), sums[key]) for key in sorted(sums)]
    return _by_size(sums, min(top or MAX_GROUPS, MAX_GROUPS))


def sum_projects(
    connection: Connection, filters: Sequence[UsageFilter]
) -> dict[tuple[str, str, str], UsageRow]:
    """The sums by team, project and model, for a bill's appendix."""
    columns = ("team_id", "project_id", "model_id")
    sums = _ask(connection, [_Question(each, None, columns) for each in filters])
    return {(str(k[0]), str(k[1]), str(k[2])): UsageRow("", "", *sums[k]) for k in sorted(sums)}


def sum_hours(connection: Connection, filters: Sequence[UsageFilter]) -> dict[int, UsageRow]:
    """The sums of each hour (by its number) that has any, oldest first."""
    sums = _ask(connection, [_Question(each, Grain.HOUR) for each in filters])
    return {int(key[0]): UsageRow("", "", *sums[key]) for key in sorted(sums)}


def find_first_hour(connection: Connection) -> int | None:
    """The hour of the oldest record."""
    rows = bulk.run(connection, "SELECT MIN(period) FROM usage_sum WHERE tier = ?", (BASE,))
    return None if rows[0][0] is None else int(rows[0][0])


@dataclass(frozen=True, slots=True)
class _Axes:
    grain: Grain
    column: str


def _axes(by: GroupBy, by2: GroupBy | None) -> tuple[Grain | None, tuple[str, ...]]:
    groups = [by] if by2 is None else [by, by2]
    grains = [_GRAINS[group] for group in groups if group in _GRAINS]
    columns = tuple(_COLUMNS[group] for group in groups if group in _COLUMNS)
    if len(grains) > 1 or len(set(columns)) < len(columns):
        raise InvalidRequest(
            f"a report by {by} and {by2} has nothing to tell",
            param="by2",
            remedy="name two different things, one time (hour, day, month) at most",
        )
    return grains[0] if grains else None, columns


def _check_hours(chosen: UsageFilter, most: int) -> None:
    if chosen.since is not None:
        until = chosen.until or datetime.now(UTC)
        if until - chosen.since <= timedelta(hours=most):
            return
    raise InvalidRequest(
        f"this report by the hour reaches over {most // 24} days at most",
        param="since",
        remedy=f"say since when, at most {most // 24} days before until, or ask by day",
    )


def _over_time(
    connection: Connection, filters: Sequence[UsageFilter], axes: _Axes, top: int
) -> list[UsageRow]:
    grain, column = axes.grain, axes.column
    sizes = _ask(connection, [_Question(each, None, (column,)) for each in filters])
    largest = tuple(str(key[0]) for key in sorted(sizes, key=lambda k: _size(k, sizes[k]))[:top])
    sums = _ask(connection, [_Question(each, grain, (column,), largest) for each in filters])
    if len(sizes) > len(largest):
        rest = _ask(connection, [_Question(each, grain) for each in filters])
        for (period, _group), figures in sums.items():
            rest[(period,)] = list(map(sub, rest[(period,)], figures))
        sums |= {(key[0], OTHERS): figures for key, figures in rest.items() if figures != _NOTHING}
    order = {group: place for place, group in enumerate((*largest, OTHERS))}
    keys = sorted(sums, key=lambda key: (int(key[0]), order[str(key[1])]))
    return [_row((period_text(grain, int(key[0])), str(key[1])), sums[key]) for key in keys]


def _by_size(sums: _Sums, top: int) -> list[UsageRow]:
    """Dearest first; what is beyond the first `top` of the first group is one."""
    totals: _Sums = {}
    for key, figures in sums.items():
        _add(totals, (key[0],), figures)
    largest = sorted(totals, key=lambda key: _size(key, totals[key]))[:top]
    kept = {key[0] for key in largest}
    shown: _Sums = {}
    for key, figures in sums.items():
        _add(shown, key if key[0] in kept else (OTHERS, *key[1:]), figures)
    keys = sorted(shown, key=lambda key: (key[0] not in kept, *_size(key, shown[key])))
    return [_row([str(group) for group in key], shown[key]) for key in keys]


def _size(key: _Key, figures: _Figures) -> _Key:
    return (-figures[-1], -figures[0], *key)


def _row(groups: Sequence[str], figures: _Figures) -> UsageRow:
    first, second = groups if len(groups) > 1 else (groups[0], "")
    return UsageRow(first, second, *figures)


def _ask(connection: Connection, questions: Iterable[_Question]) -> _Sums:
    """Figures by period (if a grain is asked for) and the values of the columns."""
    folded = read_folded(connection)
    sums: _Sums = {}
    for question in questions:
        level = level_of(_used(question))
        coarsest = Grain.MONTH if question.grain is None else question.grain
        chosen = question.chosen
        for part in parts_of(Ask(chosen.since, chosen.until, level, coarsest, folded)):
            _read(connection, question, part, sums)
    return sums


def _read(connection: Connection, question: _Question, part: Part, sums: _Sums) -> None:
    if isinstance(part, Single):
        sql, values = _single(question, part)
    else:
        hint = _BY_SERIES if connection.dialect.name == "sqlite" else ""
        sql, values = _rolled(question, part, hint)
    grain = question.grain
    to_period: Callable[[int], int] | None = None
    if grain is not None:
        own = Grain.HOUR if isinstance(part, Single) else part.grain
        to_period = _converter(own, grain)
    for period, *rest in bulk.run(connection, sql, values):
        groups, figures = rest[: -len(FIGURES)], rest[-len(FIGURES) :]
        if figures[0]:
            key: _Key = (*groups,) if to_period is None else (to_period(int(period)), *groups)
            _add(sums, key, [int(figure) for figure in figures])


def _converter(own: Grain, wanted: Grain) -> Callable[[int], int]:
    if own is wanted:
        return lambda period: period
    return lambda period: period_of(wanted, first_hour(own, period))


def _add(sums: _Sums, key: _Key, figures: _Figures) -> None:
    before = sums.get(key)
    sums[key] = figures if before is None else list(map(add, before, figures))


def _rolled(question: _Question, part: Rolled, hint: str) -> tuple[str, tuple[bulk.Value, ...]]:
    conditions, values = _conditions(question, part.level)
    periods = (tier(part.grain, part.level), part.start, part.end)
    period = "s.period" if question.grain is not None else "0"
    columns = [f"g.{column}" for column in question.columns]
    if conditions:
        # Written as a cross join, which SQLite takes in this order: first the series, then their rows by the index.
        figures = [f"SUM(s.{figure})" for figure in FIGURES]
        source = (
            f"usage_series AS g CROSS JOIN usage_sum AS s {hint}"
            f" WHERE g.level = ? AND {' AND '.join(conditions)} AND s.series = g.id"
            " AND s.tier = ? AND s.period >= ? AND s.period < ?"
        )
        values = (int(part.level), *values, *periods)
    elif columns:
        figures = [f"SUM(s.{figure})" for figure in FIGURES]
        grouped = "series" if question.grain is None else "series, period"
        source = f"({_SUM_SERIES.format(grouped)}) AS s CROSS JOIN usage_series AS g WHERE g.id = s.series"
        values = periods
    else:
        figures = list(SUMMED)
        source = "usage_sum AS s WHERE s.tier = ? AND s.period >= ? AND s.period < ?"
        values = periods
    return _statement(period, columns, figures, source), values


def _single(question: _Question, part: Single) -> tuple[str, tuple[bulk.Value, ...]]:
    conditions, values = _conditions(question, None)
    columns = [MODEL if column == "model_id" else column for column in question.columns]
    where = " AND ".join(("posted_at_us >= ?", "posted_at_us < ?", *conditions))
    sql = _statement(str(part.hour), columns, COUNTED, f"usage WHERE {where}")
    return sql, (part.since_us, part.until_us, *values)


def _statement(period: str, columns: Sequence[str], figures: Sequence[str], source: str) -> str:
    selected = ", ".join((period, *columns, *figures))
    groups = [str(place) for place in range(2, 2 + len(columns))]
    if period == "s.period":
        groups.insert(0, "1")
    tail = f" GROUP BY {', '.join(groups)}" if groups else ""
    return f"SELECT {selected} FROM {source}{tail}"  # noqa: S608 - our own words


def _used(question: _Question) -> list[str]:
    chosen = question.chosen
    used = list(question.columns)
    used += [column for column, value in _equals(chosen) if value is not None]
    if chosen.team_ids is not None or chosen.except_team_ids:
        used.append("team_id")
    return used


def _equals(chosen: UsageFilter) -> tuple[tuple[str, str | None], ...]:
    return (
        ("model_id", chosen.model_id),
        ("team_id", chosen.team_id),
        ("project_id", chosen.project_id),
        ("key_id", chosen.key_id),
        ("user_id", chosen.user_id),
    )


def _conditions(
    question: _Question, level: Level | None
) -> tuple[list[str], tuple[bulk.Value, ...]]:
    """Of series (of a level), or of records themselves (None)."""
    conditions, values = filter_conditions(question.chosen, is_record=level is None)
    if question.only is not None:
        marks = ", ".join("?" * len(question.only)) or "NULL"
        conditions.append(
            f"{_expression(question.columns[0], is_record=level is None)} IN ({marks})"
        )
        values += question.only
    return conditions, values


def filter_conditions(
    chosen: UsageFilter, *, is_record: bool
) -> tuple[list[str], tuple[bulk.Value, ...]]:
    """What `chosen` asks of a record, or of a series called `g`, apart from its time."""
    conditions: list[str] = []
    values: list[bulk.Value] = []
    for column, value in _equals(chosen):
        if value is not None:
            conditions.append(f"{_expression(column, is_record=is_record)} = ?")
            values.append(value)
    team = _expression("team_id", is_record=is_record)
    if chosen.team_ids is not None:
        conditions.append(f"{team} IN ({', '.join('?' * len(chosen.team_ids)) or 'NULL'})")
        values += chosen.team_ids
    if chosen.except_team_ids:
        conditions.append(f"{team} NOT IN ({', '.join('?' * len(chosen.except_team_ids))})")
        values += chosen.except_team_ids
    return conditions, tuple(values)


def _expression(column: str, *, is_record: bool) -> str:
    if not is_record:
        return f"g.{column}"
    return MODEL if column == "model_id" else column
