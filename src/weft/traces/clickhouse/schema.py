"""The table of calls as SQLAlchemy Core sees it; the files `*.sql` make it."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

CALL = Table(
    "trace_call",
    MetaData(),
    Column("project", Integer, nullable=False),
    Column("id", Text, nullable=False),
    Column("trace_id", Text, nullable=False),
    Column("parent_id", Text),
    Column("op_name", Text, nullable=False),
    Column("op", Text, nullable=False),
    Column("display_name", Text),
    Column("started_at_us", BigInteger, nullable=False),
    Column("ended_at_us", BigInteger),
    Column("status", Text, nullable=False),
    Column("thread_id", Text),
    Column("turn_id", Text),
    Column("wb_user_id", Text),
    Column("wb_run_id", Text),
    Column("wb_run_step", BigInteger),
    Column("wb_run_step_end", BigInteger),
    Column("model", Text),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("inputs", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("summary", Text),
    Column("exception", Text),
    Column("otel_dump", Text),
    Column("version", BigInteger, nullable=False),
    Column("is_deleted", Integer, nullable=False),
)
"""`output` is JSON's null where there is none: texts that may be NULL cannot have an index of their pieces."""
COLUMNS = tuple(column.name for column in CALL.columns)
NO_OUTPUT = "null"
ENDED = 1 << 62
DELETED = 1 << 63
"""Added to a row's version: what ended wins over what runs, what was deleted over both."""
