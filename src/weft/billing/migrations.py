"""The steps that made the tables of billing. `schema.py` describes the result; a test holds the two together."""

from weft.kit.migrations import Migration

MIGRATIONS = (
    Migration(
        "billing.0001_purchases",
        (
            """
            CREATE TABLE billing_purchase (
                id TEXT PRIMARY KEY,
                team_id TEXT NOT NULL,
                amount_nusd BIGINT NOT NULL CHECK (amount_nusd > 0),
                status TEXT NOT NULL,
                method TEXT NOT NULL,
                reference TEXT NOT NULL,
                payment_id TEXT NOT NULL,
                refunded_nusd BIGINT NOT NULL,
                taken_back_nusd BIGINT NOT NULL,
                note TEXT NOT NULL,
                made_by TEXT NOT NULL,
                created_at_us BIGINT NOT NULL,
                settled_at_us BIGINT
            )
            """,
            """
            CREATE UNIQUE INDEX billing_purchase_reference ON billing_purchase (method, reference)
                WHERE reference <> ''
            """,
            "CREATE INDEX billing_purchase_team ON billing_purchase (team_id)",
            "CREATE INDEX billing_purchase_payment ON billing_purchase (payment_id)",
        ),
    ),
    Migration(
        "billing.0002_alerts",
        (
            """
            CREATE TABLE billing_month (
                team_id TEXT NOT NULL,
                month TEXT NOT NULL,
                burnt_nusd BIGINT NOT NULL,
                overage_nusd BIGINT NOT NULL,
                changed_seq BIGINT NOT NULL,
                looked_seq BIGINT NOT NULL,
                PRIMARY KEY (team_id, month)
            )
            """,
            """
            CREATE INDEX billing_month_changed ON billing_month (changed_seq)
                WHERE changed_seq > looked_seq
            """,
            "CREATE TABLE billing_tally (id INTEGER PRIMARY KEY, seq BIGINT NOT NULL)",
            "INSERT INTO billing_tally (id, seq) VALUES (1, 0)",
            """
            CREATE TABLE billing_alert (
                id TEXT PRIMARY KEY,
                team_id TEXT NOT NULL,
                kind TEXT NOT NULL,
                threshold BIGINT NOT NULL,
                period TEXT NOT NULL,
                current_nusd BIGINT NOT NULL,
                max_nusd BIGINT NOT NULL,
                resets_at_us BIGINT,
                made_at_us BIGINT NOT NULL
            )
            """,
            "CREATE UNIQUE INDEX billing_alert_once ON billing_alert (team_id, kind, threshold, period)",
            """
            CREATE TABLE billing_message (
                id TEXT PRIMARY KEY,
                alert_id TEXT NOT NULL REFERENCES billing_alert (id),
                channel TEXT NOT NULL,
                target TEXT NOT NULL,
                attempts INTEGER NOT NULL,
                next_at_us BIGINT NOT NULL,
                made_at_us BIGINT NOT NULL,
                sent_at_us BIGINT,
                given_up_at_us BIGINT,
                error TEXT NOT NULL
            )
            """,
            "CREATE INDEX billing_message_alert ON billing_message (alert_id)",
            """
            CREATE INDEX billing_message_open ON billing_message (next_at_us)
                WHERE sent_at_us IS NULL AND given_up_at_us IS NULL
            """,
        ),
    ),
    Migration(
        "billing.0003_invoices",
        (
            """
            CREATE TABLE billing_buyer (
                team_id TEXT PRIMARY KEY,
                address TEXT NOT NULL,
                set_by TEXT NOT NULL,
                set_at_us BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE billing_invoice (
                number TEXT PRIMARY KEY,
                series INTEGER NOT NULL,
                place INTEGER NOT NULL,
                team_id TEXT NOT NULL,
                month TEXT NOT NULL,
                issued_at_us BIGINT NOT NULL,
                issued_by TEXT NOT NULL,
                content TEXT NOT NULL,
                content_hash TEXT NOT NULL
            )
            """,
            "CREATE UNIQUE INDEX billing_invoice_place ON billing_invoice (series, place)",
            "CREATE UNIQUE INDEX billing_invoice_month ON billing_invoice (team_id, month)",
        ),
    ),
    Migration(
        "billing.0004_notices",
        ("ALTER TABLE billing_alert ADD COLUMN notice TEXT NOT NULL DEFAULT ''",),
    ),
    Migration(
        "billing.0005_alert_rules",
        (
            """
            CREATE TABLE billing_alert_rule (
                team_id TEXT PRIMARY KEY,
                rule TEXT NOT NULL,
                set_by TEXT NOT NULL,
                set_at_us BIGINT NOT NULL
            )
            """,
        ),
    ),
)
