"""The table of the keys of custom providers, as SQLAlchemy Core sees it: beside users and teams, not in traces."""

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text

METADATA = MetaData()

PROVIDER_KEY = Table(
    "evals_provider_key",
    METADATA,
    Column("project_id", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("set_at_us", BigInteger, nullable=False),
    Column("set_by", Text, nullable=False),
)
"""`origin` is the scheme, host and port that the key was entered for: it is sent nowhere else."""
