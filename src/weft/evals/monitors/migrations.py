"""The tables of monitors."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "traces.monitors.0001_monitors",
        (
            """CREATE TABLE trace_monitor (
                project INTEGER NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL,
                budget_nusd BIGINT NOT NULL, granted_digest TEXT NOT NULL, granted_by TEXT NOT NULL,
                day TEXT NOT NULL, spent_nusd BIGINT NOT NULL, rules TEXT NOT NULL, told TEXT NOT NULL,
                position BIGINT NOT NULL, seen BIGINT NOT NULL, judged BIGINT NOT NULL,
                failed BIGINT NOT NULL, skipped BIGINT NOT NULL, errors_in_row INTEGER NOT NULL,
                pause TEXT NOT NULL, reason TEXT NOT NULL, paused_at_us BIGINT NOT NULL,
                last_error TEXT NOT NULL, last_error_at_us BIGINT NOT NULL, looked_at_us BIGINT NOT NULL,
                lease_owner TEXT NOT NULL, lease_until_us BIGINT NOT NULL, PRIMARY KEY (project, name))""",
            """CREATE TABLE trace_monitor_item (
                project INTEGER NOT NULL, name TEXT NOT NULL, call_id TEXT NOT NULL, seq BIGINT NOT NULL,
                state TEXT NOT NULL, changed_at_us BIGINT NOT NULL, PRIMARY KEY (project, name, call_id))""",
            """CREATE INDEX trace_monitor_item_open ON trace_monitor_item (project, name, seq)
                WHERE state IN ('waiting', 'judging')""",
            """CREATE INDEX trace_object_monitor ON trace_object (project, object_id)
                WHERE base_object_class = 'Monitor' AND is_latest = 1""",
        ),
    ),
    Migration(
        "traces.monitors.0002_start",
        ("ALTER TABLE trace_monitor ADD COLUMN start BIGINT NOT NULL DEFAULT 0",),
    ),
)
