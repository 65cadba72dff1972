"""The table of evaluations that run on the server, as SQLAlchemy Core sees it."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

EVAL_RUN = Table(
    "trace_eval_run",
    MetaData(),
    Column("project", Integer, primary_key=True),
    Column("call_id", Text, primary_key=True),
    Column("total_rows", BigInteger, nullable=False),
    Column("beat_at_us", BigInteger, nullable=False),
    Column("ended_at_us", BigInteger),
)
"""`beat_at_us` is when the process that runs it was last known to live."""
