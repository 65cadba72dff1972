"""The table of feedback as SQLAlchemy Core sees it; `migrations.py` makes it."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from weft.traces.schema import METADATA

FEEDBACK = Table(
    "trace_feedback",
    METADATA,
    Column("project", Integer, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("weave_ref", Text, nullable=False),
    Column("call_id", Text),
    Column("feedback_type", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("creator", Text),
    Column("wb_user_id", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("annotation_ref", Text),
    Column("runnable_ref", Text),
    Column("call_ref", Text),
    Column("trigger_ref", Text),
    Column("queue_id", Text),
    Column("scorer_tags", Text, nullable=False),
    Column("scorer_tag_reasons", Text, nullable=False),
    Column("scorer_tag_confidences", Text, nullable=False),
    Column("scorer_ratings", Text, nullable=False),
    Column("scorer_rating_reasons", Text, nullable=False),
    Column("scorer_rating_confidences", Text, nullable=False),
    Column("span_agent_name", Text, nullable=False),
    Column("span_agent_version", Text, nullable=False),
    Column("span_status_code", Text, nullable=False),
    Column("span_conversation_id", Text, nullable=False),
    Column("span_trace_id", Text, nullable=False),
    Column("scorer_trace_id", Text, nullable=False),
)
"""`call_id` is the id of the call that `weave_ref` names; NULL where it names something else.

`payload` and the `scorer_*` columns but `scorer_trace_id` are JSON.
"""
