"""The tables of runs as SQLAlchemy Core sees it; they lie beside the calls, which name runs by `wb_run_id`."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

METADATA = MetaData()

RUN = Table(
    "trace_run",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("username", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("config", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("history_lines", BigInteger, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("heartbeat_at_us", BigInteger, nullable=False),
)

HISTORY = Table(
    "trace_run_history",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("run", Text, primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("step", Text, nullable=False),
)
