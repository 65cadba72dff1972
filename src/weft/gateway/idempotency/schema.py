"""The table of keys as SQLAlchemy Core sees it. What makes it is in `migrations.py`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()

idempotency = Table(
    "idempotency",
    metadata,
    Column("project_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("is_stream", Boolean, nullable=False),
    Column("is_too_large", Boolean, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("beat_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger, nullable=False),
)
"""One row for each key that is in use. `status` is 0 while the answer is being made."""
Index("idempotency_expires_at", idempotency.c.expires_at_us)
