"""The tables of annotation queues as SQLAlchemy Core sees them; `migrations.py` makes them."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from weft.traces.schema import METADATA

QUEUE = Table(
    "trace_queue",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("scorer_refs", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("updated_at_us", BigInteger, nullable=False),
    Column("deleted_at_us", BigInteger),
)
ITEM = Table(
    "trace_queue_item",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("queue_id", Text, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("call_id", Text, nullable=False),
    Column("call_started_at_us", BigInteger, nullable=False),
    Column("call_ended_at_us", BigInteger),
    Column("call_op_name", Text, nullable=False),
    Column("call_trace_id", Text, nullable=False),
    Column("display_fields", Text, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
)
"""`place` counts up in a queue, in the order in which calls were added. What is told of the call is that of then."""
PROGRESS = Table(
    "trace_queue_progress",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("item_id", Text, primary_key=True),
    Column("annotator_id", Text, primary_key=True),
    Column("queue_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("updated_at_us", BigInteger, nullable=False),
)
"""How far each person is with an item; nobody is where there is no row."""
