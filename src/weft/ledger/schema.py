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
    Column("refusal", Text, nullable=False, server_default=""),
    Column("posted_at_us", BigInteger, nullable=False, server_default="0"),
    Column("seq", BigInteger, nullable=False, server_default="0"),
)
Index("usage_started_at", usage.c.started_at_us)

head = Table(
    "ledger_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("posted_at_us", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
)
transaction = Table(
    "ledger_transaction",
    metadata,
    Column("seq", BigInteger, primary_key=True),
    Column("idempotency_key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("team_id", Text, nullable=False),
    Column("posted_at_us", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
Index("ledger_transaction_key", transaction.c.idempotency_key, unique=True)
Index("ledger_transaction_team", transaction.c.team_id, transaction.c.seq)
entry = Table(
    "ledger_entry",
    metadata,
    Column("seq", BigInteger, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("amount_nusd", BigInteger, nullable=False),
)
grant = Table(
    "ledger_grant",
    metadata,
    Column("id", Text, primary_key=True),
    Column("team_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("amount_nusd", BigInteger, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger),
    Column("note", Text, nullable=False),
    Column("made_by", Text, nullable=False),
)
Index("ledger_grant_source", grant.c.source, unique=True)
Index("ledger_grant_team", grant.c.team_id)
balance = Table(
    "ledger_balance",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("team_id", Text, nullable=False),
    Column("balance_nusd", BigInteger, nullable=False),
)
hold = Table(
    "ledger_hold",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("team_id", Text, nullable=False),
    Column("project_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("stream", Boolean, nullable=False),
    Column("amount_nusd", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("started_at_us", BigInteger, nullable=False),
)
owner = Table(
    "ledger_owner",
    metadata,
    Column("id", Text, primary_key=True),
    Column("started_at_us", BigInteger, nullable=False),
    Column("heartbeat_at_us", BigInteger, nullable=False),
)
spend = Table(
    "ledger_spend",
    metadata,
    Column("scope_id", Text, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("spent_nusd", BigInteger, nullable=False),
)
rate = Table(
    "ledger_rate",
    metadata,
    Column("scope_id", Text, primary_key=True),
    Column("minute", BigInteger, primary_key=True),
    Column("requests", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
)
Index("ledger_rate_minute", rate.c.minute)
