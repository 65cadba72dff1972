"""The tables of files as SQLAlchemy Core sees them; `migrations.py` makes them.

A file's row is written with its last part: who finds the row finds all of the content.
"""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

METADATA = MetaData()

FILE = Table(
    "trace_file",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("part_count", Integer, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
)
PART = Table(
    "trace_file_part",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
