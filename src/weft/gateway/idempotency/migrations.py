"""The steps that made the table of keys. `schema.py` describes the result; a test holds the two together."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "gateway.0001_idempotency",
        (
            """
            CREATE TABLE idempotency (
                project_id TEXT NOT NULL,
                key TEXT NOT NULL,
                digest TEXT NOT NULL,
                request_id TEXT NOT NULL,
                status INTEGER NOT NULL,
                is_stream BOOLEAN NOT NULL,
                is_too_large BOOLEAN NOT NULL,
                head {bytes} NOT NULL,
                body {bytes} NOT NULL,
                beat_at_us BIGINT NOT NULL,
                expires_at_us BIGINT NOT NULL,
                PRIMARY KEY (project_id, key)
            )
            """,
            "CREATE INDEX idempotency_expires_at ON idempotency (expires_at_us)",
        ),
    ),
)
