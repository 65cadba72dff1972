"""The tables of batches, as SQLAlchemy Core sees them.

They stand beside the ledger and not beside the traces, because an answer, its charge and what is left of the budget are
written in one transaction (`budget.py`).
"""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

metadata = MetaData()

BATCH = Table(
    "evals_batch",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("evaluation_ref", Text, nullable=False),
    Column("dataset_ref", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("budget_nusd", BigInteger),
    Column("spent_nusd", BigInteger, nullable=False),
    Column("held_nusd", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("questions_total", BigInteger, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("ended_at_us", BigInteger),
)
"""`spent_nusd` is the sum of what its questions were charged, `held_nusd` of what the open ones keep back; `owner` is
the process that asks, by the id under which it beats in `ledger_owner`."""

Index("evals_batch_project", BATCH.c.project_id, BATCH.c.id)

RUN = Table(
    "evals_batch_run",
    metadata,
    Column("batch_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("call_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("model_ref", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("rows_total", BigInteger, nullable=False),
    Column("rows_done", BigInteger, nullable=False),
    Column("errors", BigInteger, nullable=False),
    Column("cost_nusd", BigInteger, nullable=False),
    Column("started_at_us", BigInteger, nullable=False),
    Column("ended_at_us", BigInteger),
)

ASK = Table(
    "evals_ask",
    metadata,
    Column("id", Text, primary_key=True),
    Column("batch_id", Text, nullable=False),
    Column("run", Integer, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("part", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reserved_nusd", BigInteger, nullable=False),
    Column("charged_nusd", BigInteger),
    Column("status", Integer, nullable=False),
    Column("answer", Text),
    Column("input_tokens", BigInteger, nullable=False),
    Column("cached_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("started_at_us", BigInteger, nullable=False),
    Column("ended_at_us", BigInteger),
)
"""One try to ask one question. `id` is the id of its request, so of its usage record and its hold. `charged_nusd` is
NULL while the try is open; `status` is the HTTP status that it ended with, 0 while it is open or if it was never asked.
`part` is 0 for the model, else 1 + the scorer's place. `answer` is the body of a 200, until the row that it belongs to
is done. `subject` is what was asked, model and settings, as a digest: estimates go by it."""

Index("evals_ask_place", ASK.c.batch_id, ASK.c.run, ASK.c.place, ASK.c.part)
Index("evals_ask_subject", ASK.c.subject, ASK.c.id)

ITEM = Table(
    "evals_item",
    metadata,
    Column("batch_id", Text, primary_key=True),
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("told", Text, nullable=False),
)
"""A row that a run is done with: its calls are written. `told` is what the summary at the end needs of it."""
