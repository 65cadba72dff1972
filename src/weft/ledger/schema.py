"""The ledger's tables as SQLAlchemy Core sees them. What makes them is in `migrations.py`."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text

metadata = MetaData()

usage = Table(
    "usage",
    metadata,
    Column("id", Text, primary_key=True),
    Column("started_at_us", BigInteger, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("team_id", Text, nullable=False),
    Column("project_id", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("served_model_id", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("error_code", Text, nullable=False),
    Column("stream", Boolean, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("cached_input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("reasoning_tokens", BigInteger, nullable=False),
    Column("usage_source", Text, nullable=False),
    Column("price_version", Text, nullable=False),
    Column("cost_nusd", BigInteger, nullable=False),
    Column("queue_us", BigInteger, nullable=False),
    Column("ttft_us", BigInteger, nullable=False),
    Column("total_us", BigInteger, nullable=False),
)
Index("usage_started_at", usage.c.started_at_us)
