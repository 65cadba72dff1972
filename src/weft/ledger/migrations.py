"""The steps that made the ledger's tables. `schema.py` describes the result; a test holds the two together."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "ledger.0001_usage",
        (
            """
            CREATE TABLE usage (
                id TEXT PRIMARY KEY,
                started_at_us BIGINT NOT NULL,
                user_id TEXT NOT NULL,
                team_id TEXT NOT NULL,
                project_id TEXT NOT NULL,
                key_id TEXT NOT NULL,
                model_id TEXT NOT NULL,
                served_model_id TEXT NOT NULL,
                engine TEXT NOT NULL,
                status INTEGER NOT NULL,
                outcome TEXT NOT NULL,
                error_code TEXT NOT NULL,
                stream BOOLEAN NOT NULL,
                input_tokens BIGINT NOT NULL,
                cached_input_tokens BIGINT NOT NULL,
                output_tokens BIGINT NOT NULL,
                reasoning_tokens BIGINT NOT NULL,
                usage_source TEXT NOT NULL,
                price_version TEXT NOT NULL,
                cost_nusd BIGINT NOT NULL,
                queue_us BIGINT NOT NULL,
                ttft_us BIGINT NOT NULL,
                total_us BIGINT NOT NULL
            )
            """,
            "CREATE INDEX usage_started_at ON usage (started_at_us)",
        ),
    ),
)
