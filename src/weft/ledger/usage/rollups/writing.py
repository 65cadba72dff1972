"""Roll-ups as they are written: with the usage records, in the same transaction, on the hot path.

Only the base tier (an hour of one team, project, user, key and model) is written with each group of records. When the
first record of a new hour comes, the hours before it are folded into the coarser tiers, in that transaction: reports
are exact at every moment, nothing runs at a fixed time, and each record costs one row of a table, shared with its
likes. A record of an hour that was folded before (another process's clock is behind) goes to all tiers at once.

Invariant: summed over `usage_sum`, the base tier is `usage`; every other tier is the base tier up to the hour in
`usage_folded`. `folding.find_wrong_rollup` says whether that holds.

Records count by the moment they were posted. On PostgreSQL the ledger's head is locked first, as by everything that
writes here; processes would meet at the same rows in different orders otherwise.
"""

from collections.abc import Sequence
from operator import add

from sqlalchemy import Connection

from weft.kit import bulk
from weft.ledger.types import Outcome, UsageRecord
from weft.ledger.usage.report import NO_SUCH_MODEL, UNKNOWN_MODEL
from weft.ledger.usage.rollups.folding import ADD, fold, read_folded
from weft.ledger.usage.rollups.series import Ids, Series, known_series
from weft.ledger.usage.rollups.tiers import (
    BASE,
    FIGURES,
    FOLDED,
    US_PER_HOUR,
    period_of,
    tier,
)

_COLUMNS = ("tier", "period", "series", *FIGURES)
_POSITIONS = {
    Outcome.CANCELLED: 1,
    Outcome.FAILED: 2,
    Outcome.REFUSED: 3,
    Outcome.INTERRUPTED: 4,
}
"""Where each outcome is counted among the figures; what was completed is the rest of the requests."""
_LOCK = "SELECT id FROM ledger_head WHERE id = 1 FOR UPDATE"

_Sums = dict[tuple[int, Ids], list[int]]
_Row = tuple[int, ...]


def write_rollups(connection: Connection, records: Sequence[UsageRecord]) -> None:
    """Add `records` to the roll-ups. Their rows go into `usage` in the same transaction."""
    if connection.dialect.name != "sqlite":
        bulk.run(connection, _LOCK)
    sums = _sum(records)
    series = known_series(connection)
    folded = read_folded(connection)
    newest = max(hour for hour, _ in sums)
    if newest > folded:
        fold(connection, folded, newest)
        folded = newest
    rows: list[_Row] = []
    late: list[tuple[int, Series, list[int]]] = []
    for (hour, ids), figures in sums.items():
        found = series.get(connection, ids)
        rows.append((BASE, hour, found[0], *figures))
        if hour < folded:
            late.append((hour, found, figures))
    if late:
        rows += _folded_at_once(late)
    rows.sort()  # neighbours in the table go in together
    bulk.insert(connection, "usage_sum", _COLUMNS, rows, ADD)


def _sum(records: Sequence[UsageRecord]) -> _Sums:
    """The figures of each hour and series. The ids of a series are never mixed up with another's: they are its key."""
    sums: _Sums = {}
    for record in records:
        model = record.model_id
        if not model or record.error_code == NO_SUCH_MODEL:
            model = UNKNOWN_MODEL
        key = (
            record.posted_at_us // US_PER_HOUR,
            (record.team_id, record.project_id, record.user_id, record.key_id, model),
        )
        tokens = record.tokens
        figures = sums.get(key)
        if figures is None:
            figures = sums[key] = [
                1,
                0,
                0,
                0,
                0,
                tokens.input,
                tokens.cached_input,
                tokens.output,
                tokens.reasoning,
                record.cost_nusd,
            ]
        else:
            figures[0] += 1
            figures[5] += tokens.input
            figures[6] += tokens.cached_input
            figures[7] += tokens.output
            figures[8] += tokens.reasoning
            figures[9] += record.cost_nusd
        if record.outcome is not Outcome.COMPLETED:
            figures[_POSITIONS[record.outcome]] += 1
    return sums


def _folded_at_once(late: Sequence[tuple[int, Series, list[int]]]) -> list[_Row]:
    """What these rows of the base tier add to the coarser tiers."""
    sums: dict[tuple[int, int, int], list[int]] = {}
    for hour, series, figures in late:
        for grain, level in FOLDED:
            key = (tier(grain, level), period_of(grain, hour), series[level])
            before = sums.get(key)
            sums[key] = figures if before is None else list(map(add, before, figures))
    return [(*key, *figures) for key, figures in sums.items()]
