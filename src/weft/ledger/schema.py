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
Index("usage_posted_at", usage.c.posted_at_us)

usage_series = Table(
    "usage_series",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("level", Integer, nullable=False),
    Column("team_id", Text, nullable=False),
    Column("project_id", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("project_series", Integer, nullable=False),
    Column("user_series", Integer, nullable=False),
    Column("team_series", Integer, nullable=False),
    Column("all_series", Integer, nullable=False),
)
Index(
    "usage_series_ids",
    usage_series.c.level,
    usage_series.c.team_id,
    usage_series.c.project_id,
    usage_series.c.user_id,
    usage_series.c.key_id,
    usage_series.c.model_id,
    unique=True,
)
usage_sum = Table(
    "usage_sum",
    metadata,
    Column("tier", Integer, primary_key=True, autoincrement=False),
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("series", Integer, primary_key=True, autoincrement=False),
    Column("requests", BigInteger, nullable=False),
    Column("cancelled", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("interrupted", BigInteger, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("cached_input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("reasoning_tokens", BigInteger, nullable=False),
    Column("cost_nusd", BigInteger, nullable=False),
)
Index("usage_sum_series", usage_sum.c.series, usage_sum.c.tier, usage_sum.c.period)
usage_folded = Table(
    "usage_folded",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("hour", Integer, nullable=False),
)

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
price = Table(
    "ledger_price",
    metadata,
    Column("version", Text, primary_key=True),
    Column("model_id", Text, nullable=False),
    Column("effective_at_us", BigInteger, nullable=False),
    Column("input_nusd_per_mtok", BigInteger, nullable=False),
    Column("output_nusd_per_mtok", BigInteger, nullable=False),
    Column("cached_input_nusd_per_mtok", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("recorded_at_us", BigInteger, nullable=False),
    Column("override_by", Text, nullable=False),
    Column("override_reason", Text, nullable=False),
)
price_added = Table(
    "ledger_price_added",
    metadata,
    Column("version", Text, primary_key=True),
    Column("added_by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("added_at_us", BigInteger, nullable=False),
    Column("withdrawn_at_us", BigInteger),
    Column("withdrawn_by", Text, nullable=False),
    Column("withdraw_reason", Text, nullable=False),
)
signing_key = Table(
    "ledger_signing_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("public_key", Text, nullable=False),
    Column("made_at_us", BigInteger, nullable=False),
    Column("retired_at_us", BigInteger),
)
