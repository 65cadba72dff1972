"""The tables of identity as SQLAlchemy Core sees them; `migrations.py` makes them.

Only the store files (`generation.py`, `people.py`, `teams.py`, `keys.py`, `logins.py`, `*/store.py`) import this.
"""

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Table, Text

METADATA = MetaData()

GENERATION = Table(
    "identity_generation",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("secret_check", Text),
)
USER = Table(
    "identity_user",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("username", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("password_hash", Text),
    Column("default_team_id", Text),
    Column("created_at_us", BigInteger, nullable=False),
    Column("disabled_at_us", BigInteger),
)
TEAM = Table(
    "identity_team",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("removed_at_us", BigInteger),
)
MEMBER = Table(
    "identity_member",
    METADATA,
    Column("team_id", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
)
PROJECT = Table(
    "identity_project",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("team_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("removed_at_us", BigInteger),
    Column("trace", Text),
)
KEY = Table(
    "identity_key",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("last_four", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("team_id", Text),
    Column("project_id", Text),
    Column("allowed_models", Text),
    Column("created_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger),
    Column("last_used_at_us", BigInteger),
    Column("revoked_at_us", BigInteger),
    Column("trace", Text),
)
SESSION = Table(
    "identity_session",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger, nullable=False),
    Column("device", Text),
    Column("seen_at_us", BigInteger),
)
LOGIN_LINK = Table(
    "identity_login_link",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger, nullable=False),
)
INVITATION = Table(
    "identity_invitation",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("team_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("invited_by", Text),
    Column("created_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger, nullable=False),
    Column("withdrawn_at_us", BigInteger),
    Column("used_at_us", BigInteger),
    Column("used_by", Text),
)
RESET = Table(
    "identity_reset",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger, nullable=False),
)
OIDC_LINK = Table(
    "identity_oidc_link",
    METADATA,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
)
