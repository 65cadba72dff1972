"""The tables of monitors as SQLAlchemy Core sees them; `migrations.py` makes them. Only store files import this."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

METADATA = MetaData()

MONITOR = Table(
    "trace_monitor",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("budget_nusd", BigInteger, nullable=False),
    Column("granted_digest", Text, nullable=False),
    Column("granted_by", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("spent_nusd", BigInteger, nullable=False),
    Column("rules", Text, nullable=False),
    Column("told", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("start", BigInteger, nullable=False, server_default="0"),
    Column("seen", BigInteger, nullable=False),
    Column("judged", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("skipped", BigInteger, nullable=False),
    Column("errors_in_row", Integer, nullable=False),
    Column("pause", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("paused_at_us", BigInteger, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("last_error_at_us", BigInteger, nullable=False),
    Column("looked_at_us", BigInteger, nullable=False),
    Column("lease_owner", Text, nullable=False),
    Column("lease_until_us", BigInteger, nullable=False),
)
"""`rules` and `told` are JSON. `lease_owner` is the process that works on it, until `lease_until_us`."""
ITEM = Table(
    "trace_monitor_item",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("call_id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("changed_at_us", BigInteger, nullable=False),
)
"""A call that a monitor took on, once and for all: `waiting`, `judging`, `done`, `failed` or `passed_over`."""
