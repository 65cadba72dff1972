"""The tables of calls as SQLAlchemy Core sees them; `migrations.py` makes them. Other nouns have their own files.

`trace_call` is narrow: what lists are sorted, filtered and counted by. Texts lie in `trace_payload`, found by the same
`seq`; those above `calls.write.INLINE_BYTES` lie in `trace_blob` by digest, once for a project.
"""

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Table, Text

METADATA = MetaData()

PROJECT = Table(
    "trace_project",
    METADATA,
    Column("key", Integer, primary_key=True),
    Column("project_id", Text, nullable=False),
    Column("retention_days", Integer),
    Column("removed_at_us", BigInteger),
)
CALL = Table(
    "trace_call",
    METADATA,
    Column("seq", BigInteger, primary_key=True),
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
)
PAYLOAD = Table(
    "trace_payload",
    METADATA,
    Column("seq", BigInteger, primary_key=True),
    Column("attributes", Text, nullable=False),
    Column("inputs", Text, nullable=False),
    Column("output", Text),
    Column("summary", Text),
    Column("exception", Text),
    Column("otel_dump", Text),
    Column("inputs_blob", Text),
    Column("output_blob", Text),
)
BLOB = Table(
    "trace_blob",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("body", Text, nullable=False),
)
ORPHAN = Table(
    "trace_orphan",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("part", Text, nullable=False),
    Column("arrived_at_us", BigInteger, nullable=False),
)
ROLLUP = Table(
    "trace_rollup",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("hour_us", BigInteger, primary_key=True),
    Column("op", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("calls", BigInteger, nullable=False),
    Column("errors", BigInteger, nullable=False),
    Column("latency_us", BigInteger, nullable=False),
    Column("uses", BigInteger, nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cache_read_tokens", BigInteger, nullable=False),
    Column("cache_write_tokens", BigInteger, nullable=False),
    Column("fresh_input_tokens", BigInteger, nullable=False),
    Column("histogram", Text, nullable=False),
)
USAGE = Table(
    "trace_usage",
    METADATA,
    Column("seq", BigInteger, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("project", Integer, nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cache_read_tokens", BigInteger, nullable=False),
    Column("cache_write_tokens", BigInteger, nullable=False),
    Column("below_requests", BigInteger, nullable=False),
    Column("below_input_tokens", BigInteger, nullable=False),
    Column("below_output_tokens", BigInteger, nullable=False),
    Column("below_cache_read_tokens", BigInteger, nullable=False),
    Column("below_cache_write_tokens", BigInteger, nullable=False),
)
"""What an ended call tells of its use of a model, and what its children tell of theirs; see `calls.counting`."""
NOTE = Table(
    "trace_note",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("deleted", Boolean, nullable=False),
    Column("display_name", Text),
    Column("noted_at_us", BigInteger, nullable=False),
)
"""What was decided about a call, for parts of it that arrive later; see `calls.change.notes`."""
