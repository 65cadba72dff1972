"""The tables of objects."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "traces.objects.0001_objects",
        (
            """CREATE TABLE trace_object (
                project INTEGER NOT NULL, object_id TEXT NOT NULL, digest TEXT NOT NULL, kind TEXT NOT NULL,
                version_index INTEGER NOT NULL, is_latest INTEGER NOT NULL, base_object_class TEXT,
                leaf_object_class TEXT, wb_user_id TEXT, size_bytes BIGINT NOT NULL,
                created_at_us BIGINT NOT NULL, published_at_us BIGINT NOT NULL, deleted_at_us BIGINT,
                plain_digest TEXT, PRIMARY KEY (project, object_id, digest))""",
            "CREATE INDEX trace_object_version ON trace_object (project, object_id, kind, version_index)",
            "CREATE INDEX trace_object_created ON trace_object (project, created_at_us, object_id)",
            "CREATE INDEX trace_object_latest ON trace_object (project, object_id) WHERE is_latest = 1",
            "CREATE INDEX trace_object_digest ON trace_object (project, digest)",
            """CREATE TABLE trace_object_value (
                project INTEGER NOT NULL, digest TEXT NOT NULL, val TEXT NOT NULL,
                PRIMARY KEY (project, digest))""",
            """CREATE TABLE trace_object_tag (
                project INTEGER NOT NULL, object_id TEXT NOT NULL, digest TEXT NOT NULL, tag TEXT NOT NULL,
                PRIMARY KEY (project, object_id, digest, tag)) {by_key}""",
            "CREATE INDEX trace_object_tag_tag ON trace_object_tag (project, tag)",
            """CREATE TABLE trace_object_alias (
                project INTEGER NOT NULL, object_id TEXT NOT NULL, alias TEXT NOT NULL, digest TEXT NOT NULL,
                PRIMARY KEY (project, object_id, alias)) {by_key}""",
            "CREATE INDEX trace_object_alias_alias ON trace_object_alias (project, alias)",
        ),
    ),
)
