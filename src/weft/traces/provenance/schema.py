"""The table of links as SQLAlchemy Core sees it; `migrations.py` makes it."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

METADATA = MetaData()

LINK = Table(
    "trace_dataset_source",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("dataset_object_id", Text, nullable=False),
    Column("dataset_digest", Text, nullable=False),
    Column("row_digest", Text, nullable=False),
    Column("source_kind", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("source_trace_id", Text, nullable=False),
    Column("source_display_name", Text, nullable=False),
    Column("source_started_at_us", BigInteger, nullable=False),
    Column("link_metadata", Text),
    Column("added_by", Text),
    Column("created_at_us", BigInteger, nullable=False),
    Column("updated_at_us", BigInteger, nullable=False),
    Column("deleted_at_us", BigInteger),
)
