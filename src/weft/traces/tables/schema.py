"""The tables of tables as SQLAlchemy Core sees them; `migrations.py` makes them.

A row is kept once by content. A table is a list of chunks, a chunk a list of digests of rows, kept once by content as
well: a table that was made from another one shares all of its chunks but those that changed.
"""

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

METADATA = MetaData()

TABLE = Table(
    "trace_table",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("row_count", BigInteger, nullable=False),
    Column("size_bytes", BigInteger),
    Column("created_at_us", BigInteger, nullable=False),
    Column("chunks", Text, nullable=False),
)
CHUNK = Table(
    "trace_table_chunk",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("body", Text, nullable=False),
)
ROW = Table(
    "trace_table_row",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("val", Text, nullable=False),
)
