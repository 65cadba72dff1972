"""The tables of limits as SQLAlchemy Core sees them; `migrations.py` makes them. Only store files import this.

Rows are history: a row is written once and ended once, by a later one or by hand, and nothing else of it changes.
"""

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text

METADATA = MetaData()

TEAM_PLAN = Table(
    "limits_team_plan",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("team_id", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at_us", BigInteger, nullable=False),
    Column("ended_at_us", BigInteger),
)
Index("limits_team_plan_team", TEAM_PLAN.c.team_id)
PLAN_CHANGE = Table(
    "limits_plan",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("plan", Text, nullable=False),
    Column("changes", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at_us", BigInteger, nullable=False),
    Column("ended_at_us", BigInteger),
)
Index("limits_plan_name", PLAN_CHANGE.c.plan)
LIMIT = Table(
    "limits_limit",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("authority", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("scope_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("max", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at_us", BigInteger, nullable=False),
    Column("ended_at_us", BigInteger),
    Column("ended_by", Text, nullable=False),
    Column("end_reason", Text, nullable=False),
)
Index("limits_limit_scope", LIMIT.c.scope_id)
