"""Scorers applied to calls that anybody made: each score is a call of its own, and feedback on what was judged."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from weft.evals.results.read import chunks, read_blobs
from weft.evals.runs.asking import RunRefused
from weft.evals.runs.score import Judges
from weft.evals.runs.scorers import Scorer
from weft.evals.shelf import Shelf
from weft.evals.values import object_in
from weft.kit.errors import WeftError
from weft.traces.calls.parts import WriteCalls
from weft.traces.feedback.parts import WriteFeedback
from weft.traces.schema import CALL, PAYLOAD
from weft.traces.types import ProjectKey

log = logging.getLogger(__name__)

PARALLEL = 8


async def score_calls(
    shelf: Shelf, judges: Judges, scorers: Sequence[Scorer], ids: Sequence[str]
) -> None:
    """Apply every scorer to every call among `ids` that has ended; stops where the door refuses all of it."""
    visitor = judges.models.visitor
    found = await shelf.store.read(
        visitor.project_id, lambda c, key: read_answers(c, key, ids), empty=list[Answer]()
    )
    slots = asyncio.Semaphore(PARALLEL)

    async def one(answer: Answer, scorer: Scorer) -> None:
        async with slots:
            scored = await judges.score(
                scorer, answer.output, answer.inputs, of_call=answer.id, parent=None
            )
        await shelf.store.writer.write(WriteCalls(visitor.project_id, [scored.call]))
        if scored.feedback is not None:
            await shelf.store.writer.write(WriteFeedback(visitor.project_id, [scored.feedback]))

    try:
        async with asyncio.TaskGroup() as tasks:
            for answer in found:
                for scorer in scorers:
                    tasks.create_task(one(answer, scorer))
    except* (RunRefused, WeftError) as errors:
        log.warning("scoring_refused project=%s error=%s", visitor.project_id, errors.exceptions[0])


class Answer(msgspec.Struct, frozen=True):
    """A call that is to be judged."""

    id: str
    inputs: dict[str, Any]
    output: Any
    exception: str | None = None
    """What it raised, as its client wrote it."""


def read_answers(connection: Connection, project: ProjectKey, ids: Sequence[str]) -> list[Answer]:
    """What these calls were given and gave; those that run, or failed, are left out."""
    columns = (
        *(PAYLOAD.c.inputs, PAYLOAD.c.inputs_blob, PAYLOAD.c.output, PAYLOAD.c.output_blob),
        PAYLOAD.c.exception,
    )
    found: list[Answer] = []
    for chunk in chunks(ids):
        wanted = (
            select(CALL.c.id, *columns)
            .join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
            .where(
                CALL.c.project == project,
                CALL.c.id.in_(chunk),
                CALL.c.ended_at_us.is_not(None),
                PAYLOAD.c.exception.is_(None),
            )
        )
        found += answers_of(connection, project, connection.execute(wanted).all())
    return found


def answers_of(
    connection: Connection, project: ProjectKey, rows: Sequence[Any]
) -> Iterator[Answer]:
    """What calls were given, without their object, and gave: of rows with an id, an exception, and both texts."""
    digests = [row.inputs_blob for row in rows] + [row.output_blob for row in rows]
    bodies = read_blobs(connection, project, digests)
    for row in rows:
        inputs = object_in(msgspec.json.decode(bodies.get(row.inputs_blob) or row.inputs))
        output = bodies.get(row.output_blob, row.output)
        yield Answer(
            row.id,
            {name: value for name, value in inputs.items() if name != "self"},
            None if output is None else msgspec.json.decode(output),
            row.exception,
        )
