"""What is kept of runs besides their calls: how many rows they have, and whether somebody still works on them."""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from weft.evals.results.read import PREDICT_AND_SCORE, read_blobs
from weft.evals.runs.schema import EVAL_RUN
from weft.traces.schema import CALL, PAYLOAD
from weft.traces.types import US_PER_S, ProjectKey

STALE_US = 60 * US_PER_S
"""Without a sign of life for so long, a run's process is gone."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an evaluation is."""

    op: str
    is_ended: bool
    exception: str | None
    output: Any
    completed_rows: int
    total_rows: int | None
    """None for an evaluation that no server runs."""
    is_lost: bool
    """Whether it still ought to run, and the process that ran it is gone."""


def add_run(
    connection: Connection, project: ProjectKey, call_id: str, total_rows: int, now_us: int
) -> None:
    """A run begins."""
    values = {"project": project, "call_id": call_id, "total_rows": total_rows}
    connection.execute(insert(EVAL_RUN).values(**values, beat_at_us=now_us))


def beat(
    connection: Connection, project: ProjectKey, call_id: str, now_us: int, *, is_over: bool = False
) -> None:
    """A run's process lives, or ended it."""
    values = {"beat_at_us": now_us} | ({"ended_at_us": now_us} if is_over else {})
    mine = (EVAL_RUN.c.project == project, EVAL_RUN.c.call_id == call_id)
    connection.execute(update(EVAL_RUN).where(*mine).values(**values))


def find_progress(
    connection: Connection, project: ProjectKey, call_id: str, now_us: int
) -> Progress | None:
    """How far an evaluation is; None if there is no such call."""
    found = connection.execute(
        select(
            CALL.c.op,
            CALL.c.ended_at_us,
            PAYLOAD.c.exception,
            PAYLOAD.c.output,
            PAYLOAD.c.output_blob,
        )
        .join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
        .where(CALL.c.project == project, CALL.c.id == call_id)
    ).one_or_none()
    if found is None:
        return None
    body = read_blobs(connection, project, [found.output_blob]).get(found.output_blob, found.output)
    run = connection.execute(
        select(EVAL_RUN.c.total_rows, EVAL_RUN.c.beat_at_us, EVAL_RUN.c.ended_at_us).where(
            EVAL_RUN.c.project == project, EVAL_RUN.c.call_id == call_id
        )
    ).one_or_none()
    completed = connection.execute(
        select(func.count())
        .select_from(CALL)
        .where(
            CALL.c.project == project,
            CALL.c.parent_id == call_id,
            CALL.c.op.in_(PREDICT_AND_SCORE),
            CALL.c.ended_at_us.is_not(None),
        )
    ).scalar_one()
    is_ended = found.ended_at_us is not None
    return Progress(
        op=found.op,
        is_ended=is_ended,
        exception=found.exception,
        output=msgspec.json.decode(body) if body else None,
        completed_rows=completed,
        total_rows=run.total_rows if run else None,
        is_lost=run is not None and not is_ended and run.beat_at_us < now_us - STALE_US,
    )
