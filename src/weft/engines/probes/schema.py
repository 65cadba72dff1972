"""The table of verdicts as SQLAlchemy Core sees it. What makes it is in `migrations.py`."""

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text

METADATA = MetaData()

VERDICT = Table(
    "engines_verdict",
    METADATA,
    Column("model_id", Text, primary_key=True),
    Column("setup", Text, primary_key=True),
    Column("feature", Text, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
)
"""The last verdict on each feature of a model, for each setup (`setup.py`) that it was run in."""
Index("engines_verdict_at", VERDICT.c.at_us)
