"""The tables of identity, step by step; `schema.py` says the same in SQLAlchemy's words, and a test compares them.

Moments are microseconds since the Unix epoch. Names are unique among what has not been removed, whatever their case.
Secrets are kept as keyed hashes only (`secrets.py`).
"""

from weft.kit.migrations import Migration

_FIRST = (
    """CREATE TABLE identity_generation (
        id INTEGER PRIMARY KEY,
        generation BIGINT NOT NULL,
        secret_check TEXT
    )""",
    "INSERT INTO identity_generation (id, generation) VALUES (1, 1)",
    """CREATE TABLE identity_user (
        id TEXT PRIMARY KEY,
        username TEXT NOT NULL,
        email TEXT NOT NULL,
        kind TEXT NOT NULL,
        is_admin {flag} NOT NULL,
        password_hash TEXT,
        default_team_id TEXT,
        created_at_us BIGINT NOT NULL,
        disabled_at_us BIGINT
    )""",
    "CREATE UNIQUE INDEX identity_user_name ON identity_user (lower(username))",
    """CREATE TABLE identity_team (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        created_at_us BIGINT NOT NULL,
        removed_at_us BIGINT
    )""",
    "CREATE UNIQUE INDEX identity_team_name ON identity_team (lower(name)) WHERE removed_at_us IS NULL",
    """CREATE TABLE identity_member (
        team_id TEXT NOT NULL REFERENCES identity_team (id),
        user_id TEXT NOT NULL REFERENCES identity_user (id),
        role TEXT NOT NULL,
        created_at_us BIGINT NOT NULL,
        PRIMARY KEY (team_id, user_id)
    )""",
    "CREATE INDEX identity_member_user ON identity_member (user_id)",
    """CREATE TABLE identity_project (
        id TEXT PRIMARY KEY,
        team_id TEXT NOT NULL REFERENCES identity_team (id),
        name TEXT NOT NULL,
        created_at_us BIGINT NOT NULL,
        removed_at_us BIGINT
    )""",
    """CREATE UNIQUE INDEX identity_project_name ON identity_project (team_id, lower(name))
        WHERE removed_at_us IS NULL""",
    """CREATE TABLE identity_key (
        id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES identity_user (id),
        digest TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        prefix TEXT NOT NULL,
        last_four TEXT NOT NULL,
        scopes TEXT NOT NULL,
        team_id TEXT REFERENCES identity_team (id),
        project_id TEXT REFERENCES identity_project (id),
        allowed_models TEXT,
        created_at_us BIGINT NOT NULL,
        expires_at_us BIGINT,
        last_used_at_us BIGINT,
        revoked_at_us BIGINT
    )""",
    "CREATE INDEX identity_key_user ON identity_key (user_id)",
    """CREATE TABLE identity_session (
        digest TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES identity_user (id),
        created_at_us BIGINT NOT NULL,
        expires_at_us BIGINT NOT NULL
    )""",
    "CREATE INDEX identity_session_user ON identity_session (user_id)",
    """CREATE TABLE identity_login_link (
        digest TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES identity_user (id),
        created_at_us BIGINT NOT NULL,
        expires_at_us BIGINT NOT NULL
    )""",
)

_TRACE_LEVELS = (
    "ALTER TABLE identity_project ADD COLUMN trace TEXT",
    "ALTER TABLE identity_key ADD COLUMN trace TEXT",
)

_WAYS_IN = (
    "ALTER TABLE identity_session ADD COLUMN device TEXT",
    "ALTER TABLE identity_session ADD COLUMN seen_at_us BIGINT",
    """CREATE TABLE identity_invitation (
        id TEXT PRIMARY KEY,
        digest TEXT NOT NULL UNIQUE,
        team_id TEXT NOT NULL REFERENCES identity_team (id),
        role TEXT NOT NULL,
        email TEXT NOT NULL,
        invited_by TEXT REFERENCES identity_user (id),
        created_at_us BIGINT NOT NULL,
        expires_at_us BIGINT NOT NULL,
        withdrawn_at_us BIGINT,
        used_at_us BIGINT,
        used_by TEXT REFERENCES identity_user (id)
    )""",
    "CREATE INDEX identity_invitation_team ON identity_invitation (team_id)",
    """CREATE TABLE identity_reset (
        digest TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES identity_user (id),
        created_at_us BIGINT NOT NULL,
        expires_at_us BIGINT NOT NULL
    )""",
    """CREATE TABLE identity_oidc_link (
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        user_id TEXT NOT NULL REFERENCES identity_user (id),
        created_at_us BIGINT NOT NULL,
        PRIMARY KEY (issuer, subject)
    )""",
    "CREATE INDEX identity_oidc_link_user ON identity_oidc_link (user_id)",
)

MIGRATIONS: tuple[Migration, ...] = (
    Migration("identity.0001_people_and_keys", _FIRST),
    Migration("identity.0002_trace_levels", _TRACE_LEVELS),
    Migration("identity.0003_ways_in", _WAYS_IN),
)
