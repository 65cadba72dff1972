"""What questions like these took before: the newest answers of the same sort, or else of the same model."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from weft.evals.batches.budget import ANSWERED
from weft.evals.batches.schema import ASK, BATCH
from weft.ledger.schema import usage as usage_table
from weft.ledger.types import Outcome

NEWEST = 1000
"""Answers that are looked at."""
LOOKED_AT = 20_000
"""Of usage records: among the newest so many those of the model are looked for."""
FEWEST = 3
"""Answers that say anything of others."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What some answers took, on average."""

    count: int
    input_tokens: float
    cached_share: float
    """Of the input tokens."""
    output_tokens: float
    output_spread: float
    """Standard deviation of the output tokens."""
    duration_s: float
    is_same: bool
    """The same settings, asked about the same dataset."""
    is_alike: bool
    """The same settings, asked about something else."""


@dataclass(frozen=True, slots=True)
class _Took:
    """What one answer took."""

    input_tokens: int
    cached_tokens: int
    output_tokens: int
    took_us: int


def find_seen(
    connection: Connection, project_id: str, subject: str, dataset_ref: str, model_id: str
) -> Seen | None:
    """The best that is known of questions of this sort; None if nothing is."""
    wanted = (
        select(
            ASK.c.input_tokens,
            ASK.c.cached_tokens,
            ASK.c.output_tokens,
            (ASK.c.ended_at_us - ASK.c.started_at_us).label("took_us"),
            (BATCH.c.dataset_ref == dataset_ref).label("is_same"),
        )
        .join(BATCH, BATCH.c.id == ASK.c.batch_id)
        .where(ASK.c.subject == subject, ASK.c.status == ANSWERED, BATCH.c.project_id == project_id)
        .order_by(ASK.c.id.desc())
        .limit(NEWEST)
    )
    found = connection.execute(wanted).all()
    rows = [_Took(*row[:4]) for row in found]
    same = [took for took, row in zip(rows, found, strict=True) if row.is_same]
    if len(same) >= FEWEST:
        return _seen(same, is_same=True)
    if len(rows) >= FEWEST:
        return _seen(rows, is_alike=True)
    used = _of_model(connection, project_id, model_id)
    return _seen(used) if len(used) >= FEWEST else None


def _of_model(connection: Connection, project_id: str, model_id: str) -> Sequence[_Took]:
    """What the project's newest requests to a model took, whatever they were."""
    newest = (
        select(usage_table)
        .where(usage_table.c.posted_at_us > 0)
        .order_by(usage_table.c.posted_at_us.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    wanted = (
        select(
            newest.c.input_tokens,
            newest.c.cached_input_tokens.label("cached_tokens"),
            newest.c.output_tokens,
            newest.c.total_us.label("took_us"),
        )
        .where(
            newest.c.project_id == project_id,
            newest.c.model_id == model_id,
            newest.c.outcome == Outcome.COMPLETED.value,
            newest.c.output_tokens > 0,
        )
        .limit(NEWEST)
    )
    return [_Took(*row) for row in connection.execute(wanted)]


def _seen(rows: Sequence[_Took], *, is_same: bool = False, is_alike: bool = False) -> Seen:
    count = len(rows)
    outputs = [row.output_tokens for row in rows]
    mean = math.fsum(outputs) / count
    squares = math.fsum((one - mean) ** 2 for one in outputs)
    read = sum(row.input_tokens for row in rows)
    return Seen(
        count=count,
        input_tokens=read / count,
        cached_share=sum(row.cached_tokens for row in rows) / read if read else 0.0,
        output_tokens=mean,
        output_spread=math.sqrt(squares / (count - 1)) if count > 1 else 0.0,
        duration_s=math.fsum(row.took_us for row in rows) / count / 1e6,
        is_same=is_same,
        is_alike=is_alike,
    )
