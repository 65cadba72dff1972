"""The table of the audit log as SQLAlchemy Core sees it; `migrations.py` makes it. Only `store.py` imports this."""

from sqlalchemy import BigInteger, Column, MetaData, Table, Text

METADATA = MetaData()

ENTRY = Table(
    "audit_entry",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("by_user_id", Text),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("team_id", Text),
    Column("detail", Text, nullable=False),
)
