"""The table of agents' spans."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "traces.agents.0001_spans",
        (
            """CREATE TABLE trace_agent_span (
                project INTEGER NOT NULL, span_id TEXT NOT NULL, trace_id TEXT NOT NULL,
                parent_span_id TEXT, span_name TEXT NOT NULL, span_kind TEXT NOT NULL,
                kind TEXT NOT NULL, started_at_us BIGINT NOT NULL, ended_at_us BIGINT NOT NULL,
                status_code TEXT NOT NULL, operation_name TEXT, agent_name TEXT, agent_version TEXT,
                agent_id TEXT, conversation_id TEXT, conversation_name TEXT, provider_name TEXT,
                request_model TEXT, response_model TEXT, tool_name TEXT, input_tokens BIGINT,
                output_tokens BIGINT, cache_read_input_tokens BIGINT,
                cache_creation_input_tokens BIGINT, reasoning_tokens BIGINT,
                total_cost_usd DOUBLE PRECISION, parent_call_id TEXT, parent_call_trace_id TEXT,
                wb_user_id TEXT NOT NULL, PRIMARY KEY (project, span_id))""",
            "CREATE INDEX trace_agent_span_trace ON trace_agent_span (project, trace_id)",
            "CREATE INDEX trace_agent_span_started ON trace_agent_span (project, started_at_us)",
            """CREATE INDEX trace_agent_span_talk ON trace_agent_span (project, conversation_id)
                WHERE conversation_id IS NOT NULL""",
            """CREATE INDEX trace_agent_span_agent ON trace_agent_span (project, agent_name)
                WHERE agent_name IS NOT NULL""",
        ),
    ),
)
