"""The tables of annotation queues."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "traces.queues.0001_queues",
        (
            """CREATE TABLE trace_queue (
                project INTEGER NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
                description TEXT NOT NULL, scorer_refs TEXT NOT NULL, created_by TEXT NOT NULL,
                created_at_us BIGINT NOT NULL, updated_at_us BIGINT NOT NULL, deleted_at_us BIGINT,
                PRIMARY KEY (project, id))""",
            """CREATE TABLE trace_queue_item (
                project INTEGER NOT NULL, id TEXT NOT NULL, queue_id TEXT NOT NULL,
                place BIGINT NOT NULL, call_id TEXT NOT NULL, call_started_at_us BIGINT NOT NULL,
                call_ended_at_us BIGINT, call_op_name TEXT NOT NULL, call_trace_id TEXT NOT NULL,
                display_fields TEXT NOT NULL, added_by TEXT NOT NULL, created_at_us BIGINT NOT NULL,
                PRIMARY KEY (project, id))""",
            "CREATE UNIQUE INDEX trace_queue_item_call ON trace_queue_item (project, queue_id, call_id)",
            "CREATE INDEX trace_queue_item_place ON trace_queue_item (project, queue_id, place)",
            """CREATE TABLE trace_queue_progress (
                project INTEGER NOT NULL, item_id TEXT NOT NULL, annotator_id TEXT NOT NULL,
                queue_id TEXT NOT NULL, state TEXT NOT NULL, updated_at_us BIGINT NOT NULL,
                PRIMARY KEY (project, item_id, annotator_id))""",
            "CREATE INDEX trace_queue_progress_queue ON trace_queue_progress (project, queue_id)",
        ),
    ),
)
