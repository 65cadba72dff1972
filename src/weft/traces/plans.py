"""What SQLite's planner is told about the tables of calls before it could know.

Without figures it takes a project for something that has about ten calls, and goes through all of them rather than look
up a hundred by their number. The figures are those of a busy store; they only have to be right in their order of size.
On PostgreSQL autovacuum finds out by itself. Source: https://sqlite.org/fileformat2.html#stat1tab, read 2026-11.
"""

from sqlalchemy import Connection, text

from weft.kit.db import SQLITE, Database

_FIGURES = {
    "trace_call_id": "1000000 100000 1",
    "trace_call_started": "1000000 100000 1 1",
    "trace_call_op": "1000000 100000 4000 1",
    "trace_call_trace": "1000000 100000 6",
    "trace_call_parent": "800000 80000 5",
    "trace_call_root": "200000 20000 1 1",
    "trace_call_thread": "100000 10000 20",
}
"""By index: rows in it, then how many share the first column, the first two, and so on."""


def seed_plans(database: Database) -> None:
    """Tell the planner, unless it was told or found out for itself."""
    if database.dialect != SQLITE:
        return
    with database.write() as connection:
        connection.execute(text("ANALYZE sqlite_schema"))  # makes the table, and looks at nothing
        if not _is_told(connection):
            connection.execute(
                text(
                    "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('trace_call', :idx, :stat)"
                ),
                [{"idx": index, "stat": stat} for index, stat in _FIGURES.items()],
            )
        connection.execute(text("ANALYZE sqlite_schema"))  # has it read anew


def _is_told(connection: Connection) -> bool:
    found = connection.execute(text("SELECT 1 FROM sqlite_stat1 WHERE tbl = 'trace_call' LIMIT 1"))
    return found.first() is not None
