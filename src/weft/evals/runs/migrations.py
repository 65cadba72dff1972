"""The table of evaluations that run on the server."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "traces.evals.0001_runs",
        (
            """CREATE TABLE trace_eval_run (
                project INTEGER NOT NULL, call_id TEXT NOT NULL, total_rows BIGINT NOT NULL,
                beat_at_us BIGINT NOT NULL, ended_at_us BIGINT, PRIMARY KEY (project, call_id))""",
        ),
    ),
)
