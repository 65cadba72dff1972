"""The steps that made the table of the keys of custom providers."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "evals.0001_provider_keys",
        (
            """
            CREATE TABLE evals_provider_key (
                project_id TEXT NOT NULL,
                provider TEXT NOT NULL,
                origin TEXT NOT NULL,
                sealed {bytes} NOT NULL,
                set_at_us BIGINT NOT NULL,
                set_by TEXT NOT NULL,
                PRIMARY KEY (project_id, provider)
            )
            """,
        ),
    ),
)
