"""The tables of files."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "traces.files.0001_files",
        (
            """CREATE TABLE trace_file (
                project INTEGER NOT NULL, digest TEXT NOT NULL, size_bytes BIGINT NOT NULL,
                part_count INTEGER NOT NULL, created_at_us BIGINT NOT NULL,
                PRIMARY KEY (project, digest)) {by_key}""",
            """CREATE TABLE trace_file_part (
                project INTEGER NOT NULL, digest TEXT NOT NULL, number INTEGER NOT NULL, body {bytes} NOT NULL,
                PRIMARY KEY (project, digest, number))""",
        ),
    ),
)
