"""The tables of tables."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "traces.tables.0001_tables",
        (
            """CREATE TABLE trace_table (
                project INTEGER NOT NULL, digest TEXT NOT NULL, row_count BIGINT NOT NULL, size_bytes BIGINT,
                created_at_us BIGINT NOT NULL, chunks TEXT NOT NULL, PRIMARY KEY (project, digest))""",
            """CREATE TABLE trace_table_chunk (
                project INTEGER NOT NULL, digest TEXT NOT NULL, body TEXT NOT NULL,
                PRIMARY KEY (project, digest))""",
            """CREATE TABLE trace_table_row (
                project INTEGER NOT NULL, digest TEXT NOT NULL, size_bytes BIGINT NOT NULL, val TEXT NOT NULL,
                PRIMARY KEY (project, digest))""",
            "CREATE INDEX trace_table_row_size ON trace_table_row (project, size_bytes)",
        ),
    ),
)
"""The last index is there for `tables_size` alone, which would have to walk over every value without it."""
