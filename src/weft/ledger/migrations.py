"""The steps that made the ledger's tables. `schema.py` describes the result; a test holds the two together."""

from weft.kit.migrations import Migration
from weft.ledger.usage.rollups.folding import BACKFILL

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
    Migration(
        "ledger.0002_accounts",
        (
            "ALTER TABLE usage ADD COLUMN refusal TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE usage ADD COLUMN posted_at_us BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE usage ADD COLUMN seq BIGINT NOT NULL DEFAULT 0",
            "UPDATE usage SET posted_at_us = started_at_us + total_us",
            """
            CREATE TABLE ledger_head (
                id INTEGER PRIMARY KEY,
                seq BIGINT NOT NULL,
                hash TEXT NOT NULL,
                posted_at_us BIGINT NOT NULL,
                version BIGINT NOT NULL
            )
            """,
            """
            INSERT INTO ledger_head (id, seq, hash, posted_at_us, version) VALUES
                (1, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0, 0)
            """,
            """
            CREATE TABLE ledger_transaction (
                seq BIGINT NOT NULL PRIMARY KEY,
                idempotency_key TEXT NOT NULL,
                kind TEXT NOT NULL,
                team_id TEXT NOT NULL,
                posted_at_us BIGINT NOT NULL,
                content TEXT NOT NULL,
                content_hash TEXT NOT NULL,
                hash TEXT NOT NULL
            ) {by_key}
            """,
            "CREATE UNIQUE INDEX ledger_transaction_key ON ledger_transaction (idempotency_key)",
            "CREATE INDEX ledger_transaction_team ON ledger_transaction (team_id, seq)",
            """
            CREATE TABLE ledger_entry (
                seq BIGINT NOT NULL,
                position INTEGER NOT NULL,
                account_id TEXT NOT NULL,
                amount_nusd BIGINT NOT NULL CHECK (amount_nusd <> 0),
                PRIMARY KEY (seq, position)
            ) {by_key}
            """,
            """
            CREATE TABLE ledger_grant (
                id TEXT PRIMARY KEY,
                team_id TEXT NOT NULL,
                kind TEXT NOT NULL,
                source TEXT NOT NULL,
                amount_nusd BIGINT NOT NULL CHECK (amount_nusd > 0),
                priority INTEGER NOT NULL,
                created_at_us BIGINT NOT NULL,
                expires_at_us BIGINT,
                note TEXT NOT NULL,
                made_by TEXT NOT NULL
            )
            """,
            "CREATE UNIQUE INDEX ledger_grant_source ON ledger_grant (source)",
            "CREATE INDEX ledger_grant_team ON ledger_grant (team_id)",
            """
            CREATE TABLE ledger_balance (
                account_id TEXT NOT NULL PRIMARY KEY,
                team_id TEXT NOT NULL,
                balance_nusd BIGINT NOT NULL CHECK (balance_nusd >= 0 OR account_id NOT LIKE 'grant%')
            ) {by_key}
            """,
            """
            CREATE TABLE ledger_hold (
                id TEXT PRIMARY KEY,
                owner TEXT NOT NULL,
                team_id TEXT NOT NULL,
                project_id TEXT NOT NULL,
                user_id TEXT NOT NULL,
                key_id TEXT NOT NULL,
                model_id TEXT NOT NULL,
                stream BOOLEAN NOT NULL,
                amount_nusd BIGINT NOT NULL CHECK (amount_nusd >= 0),
                tokens BIGINT NOT NULL,
                started_at_us BIGINT NOT NULL
            ) {by_key}
            """,
            """
            CREATE TABLE ledger_owner (
                id TEXT PRIMARY KEY,
                started_at_us BIGINT NOT NULL,
                heartbeat_at_us BIGINT NOT NULL
            ) {by_key}
            """,
            """
            CREATE TABLE ledger_spend (
                scope_id TEXT NOT NULL,
                day INTEGER NOT NULL,
                spent_nusd BIGINT NOT NULL,
                PRIMARY KEY (scope_id, day)
            ) {by_key}
            """,
            """
            CREATE TABLE ledger_rate (
                scope_id TEXT NOT NULL,
                minute BIGINT NOT NULL,
                requests BIGINT NOT NULL,
                tokens BIGINT NOT NULL,
                PRIMARY KEY (scope_id, minute)
            ) {by_key}
            """,
            "CREATE INDEX ledger_rate_minute ON ledger_rate (minute)",
        ),
    ),
    Migration(
        "ledger.0003_prices",
        (
            """
            CREATE TABLE ledger_price (
                version TEXT NOT NULL PRIMARY KEY,
                model_id TEXT NOT NULL,
                effective_at_us BIGINT NOT NULL,
                input_nusd_per_mtok BIGINT NOT NULL,
                output_nusd_per_mtok BIGINT NOT NULL,
                cached_input_nusd_per_mtok BIGINT NOT NULL,
                source TEXT NOT NULL,
                recorded_at_us BIGINT NOT NULL,
                override_by TEXT NOT NULL,
                override_reason TEXT NOT NULL
            )
            """,
        ),
    ),
    Migration(
        "ledger.0004_signing_keys",
        (
            """
            CREATE TABLE ledger_signing_key (
                id TEXT PRIMARY KEY,
                public_key TEXT NOT NULL,
                made_at_us BIGINT NOT NULL,
                retired_at_us BIGINT
            )
            """,
        ),
    ),
    Migration(
        "ledger.0005_usage_rollups",
        (
            "DROP INDEX usage_started_at",
            "CREATE INDEX usage_posted_at ON usage (posted_at_us)",
            """
            CREATE TABLE usage_series (
                id INTEGER PRIMARY KEY,
                level INTEGER NOT NULL,
                team_id TEXT NOT NULL,
                project_id TEXT NOT NULL,
                user_id TEXT NOT NULL,
                key_id TEXT NOT NULL,
                model_id TEXT NOT NULL,
                project_series INTEGER NOT NULL,
                user_series INTEGER NOT NULL,
                team_series INTEGER NOT NULL,
                all_series INTEGER NOT NULL
            )
            """,
            """
            CREATE UNIQUE INDEX usage_series_ids
                ON usage_series (level, team_id, project_id, user_id, key_id, model_id)
            """,
            """
            CREATE TABLE usage_sum (
                tier INTEGER NOT NULL,
                period INTEGER NOT NULL,
                series INTEGER NOT NULL,
                requests BIGINT NOT NULL,
                cancelled BIGINT NOT NULL,
                failed BIGINT NOT NULL,
                refused BIGINT NOT NULL,
                interrupted BIGINT NOT NULL,
                input_tokens BIGINT NOT NULL,
                cached_input_tokens BIGINT NOT NULL,
                output_tokens BIGINT NOT NULL,
                reasoning_tokens BIGINT NOT NULL,
                cost_nusd BIGINT NOT NULL,
                PRIMARY KEY (tier, period, series)
            ) {by_key}
            """,
            "CREATE INDEX usage_sum_series ON usage_sum (series, tier, period)",
            "CREATE TABLE usage_folded (id INTEGER PRIMARY KEY, hour INTEGER NOT NULL)",
            "INSERT INTO usage_folded (id, hour) VALUES (1, 0)",
            *BACKFILL,
        ),
    ),
    Migration(
        "ledger.0006_prices_added",
        (
            """
            CREATE TABLE ledger_price_added (
                version TEXT NOT NULL PRIMARY KEY,
                added_by TEXT NOT NULL,
                note TEXT NOT NULL,
                added_at_us BIGINT NOT NULL,
                withdrawn_at_us BIGINT,
                withdrawn_by TEXT NOT NULL,
                withdraw_reason TEXT NOT NULL
            )
            """,
        ),
    ),
)
