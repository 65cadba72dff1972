"""The table of the audit log. It refers to nothing, so that whatever is removed stays told of."""

from weft.kit.migrations import Migration

_FIRST = (
    """CREATE TABLE audit_entry (
        id TEXT PRIMARY KEY,
        at_us BIGINT NOT NULL,
        by_name TEXT NOT NULL,
        by_user_id TEXT,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        team_id TEXT,
        detail TEXT NOT NULL
    )""",
    "CREATE INDEX audit_entry_at ON audit_entry (at_us, id)",
    "CREATE INDEX audit_entry_team ON audit_entry (team_id, at_us, id)",
)

MIGRATIONS: tuple[Migration, ...] = (Migration("audit.0001_entries", _FIRST),)
