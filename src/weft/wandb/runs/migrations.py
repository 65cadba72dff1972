"""The tables of runs."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "traces.runs.0001_runs",
        (
            """CREATE TABLE trace_run (
                project INTEGER NOT NULL, name TEXT NOT NULL, user_id TEXT NOT NULL, username TEXT NOT NULL,
                state TEXT NOT NULL, config TEXT NOT NULL, summary TEXT NOT NULL, facts TEXT NOT NULL,
                history_lines BIGINT NOT NULL, created_at_us BIGINT NOT NULL,
                heartbeat_at_us BIGINT NOT NULL, PRIMARY KEY (project, name))""",
            "CREATE INDEX trace_run_created ON trace_run (project, created_at_us)",
        ),
    ),
    Migration(
        "traces.runs.0002_history",
        (
            """CREATE TABLE trace_run_history (
                project INTEGER NOT NULL, run TEXT NOT NULL, line BIGINT NOT NULL, step TEXT NOT NULL,
                PRIMARY KEY (project, run, line))""",
        ),
    ),
)
