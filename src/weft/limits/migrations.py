"""The steps that made the tables of limits. `schema.py` describes the result; a test holds the two together.

The partial indexes are the promise that of each limit, each plan's changes and each team's plan one row is in force.
"""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "limits.0001_plans_and_limits",
        (
            """
            CREATE TABLE limits_team_plan (
                id TEXT PRIMARY KEY,
                team_id TEXT NOT NULL,
                plan TEXT NOT NULL,
                reason TEXT NOT NULL,
                set_by TEXT NOT NULL,
                set_at_us BIGINT NOT NULL,
                ended_at_us BIGINT
            )
            """,
            "CREATE INDEX limits_team_plan_team ON limits_team_plan (team_id)",
            """
            CREATE UNIQUE INDEX limits_team_plan_one ON limits_team_plan (team_id)
                WHERE ended_at_us IS NULL
            """,
            """
            CREATE TABLE limits_plan (
                id TEXT PRIMARY KEY,
                plan TEXT NOT NULL,
                changes TEXT NOT NULL,
                reason TEXT NOT NULL,
                set_by TEXT NOT NULL,
                set_at_us BIGINT NOT NULL,
                ended_at_us BIGINT
            )
            """,
            "CREATE INDEX limits_plan_name ON limits_plan (plan)",
            "CREATE UNIQUE INDEX limits_plan_one ON limits_plan (plan) WHERE ended_at_us IS NULL",
            """
            CREATE TABLE limits_limit (
                id TEXT PRIMARY KEY,
                authority TEXT NOT NULL,
                scope TEXT NOT NULL,
                scope_id TEXT NOT NULL,
                kind TEXT NOT NULL,
                period TEXT NOT NULL,
                model_id TEXT NOT NULL,
                max BIGINT NOT NULL CHECK (max >= 0),
                reason TEXT NOT NULL,
                set_by TEXT NOT NULL,
                set_at_us BIGINT NOT NULL,
                ended_at_us BIGINT,
                ended_by TEXT NOT NULL,
                end_reason TEXT NOT NULL
            )
            """,
            "CREATE INDEX limits_limit_scope ON limits_limit (scope_id)",
            """
            CREATE UNIQUE INDEX limits_limit_one
                ON limits_limit (scope_id, kind, scope, period, model_id, authority)
                WHERE ended_at_us IS NULL
            """,
        ),
    ),
)
