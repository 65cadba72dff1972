"""What a team spent, burnt and owes within a window: cheap reads for alerts and cards.

How charges were paid is in the ledger's entries only. So that nobody has to add up a month of them again and again,
`tally` follows the chain and keeps the sums of each team and month. The sums are a cache: emptied together with
`billing_tally`, they are made anew from the chain. Whichever process comes first does the next part, and no charge
counts twice, because the place that was reached is written in the same transaction.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from weft.kit import bulk
from weft.kit.db import Database
from weft.ledger.windows import Days, day_of, month_name, month_of, year_of
from weft.limits.types import Period

CHUNK = 20_000
"""Transactions that are added up at once."""

_REACHED = "SELECT seq FROM billing_tally WHERE id = 1"
_REACH = "UPDATE billing_tally SET seq = ? WHERE id = 1"
_END = "SELECT seq FROM ledger_head WHERE id = 1"
_SUMS = (
    "SELECT t.team_id, t.posted_at_us / 86400000000,"
    " SUM(CASE WHEN e.account_id LIKE 'grant%' THEN -e.amount_nusd ELSE 0 END),"
    " SUM(CASE WHEN e.account_id LIKE 'grant%' THEN 0 ELSE -e.amount_nusd END), MAX(t.seq)"
    " FROM ledger_transaction t JOIN ledger_entry e ON e.seq = t.seq"
    " WHERE t.seq > ? AND t.seq <= ? AND t.kind = 'charge' AND e.amount_nusd < 0"
    " GROUP BY t.team_id, t.posted_at_us / 86400000000"
)
_COLUMNS = ("team_id", "month", "burnt_nusd", "overage_nusd", "changed_seq", "looked_seq")
_ADD = (
    "ON CONFLICT (team_id, month) DO UPDATE SET"
    " burnt_nusd = billing_month.burnt_nusd + excluded.burnt_nusd,"
    " overage_nusd = billing_month.overage_nusd + excluded.overage_nusd,"
    " changed_seq = excluded.changed_seq"
)
_MONTH = "SELECT burnt_nusd, overage_nusd FROM billing_month WHERE team_id = ? AND month = ?"
_SPENT = "SELECT COALESCE(SUM(spent_nusd), 0) FROM ledger_spend WHERE scope_id = ? AND day BETWEEN ? AND ?"


@dataclass(frozen=True, slots=True)
class MonthSums:
    """How the charges of one month were paid."""

    burnt_nusd: int = 0
    """From credit."""
    overage_nusd: int = 0
    """Beyond credit: owed."""


def tally(database: Database) -> bool:
    """Add up the next part of the chain; whether there is more of it."""
    with database.read() as connection:
        reached = int(bulk.run(connection, _REACHED)[0][0])
        end = int(bulk.run(connection, _END)[0][0])
        upto = min(reached + CHUNK, end)
        if upto <= reached:
            return False
        found = bulk.run(connection, _SUMS, (reached, upto))
    sums: dict[tuple[str, str], list[int]] = {}
    for team_id, day, burnt, overage, seq in found:
        line = sums.setdefault((str(team_id), month_name(int(day))), [0, 0, 0])
        line[0] += int(burnt)
        line[1] += int(overage)
        line[2] = max(line[2], int(seq))
    with database.write() as connection:
        if int(bulk.run(connection, _REACHED)[0][0]) != reached:
            return True  # another process was here
        rows = [(team, month, *line, 0) for (team, month), line in sorted(sums.items())]
        bulk.insert(connection, "billing_month", _COLUMNS, rows, _ADD)
        bulk.run(connection, _REACH, (upto,))
    return upto < end


def month_sums(connection: Connection, team_id: str, month: str) -> MonthSums:
    """How the charges of a month (`2026-11`) were paid, as far as they were added up."""
    rows = bulk.run(connection, _MONTH, (team_id, month))
    return MonthSums(int(rows[0][0]), int(rows[0][1])) if rows else MonthSums()


def spent_nusd(connection: Connection, team_id: str, days: Days) -> int:
    """What a team was charged on these days."""
    return int(bulk.run(connection, _SPENT, (team_id, *days))[0][0])


def window(period: Period | None, moment_us: int) -> tuple[Days, str]:
    """The days of the window that a moment is in, and its name: `2026-11-30`, `2026-11` or `2026`."""
    day = day_of(moment_us)
    if period is Period.DAY:
        return (day, day), f"{month_name(day)}-{day - month_of(day)[0] + 1:02}"
    if period is Period.YEAR:
        return year_of(day), month_name(day)[:4]
    assert period is Period.MONTH, period
    return month_of(day), month_name(day)
