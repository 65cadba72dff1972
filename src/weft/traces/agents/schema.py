"""The table of agents' spans as SQLAlchemy Core sees it; `migrations.py` makes it.

`span_id` is the id of the call that holds the texts: a span whose call was deleted is none any more, so every question
joins `trace_call`.
"""

from sqlalchemy import BigInteger, Column, Double, Integer, MetaData, Table, Text

METADATA = MetaData()

AGENT_SPAN = Table(
    "trace_agent_span",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("span_id", Text, primary_key=True),
    Column("trace_id", Text, nullable=False),
    Column("parent_span_id", Text),
    Column("span_name", Text, nullable=False),
    Column("span_kind", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("started_at_us", BigInteger, nullable=False),
    Column("ended_at_us", BigInteger, nullable=False),
    Column("status_code", Text, nullable=False),
    Column("operation_name", Text),
    Column("agent_name", Text),
    Column("agent_version", Text),
    Column("agent_id", Text),
    Column("conversation_id", Text),
    Column("conversation_name", Text),
    Column("provider_name", Text),
    Column("request_model", Text),
    Column("response_model", Text),
    Column("tool_name", Text),
    Column("input_tokens", BigInteger),
    Column("output_tokens", BigInteger),
    Column("cache_read_input_tokens", BigInteger),
    Column("cache_creation_input_tokens", BigInteger),
    Column("reasoning_tokens", BigInteger),
    Column("total_cost_usd", Double),
    Column("parent_call_id", Text),
    Column("parent_call_trace_id", Text),
    Column("wb_user_id", Text, nullable=False),
)
