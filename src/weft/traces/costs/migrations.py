"""The table of projects' own prices."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "traces.costs.0001_prices",
        (
            """CREATE TABLE trace_price (
                project INTEGER NOT NULL, id TEXT NOT NULL, llm_id TEXT NOT NULL,
                provider_id TEXT NOT NULL, effective_at_us BIGINT NOT NULL,
                prompt_token_cost DOUBLE PRECISION NOT NULL,
                completion_token_cost DOUBLE PRECISION NOT NULL,
                cache_read_input_token_cost DOUBLE PRECISION NOT NULL,
                cache_creation_input_token_cost DOUBLE PRECISION NOT NULL,
                prompt_token_cost_unit TEXT NOT NULL, completion_token_cost_unit TEXT NOT NULL,
                created_by TEXT NOT NULL, created_at_us BIGINT NOT NULL, PRIMARY KEY (project, id))""",
            "CREATE INDEX trace_price_llm ON trace_price (project, llm_id, effective_at_us)",
        ),
    ),
)
