"""Reads runs' own calls, and how far each is. Every statement takes the project."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from weft.evals.calls import EVALUATE
from weft.evals.results.read import PREDICT_AND_SCORE, chunks, read_blobs
from weft.evals.runs.schema import EVAL_RUN
from weft.evals.runs.store import STALE_US
from weft.evals.values import object_in, text_in
from weft.traces.objects.schema import OBJECT
from weft.traces.refs import find_ref
from weft.traces.schema import CALL, PAYLOAD
from weft.traces.types import ProjectKey

_GROUP = 500
_NARROW = (
    *(CALL.c.id, CALL.c.display_name, CALL.c.started_at_us, CALL.c.ended_at_us),
    *(CALL.c.status, CALL.c.wb_user_id),
)


@dataclass(frozen=True, slots=True)
class RunCall:
    """An evaluation's own call, as far as a list tells of it."""

    id: str
    display_name: str | None
    started_at_us: int
    ended_at_us: int | None
    status: str
    wb_user_id: str | None
    evaluation_ref: str | None
    model_ref: str | None
    output: dict[str, Any]
    summary: str | None
    exception: str | None


@dataclass(frozen=True, slots=True)
class Far:
    """How far a run is."""

    done: int = 0
    begun: int = 0
    total: int | None = None
    is_lost: bool = False


def count_runs(connection: Connection, project: ProjectKey) -> int:
    """How many runs there are."""
    wanted = select(func.count()).where(CALL.c.project == project, CALL.c.op == EVALUATE)
    return connection.execute(wanted).scalar_one()


def list_ids(connection: Connection, project: ProjectKey, limit: int) -> list[str]:
    """The ids of the newest runs, the newest first."""
    wanted = (
        select(CALL.c.id)
        .where(CALL.c.project == project, CALL.c.op == EVALUATE)
        .order_by(CALL.c.started_at_us.desc(), CALL.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(wanted).scalars())


def read_runs(
    connection: Connection, project: ProjectKey, *, ids: Sequence[str] | None = None, limit: int
) -> Iterator[RunCall]:
    """The newest runs, or those with these ids, the newest first."""
    conditions = [CALL.c.project == project, CALL.c.op == EVALUATE]
    if ids is not None:
        conditions.append(CALL.c.id.in_(ids))
    wanted = (
        select(
            *_NARROW,
            *(PAYLOAD.c.inputs, PAYLOAD.c.inputs_blob, PAYLOAD.c.output, PAYLOAD.c.output_blob),
            *(PAYLOAD.c.summary, PAYLOAD.c.exception),
        )
        .join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
        .where(*conditions)
        .order_by(CALL.c.started_at_us.desc(), CALL.c.id.desc())
        .limit(limit)
        .execution_options(yield_per=_GROUP)
    )
    for rows in connection.execute(wanted).partitions():
        digests = [row.inputs_blob for row in rows] + [row.output_blob for row in rows]
        bodies = read_blobs(connection, project, digests)
        for row in rows:
            inputs = _object(bodies.get(row.inputs_blob) or row.inputs)
            yield RunCall(
                *row[: len(_NARROW)],
                evaluation_ref=text_in(inputs.get("self")) or text_in(inputs.get("this")),
                model_ref=text_in(inputs.get("model")),
                output=_object(bodies.get(row.output_blob) or row.output),
                summary=row.summary,
                exception=row.exception,
            )


def read_progress(
    connection: Connection, project: ProjectKey, ids: Sequence[str], now_us: int
) -> dict[str, Far]:
    """How far runs are, by their id."""
    counts: dict[str, tuple[int, int]] = {}
    totals: dict[str, tuple[int, bool]] = {}
    for chunk in chunks(ids):
        trials = (
            select(CALL.c.parent_id, func.count(), func.count(CALL.c.ended_at_us))
            .where(
                CALL.c.project == project,
                CALL.c.parent_id.in_(chunk),
                CALL.c.op.in_(PREDICT_AND_SCORE),
            )
            .group_by(CALL.c.parent_id)
        )
        counts.update({row[0]: (row[1], row[2]) for row in connection.execute(trials)})
        served = select(
            EVAL_RUN.c.call_id, EVAL_RUN.c.total_rows, EVAL_RUN.c.beat_at_us, EVAL_RUN.c.ended_at_us
        ).where(EVAL_RUN.c.project == project, EVAL_RUN.c.call_id.in_(chunk))
        for row in connection.execute(served):
            is_lost = row.ended_at_us is None and row.beat_at_us < now_us - STALE_US
            totals[row.call_id] = row.total_rows, is_lost
    found: dict[str, Far] = {}
    for id_ in ids:
        begun, done = counts.get(id_, (0, 0))
        total, is_lost = totals.get(id_, (None, False))
        found[id_] = Far(done, begun, total, is_lost)
    return found


def read_versions(
    connection: Connection, project: ProjectKey, refs: Sequence[str]
) -> dict[str, int]:
    """The number of the version that each reference names, of those that are there."""
    by_version = {
        (ref.name, ref.digest): text for text in refs if (ref := find_ref(text)) is not None
    }
    found: dict[str, int] = {}
    for chunk in chunks([digest for _name, digest in by_version]):
        wanted = select(OBJECT.c.object_id, OBJECT.c.digest, OBJECT.c.version_index).where(
            OBJECT.c.project == project, OBJECT.c.digest.in_(chunk)
        )
        for object_id, digest, index in connection.execute(wanted):
            text = by_version.get((object_id, digest))
            if text is not None:
                found[text] = index
    return found


def _object(text: str | None) -> dict[str, Any]:
    return object_in(msgspec.json.decode(text)) if text else {}
