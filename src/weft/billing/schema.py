"""The tables of billing as SQLAlchemy Core sees them; `migrations.py` makes them. Only store files import this."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text

METADATA = MetaData()

PURCHASE = Table(
    "billing_purchase",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("team_id", Text, nullable=False),
    Column("amount_nusd", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("payment_id", Text, nullable=False),
    Column("refunded_nusd", BigInteger, nullable=False),
    Column("taken_back_nusd", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("settled_at_us", BigInteger),
)
Index("billing_purchase_team", PURCHASE.c.team_id)
Index("billing_purchase_payment", PURCHASE.c.payment_id)
MONTH = Table(
    "billing_month",
    METADATA,
    Column("team_id", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("burnt_nusd", BigInteger, nullable=False),
    Column("overage_nusd", BigInteger, nullable=False),
    Column("changed_seq", BigInteger, nullable=False),
    Column("looked_seq", BigInteger, nullable=False),
)
TALLY = Table(
    "billing_tally",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)
ALERT = Table(
    "billing_alert",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("team_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("threshold", BigInteger, nullable=False),
    Column("period", Text, nullable=False),
    Column("current_nusd", BigInteger, nullable=False),
    Column("max_nusd", BigInteger, nullable=False),
    Column("resets_at_us", BigInteger),
    Column("made_at_us", BigInteger, nullable=False),
    Column("notice", Text, nullable=False, server_default=""),
)
"""`notice` is what an alert of another room says, as JSON; empty for those about money."""
Index(
    "billing_alert_once",
    ALERT.c.team_id,
    ALERT.c.kind,
    ALERT.c.threshold,
    ALERT.c.period,
    unique=True,
)
MESSAGE = Table(
    "billing_message",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("alert_id", Text, ForeignKey("billing_alert.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at_us", BigInteger, nullable=False),
    Column("made_at_us", BigInteger, nullable=False),
    Column("sent_at_us", BigInteger),
    Column("given_up_at_us", BigInteger),
    Column("error", Text, nullable=False),
)
Index("billing_message_alert", MESSAGE.c.alert_id)
ALERT_RULE = Table(
    "billing_alert_rule",
    METADATA,
    Column("team_id", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at_us", BigInteger, nullable=False),
)
"""What a team's admins set about its alerts, as JSON."""
BUYER = Table(
    "billing_buyer",
    METADATA,
    Column("team_id", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at_us", BigInteger, nullable=False),
)
INVOICE = Table(
    "billing_invoice",
    METADATA,
    Column("number", Text, primary_key=True),
    Column("series", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("team_id", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("issued_at_us", BigInteger, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
)
Index("billing_invoice_place", INVOICE.c.series, INVOICE.c.place, unique=True)
Index("billing_invoice_month", INVOICE.c.team_id, INVOICE.c.month, unique=True)
