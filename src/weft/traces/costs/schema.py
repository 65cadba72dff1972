"""The table of projects' own prices as SQLAlchemy Core sees it; `migrations.py` makes it."""

from sqlalchemy import BigInteger, Column, Double, Integer, Table, Text

from weft.traces.schema import METADATA

PRICE = Table(
    "trace_price",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("llm_id", Text, nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("effective_at_us", BigInteger, nullable=False),
    Column("prompt_token_cost", Double, nullable=False),
    Column("completion_token_cost", Double, nullable=False),
    Column("cache_read_input_token_cost", Double, nullable=False),
    Column("cache_creation_input_token_cost", Double, nullable=False),
    Column("prompt_token_cost_unit", Text, nullable=False),
    Column("completion_token_cost_unit", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
)
"""Prices of one token, as the wire has them: the shortest decimal of such a number is what was meant."""
