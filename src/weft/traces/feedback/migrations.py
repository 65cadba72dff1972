"""The table of feedback."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "traces.feedback.0001_feedback",
        (
            """CREATE TABLE trace_feedback (
                project INTEGER NOT NULL, id TEXT NOT NULL, weave_ref TEXT NOT NULL, call_id TEXT,
                feedback_type TEXT NOT NULL, payload TEXT NOT NULL, creator TEXT,
                wb_user_id TEXT NOT NULL, created_at_us BIGINT NOT NULL, annotation_ref TEXT,
                runnable_ref TEXT, call_ref TEXT, trigger_ref TEXT, queue_id TEXT,
                scorer_tags TEXT NOT NULL, scorer_tag_reasons TEXT NOT NULL,
                scorer_tag_confidences TEXT NOT NULL, scorer_ratings TEXT NOT NULL,
                scorer_rating_reasons TEXT NOT NULL, scorer_rating_confidences TEXT NOT NULL,
                span_agent_name TEXT NOT NULL, span_agent_version TEXT NOT NULL,
                span_status_code TEXT NOT NULL, span_conversation_id TEXT NOT NULL,
                span_trace_id TEXT NOT NULL, scorer_trace_id TEXT NOT NULL,
                PRIMARY KEY (project, id))""",
            """CREATE INDEX trace_feedback_call ON trace_feedback (project, call_id)
                WHERE call_id IS NOT NULL""",
            "CREATE INDEX trace_feedback_ref ON trace_feedback (project, weave_ref)",
            "CREATE INDEX trace_feedback_created ON trace_feedback (project, created_at_us)",
        ),
    ),
)
