"""Which projects have an index, and which calls are in it. The index itself is made by `trigrams`."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Table, Text

METADATA = MetaData()

SWITCH = Table(
    "trace_search",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("is_wanted", Boolean, nullable=False),
    Column("place", Text, nullable=False),
    Column("below", BigInteger, nullable=False),
    Column("top", BigInteger, nullable=False),
)
"""`below` is the last `seq` that has yet to be looked at by a first filling, which began at `top`."""
INDEXED = Table(
    "trace_search_call",
    METADATA,
    Column("seq", BigInteger, primary_key=True),
    Column("project", Integer, nullable=False),
    Column("state", Integer, nullable=False),
    Column("body", Text),
)
"""`body` is what PostgreSQL's index is of; SQLite's keeps no text."""

CLEARING, FILLING, ON = "clearing", "filling", "on"
DONE, WAITS, TOO_LARGE = 0, 1, 2
