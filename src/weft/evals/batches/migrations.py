"""The steps that made the tables of batches."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "evals.0002_batches",
        (
            """
            CREATE TABLE evals_batch (
                id TEXT NOT NULL PRIMARY KEY,
                project_id TEXT NOT NULL,
                name TEXT NOT NULL,
                description TEXT,
                evaluation_ref TEXT NOT NULL,
                dataset_ref TEXT NOT NULL,
                definition TEXT NOT NULL,
                budget_nusd BIGINT,
                spent_nusd BIGINT NOT NULL,
                held_nusd BIGINT NOT NULL,
                state TEXT NOT NULL,
                reason TEXT NOT NULL,
                remedy TEXT NOT NULL,
                owner TEXT NOT NULL,
                made_by TEXT NOT NULL,
                questions_total BIGINT NOT NULL,
                created_at_us BIGINT NOT NULL,
                ended_at_us BIGINT
            )
            """,
            "CREATE INDEX evals_batch_project ON evals_batch (project_id, id)",
            """
            CREATE TABLE evals_batch_run (
                batch_id TEXT NOT NULL,
                position INTEGER NOT NULL,
                call_id TEXT NOT NULL,
                name TEXT NOT NULL,
                model TEXT NOT NULL,
                model_ref TEXT NOT NULL,
                state TEXT NOT NULL,
                rows_total BIGINT NOT NULL,
                rows_done BIGINT NOT NULL,
                errors BIGINT NOT NULL,
                cost_nusd BIGINT NOT NULL,
                started_at_us BIGINT NOT NULL,
                ended_at_us BIGINT,
                PRIMARY KEY (batch_id, position)
            )
            """,
            """
            CREATE TABLE evals_ask (
                id TEXT NOT NULL PRIMARY KEY,
                batch_id TEXT NOT NULL,
                run INTEGER NOT NULL,
                place BIGINT NOT NULL,
                part INTEGER NOT NULL,
                subject TEXT NOT NULL,
                reserved_nusd BIGINT NOT NULL,
                charged_nusd BIGINT,
                status INTEGER NOT NULL,
                answer TEXT,
                input_tokens BIGINT NOT NULL,
                cached_tokens BIGINT NOT NULL,
                output_tokens BIGINT NOT NULL,
                started_at_us BIGINT NOT NULL,
                ended_at_us BIGINT
            )
            """,
            "CREATE INDEX evals_ask_place ON evals_ask (batch_id, run, place, part)",
            "CREATE INDEX evals_ask_subject ON evals_ask (subject, id)",
            """
            CREATE TABLE evals_item (
                batch_id TEXT NOT NULL,
                run INTEGER NOT NULL,
                place BIGINT NOT NULL,
                told TEXT NOT NULL,
                PRIMARY KEY (batch_id, run, place)
            )
            """,
        ),
    ),
)
