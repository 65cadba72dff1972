"""The steps that made the tables of this room. The `schema.py` files describe the result."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "engines.0001_load_times",
        (
            """
            CREATE TABLE engine_load_time (
                id TEXT PRIMARY KEY,
                model TEXT NOT NULL,
                kind TEXT NOT NULL,
                load_ms BIGINT NOT NULL,
                at_us BIGINT NOT NULL
            )
            """,
            "CREATE INDEX engine_load_time_model ON engine_load_time (model, kind, at_us)",
        ),
    ),
)
