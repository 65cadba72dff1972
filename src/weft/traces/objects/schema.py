"""The tables of objects as SQLAlchemy Core sees them; `migrations.py` makes them.

`trace_object` is narrow: what lists are sorted and filtered by. Values lie in `trace_object_value` by digest, once for
a project, however many names they have.
"""

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text

METADATA = MetaData()

OBJECT = Table(
    "trace_object",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("object_id", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("version_index", Integer, nullable=False),
    Column("is_latest", Integer, nullable=False),
    Column("base_object_class", Text),
    Column("leaf_object_class", Text),
    Column("wb_user_id", Text),
    Column("size_bytes", BigInteger, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("published_at_us", BigInteger, nullable=False),
    Column("deleted_at_us", BigInteger),
    Column("plain_digest", Text),
)
VALUE = Table(
    "trace_object_value",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("val", Text, nullable=False),
)
TAG = Table(
    "trace_object_tag",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("object_id", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("tag", Text, primary_key=True),
)
ALIAS = Table(
    "trace_object_alias",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("object_id", Text, primary_key=True),
    Column("alias", Text, primary_key=True),
    Column("digest", Text, nullable=False),
)
