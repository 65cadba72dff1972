"""Folding: sums of finished hours into the coarser tiers, in SQL; and all roll-ups anew from the usage records.

Owns the statements that make the roll-ups out of what is in the tables. They run on SQLite and PostgreSQL alike, so
that the migration which made the roll-ups fills them with the same statements. A change of the tiers needs a migration
of its own that empties the table and fills it again.

The month of a day is worked out in integers, by the algorithm "civil_from_days" of Howard Hinnant's "chrono-Compatible
Low-Level Date Algorithms", read 2026-11: a year that begins in March, in eras of 400 years.
"""

from sqlalchemy import Connection

from weft.kit import bulk
from weft.ledger.types import Outcome
from weft.ledger.usage.report import NO_SUCH_MODEL, UNKNOWN_MODEL
from weft.ledger.usage.rollups.tiers import (
    BASE,
    FIGURES,
    FOLDED,
    US_PER_HOUR,
    Grain,
    Level,
    first_hour,
    period_of,
    tier,
)

MODEL = (
    f"CASE WHEN model_id = '' OR error_code = '{NO_SUCH_MODEL}' THEN '{UNKNOWN_MODEL}'"
    " ELSE model_id END"
)
"""The model that a record counts for: what a client made up is one group."""
COUNTED = (
    "COUNT(*)",
    *(
        f"SUM(CASE WHEN outcome = '{outcome.value}' THEN 1 ELSE 0 END)"
        for outcome in (Outcome.CANCELLED, Outcome.FAILED, Outcome.REFUSED, Outcome.INTERRUPTED)
    ),
    *(f"SUM({column})" for column in FIGURES[5:]),
)
"""`FIGURES` of usage records, as SQL."""
SUMMED = tuple(f"SUM({column})" for column in FIGURES)
"""`FIGURES` of roll-ups, as SQL."""
ADD = "ON CONFLICT (tier, period, series) DO UPDATE SET " + ", ".join(
    f"{column} = usage_sum.{column} + excluded.{column}" for column in FIGURES
)
"""What to do where a row of `usage_sum` exists."""

_COLUMNS = f"tier, period, series, {', '.join(FIGURES)}"
_IDS = "team_id, project_id, user_id, key_id, model_id"
_HELD: dict[Level, str] = {
    Level.DETAIL: "team_id, project_id, user_id, key_id, model_id",
    Level.PROJECT: "team_id, project_id, '', '', model_id",
    Level.USER: "team_id, '', user_id, '', ''",
    Level.TEAM: "team_id, '', '', '', model_id",
    Level.ALL: "'', '', '', '', model_id",
}
_SERIES: dict[Level, str] = {
    Level.DETAIL: "id",
    Level.PROJECT: "project_series",
    Level.USER: "user_series",
    Level.TEAM: "team_series",
    Level.ALL: "all_series",
}
_PERIODS: dict[Grain, str] = {
    Grain.HOUR: "hour",
    Grain.DAY: "hour / 24",
    Grain.MONTH: "(era * 400 + yoe) * 12 + (5 * (doe - (365 * yoe + yoe / 4 - yoe / 100)) + 2) / 153 + 2",
}
_YEAR_OF_ERA = "(doe - doe / 1460 + doe / 36524 - doe / 146096) / 365"
_LAST_ID = "(SELECT COALESCE(MAX(id), 0) FROM usage_series)"


def _new_series(level: Level, source: str) -> str:
    """Make the series of `level` that `source` has and the table has not."""
    return f"""
    INSERT INTO usage_series (id, level, {_IDS}, project_series, user_series, team_series, all_series)
    SELECT {_LAST_ID} + ROW_NUMBER() OVER (ORDER BY {_IDS}), {int(level)}, {_IDS}, 0, 0, 0, 0
    FROM (SELECT {_IDS} FROM {source} EXCEPT SELECT {_IDS} FROM usage_series WHERE level = {int(level)}) AS made
    """  # noqa: S608 - our own words


def _coarser(level: Level) -> str:
    names = _IDS.split(", ")
    held = ", ".join(
        f"{value} AS {name}" for value, name in zip(_HELD[level].split(", "), names, strict=True)
    )
    return f"(SELECT {held} FROM usage_series WHERE level = 0) AS coarser"  # noqa: S608 - our own words


def _series_of(level: Level) -> str:
    same = " AND ".join(
        f"coarser.{name} = " + (value if value == "''" else f"usage_series.{value}")
        for value, name in zip(_HELD[level].split(", "), _IDS.split(", "), strict=True)
    )
    return f"(SELECT coarser.id FROM usage_series AS coarser WHERE coarser.level = {int(level)} AND {same})"  # noqa: S608


def _count(span: str = "") -> str:
    """The rows of the base tier, from the usage records of a span."""
    return f"""
    SELECT {BASE} AS tier, u.hour AS period, s.id AS series, {", ".join(f"u.{name}" for name in FIGURES)}
    FROM (
        SELECT hour, {_IDS}, {", ".join(f"{how} AS {name}" for how, name in zip(COUNTED, FIGURES, strict=True))}
        FROM (
            SELECT posted_at_us / {US_PER_HOUR} AS hour, team_id, project_id, user_id, key_id, {MODEL} AS model_id,
                outcome, {", ".join(FIGURES[5:])}
            FROM usage {span}
        ) AS each
        GROUP BY hour, {_IDS}
    ) AS u
    JOIN usage_series AS s ON s.level = 0 AND s.team_id = u.team_id AND s.project_id = u.project_id
        AND s.user_id = u.user_id AND s.key_id = u.key_id AND s.model_id = u.model_id
    """  # noqa: S608 - our own words


def _fold(grain: Grain, level: Level, span: str) -> str:
    """The rows of a tier, from those of the base tier whose hours lie in `span`."""
    figures = ", ".join(FIGURES)
    return f"""
    SELECT {tier(grain, level)} AS tier, {_PERIODS[grain]} AS period, {_SERIES[level]} AS series, {", ".join(SUMMED)}
    FROM (
        SELECT hour, era, doe, {_YEAR_OF_ERA} AS yoe, {_SERIES[level]}, {figures}
        FROM (
            SELECT hour, era, z - era * 146097 AS doe, {_SERIES[level]}, {figures}
            FROM (
                SELECT b.period AS hour, b.period / 24 + 719468 AS z, (b.period / 24 + 719468) / 146097 AS era,
                    s.{_SERIES[level]}, {", ".join(f"b.{name}" for name in FIGURES)}
                FROM usage_sum AS b JOIN usage_series AS s ON s.id = b.series
                WHERE b.tier = {BASE} AND {span}
            ) AS in_eras
        ) AS in_days
    ) AS in_years
    GROUP BY 2, 3
    """  # noqa: S608 - our own words


def _insert(rows: str, tail: str = "") -> str:
    return f"INSERT INTO usage_sum ({_COLUMNS}) {rows} {tail}"


_SEEN = f"(SELECT team_id, project_id, user_id, key_id, {MODEL} AS model_id FROM usage) AS each"  # noqa: S608
_ALL_FINISHED = "b.period < (SELECT hour FROM usage_folded WHERE id = 1)"
_BETWEEN = "b.period >= ? AND b.period < ?"
_POSTED = "WHERE posted_at_us >= ? AND posted_at_us < ?"
_MAKE_SERIES = (
    _new_series(Level.DETAIL, _SEEN),
    *(_new_series(level, _coarser(level)) for level in Level if level is not Level.DETAIL),
    f"""
    UPDATE usage_series SET project_series = {_series_of(Level.PROJECT)}, user_series = {_series_of(Level.USER)},
        team_series = {_series_of(Level.TEAM)}, all_series = {_series_of(Level.ALL)}
    WHERE level = 0 AND project_series = 0
    """,  # noqa: S608 - our own words
)
BACKFILL = (
    *_MAKE_SERIES,
    _insert(_count()),
    f"""
    UPDATE usage_folded SET hour = COALESCE((SELECT MAX(period) FROM usage_sum WHERE tier = {BASE}), 0) WHERE id = 1
    """,  # noqa: S608 - our own words
    *(_insert(_fold(grain, level, _ALL_FINISHED)) for grain, level in FOLDED),
)
"""Fills empty roll-ups from the records, for the migration that made them."""
_SET_FOLDED = "UPDATE usage_folded SET hour = ? WHERE id = 1"
_FOLD = tuple(_insert(_fold(grain, level, _BETWEEN), ADD) for grain, level in FOLDED)


def fold(connection: Connection, start: int, end: int) -> None:
    """Add the hours from `start` until before `end` to the coarser tiers, and remember that they are in there."""
    _fold_hours(connection, start, end)
    bulk.run(connection, _SET_FOLDED, (end,))


def read_folded(connection: Connection) -> int:
    """The hour up to which (exclusive) the coarser tiers are complete; what is later stands in the base tier alone."""
    return int(bulk.run(connection, "SELECT hour FROM usage_folded WHERE id = 1")[0][0])


def rebuild_rollups(connection: Connection) -> None:
    """Recompute every roll-up from the usage records, a month at a time.

    Series that exist keep their numbers: processes remember them. The transaction must be the only one that writes, as
    that of `Database.write` is with the ledger's head taken. It takes minutes for ten million records; on PostgreSQL
    `let_it_take_long` comes first.
    """
    for statement in (*_MAKE_SERIES, "DELETE FROM usage_sum"):
        bulk.run(connection, statement)
    months = _months(connection)
    newest = _span(connection, "posted_at_us", "usage")
    folded = 0 if newest is None else newest[1] // US_PER_HOUR
    for start, end in months:
        bulk.run(connection, _insert(_count(_POSTED)), (start * US_PER_HOUR, end * US_PER_HOUR))
        _fold_hours(connection, start, min(end, folded))
    bulk.run(connection, _SET_FOLDED, (folded,))


def find_wrong_rollup(connection: Connection) -> str | None:
    """Recompute the roll-ups without writing them, and tell of the first row that is not what it should be."""
    months = _months(connection)
    folded = read_folded(connection)
    outside = _find_outside(connection, months)
    if outside is not None:
        return outside
    for start, end in months:
        span_us = (start * US_PER_HOUR, end * US_PER_HOUR)
        wrong = _find_difference(connection, _count(_POSTED), span_us, (BASE, start, end))
        for grain, level in FOLDED:
            stored = (tier(grain, level), period_of(grain, start), period_of(grain, end))
            wrong = wrong or _find_difference(
                connection, _fold(grain, level, _BETWEEN), (start, min(end, folded)), stored
            )
        if wrong is not None:
            return wrong
    return None


def _fold_hours(connection: Connection, start: int, end: int) -> None:
    for statement in _FOLD:
        bulk.run(connection, statement, (start, end))


def _months(connection: Connection) -> list[tuple[int, int]]:
    """The months (as first hours of each and the next) that records or roll-ups lie in."""
    posted = _span(connection, "posted_at_us", "usage")
    hours = [] if posted is None else [stamp_us // US_PER_HOUR for stamp_us in posted]
    hours += _span(connection, "period", f"usage_sum WHERE tier = {BASE}") or ()
    if not hours:
        return []
    numbers = range(period_of(Grain.MONTH, min(hours)), period_of(Grain.MONTH, max(hours)) + 1)
    return [(first_hour(Grain.MONTH, n), first_hour(Grain.MONTH, n + 1)) for n in numbers]


def _span(connection: Connection, column: str, source: str) -> tuple[int, int] | None:
    low, high = bulk.run(connection, f"SELECT MIN({column}), MAX({column}) FROM {source}")[0]  # noqa: S608
    return None if low is None else (int(low), int(high))


def _find_outside(connection: Connection, months: list[tuple[int, int]]) -> str | None:
    """A row of a period that has no records at all, or of no tier."""
    start, end = (months[0][0], months[-1][1]) if months else (0, 0)
    grains = {BASE: Grain.HOUR} | {tier(grain, level): grain for grain, level in FOLDED}
    for (number,) in bulk.run(connection, "SELECT DISTINCT tier FROM usage_sum"):
        grain = grains.get(number)
        found = _span(connection, "period", f"usage_sum WHERE tier = {int(number)}")
        if grain is None or (
            found is not None
            and not (period_of(grain, start) <= found[0] <= found[1] < period_of(grain, end))
        ):
            return f"usage_sum has rows of tier {number} that stand for nothing"
    return None


def _find_difference(
    connection: Connection, wanted: str, span: tuple[int, int], stored: tuple[int, int, int]
) -> str | None:
    there = f"SELECT {_COLUMNS} FROM usage_sum WHERE tier = ? AND period >= ? AND period < ?"  # noqa: S608
    for sql, values, what in (
        (f"{wanted} EXCEPT {there}", (*span, *stored), "lacks"),
        (f"{there} EXCEPT {wanted}", (*stored, *span), "has"),
    ):
        rows = bulk.run(connection, f"SELECT period, series FROM ({sql}) AS wrong LIMIT 1", values)  # noqa: S608
        if rows:
            period, series = rows[0]
            return f"usage_sum of tier {stored[0]} {what} a row of period {period}, series {series}"
    return None
