"""The table of links."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "traces.provenance.0001_links",
        (
            """CREATE TABLE trace_dataset_source (
                project INTEGER NOT NULL, id TEXT NOT NULL, dataset_object_id TEXT NOT NULL,
                dataset_digest TEXT NOT NULL, row_digest TEXT NOT NULL, source_kind TEXT NOT NULL,
                source_id TEXT NOT NULL, source_trace_id TEXT NOT NULL, source_display_name TEXT NOT NULL,
                source_started_at_us BIGINT NOT NULL, link_metadata TEXT, added_by TEXT,
                created_at_us BIGINT NOT NULL, updated_at_us BIGINT NOT NULL, deleted_at_us BIGINT,
                PRIMARY KEY (project, id))""",
            """CREATE INDEX trace_dataset_source_row
                ON trace_dataset_source (project, dataset_object_id, row_digest)""",
            "CREATE INDEX trace_dataset_source_source ON trace_dataset_source (project, source_id)",
        ),
    ),
)
