"""The steps that made the table of verdicts. `schema.py` describes the result; a test holds the two together."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "probes.0001_verdicts",
        (
            """
            CREATE TABLE engines_verdict (
                model_id TEXT NOT NULL,
                setup TEXT NOT NULL,
                feature TEXT NOT NULL,
                outcome TEXT NOT NULL,
                detail TEXT NOT NULL,
                at_us BIGINT NOT NULL,
                duration_ms BIGINT NOT NULL,
                PRIMARY KEY (model_id, setup, feature)
            )
            """,
            "CREATE INDEX engines_verdict_at ON engines_verdict (at_us)",
        ),
    ),
)
