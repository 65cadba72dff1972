"""The table of load times, for SQLAlchemy; `migrations.py` makes it."""

from sqlalchemy import BigInteger, Column, MetaData, Table, Text

metadata = MetaData()

load_time = Table(
    "engine_load_time",
    metadata,
    Column("id", Text, primary_key=True),
    Column("model", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("load_ms", BigInteger, nullable=False),
    Column("at_us", BigInteger, nullable=False),
)
