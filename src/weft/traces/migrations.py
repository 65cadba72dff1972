"""The tables of calls; every noun's package has such a file, and `app.storage` hands all of them in."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "traces.0001_calls",
        (
            """CREATE TABLE trace_project (
                key INTEGER PRIMARY KEY, project_id TEXT NOT NULL UNIQUE, retention_days INTEGER,
                removed_at_us BIGINT)""",
            """CREATE TABLE trace_call (
                seq {rowid} PRIMARY KEY, project INTEGER NOT NULL, id TEXT NOT NULL,
                trace_id TEXT NOT NULL, parent_id TEXT, op_name TEXT NOT NULL, op TEXT NOT NULL,
                display_name TEXT, started_at_us BIGINT NOT NULL, ended_at_us BIGINT, status TEXT NOT NULL,
                thread_id TEXT, turn_id TEXT, wb_user_id TEXT, wb_run_id TEXT, wb_run_step BIGINT,
                wb_run_step_end BIGINT, model TEXT, input_tokens BIGINT NOT NULL,
                output_tokens BIGINT NOT NULL, size_bytes BIGINT NOT NULL)""",
            "CREATE UNIQUE INDEX trace_call_id ON trace_call (project, id)",
            "CREATE INDEX trace_call_started ON trace_call (project, started_at_us, id)",
            "CREATE INDEX trace_call_op ON trace_call (project, op, started_at_us)",
            "CREATE INDEX trace_call_trace ON trace_call (project, trace_id)",
            "CREATE INDEX trace_call_parent ON trace_call (project, parent_id) WHERE parent_id IS NOT NULL",
            "CREATE INDEX trace_call_root ON trace_call (project, started_at_us, id) WHERE parent_id IS NULL",
            "CREATE INDEX trace_call_thread ON trace_call (project, thread_id) WHERE thread_id IS NOT NULL",
            """CREATE TABLE trace_payload (
                seq {rowid} PRIMARY KEY, attributes TEXT NOT NULL, inputs TEXT NOT NULL, output TEXT,
                summary TEXT, exception TEXT, otel_dump TEXT, inputs_blob TEXT, output_blob TEXT)""",
            """CREATE INDEX trace_payload_inputs_blob ON trace_payload (inputs_blob)
                WHERE inputs_blob IS NOT NULL""",
            """CREATE INDEX trace_payload_output_blob ON trace_payload (output_blob)
                WHERE output_blob IS NOT NULL""",
            """CREATE TABLE trace_blob (
                project INTEGER NOT NULL, digest TEXT NOT NULL, body TEXT NOT NULL,
                PRIMARY KEY (project, digest))""",
            """CREATE TABLE trace_orphan (
                project INTEGER NOT NULL, id TEXT NOT NULL, part TEXT NOT NULL,
                arrived_at_us BIGINT NOT NULL, PRIMARY KEY (project, id))""",
            """CREATE TABLE trace_rollup (
                project INTEGER NOT NULL, hour_us BIGINT NOT NULL, op TEXT NOT NULL, model TEXT NOT NULL,
                calls BIGINT NOT NULL, errors BIGINT NOT NULL, latency_us BIGINT NOT NULL,
                uses BIGINT NOT NULL, requests BIGINT NOT NULL, input_tokens BIGINT NOT NULL,
                output_tokens BIGINT NOT NULL,
                cache_read_tokens BIGINT NOT NULL, cache_write_tokens BIGINT NOT NULL,
                fresh_input_tokens BIGINT NOT NULL, histogram TEXT NOT NULL,
                PRIMARY KEY (project, hour_us, op, model)) {by_key}""",
            """CREATE TABLE trace_usage (
                seq BIGINT NOT NULL, model TEXT NOT NULL, project INTEGER NOT NULL, requests BIGINT NOT NULL,
                input_tokens BIGINT NOT NULL, output_tokens BIGINT NOT NULL,
                cache_read_tokens BIGINT NOT NULL, cache_write_tokens BIGINT NOT NULL,
                below_requests BIGINT NOT NULL, below_input_tokens BIGINT NOT NULL,
                below_output_tokens BIGINT NOT NULL, below_cache_read_tokens BIGINT NOT NULL,
                below_cache_write_tokens BIGINT NOT NULL, PRIMARY KEY (seq, model)) {by_key}""",
            """CREATE TABLE trace_note (
                project INTEGER NOT NULL, id TEXT NOT NULL, deleted BOOLEAN NOT NULL, display_name TEXT,
                noted_at_us BIGINT NOT NULL, PRIMARY KEY (project, id)) {by_key}""",
            "CREATE INDEX trace_note_at ON trace_note (noted_at_us)",
        ),
    ),
)
