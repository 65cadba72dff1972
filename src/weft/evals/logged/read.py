"""Reads calls whole, for this room's own nouns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, select

from weft.evals.calls import EVALUATE
from weft.evals.results.read import read_blobs
from weft.evals.values import object_in
from weft.traces.schema import CALL, PAYLOAD
from weft.traces.types import ProjectKey

_GROUP = 500
_NARROW = (
    CALL.c.id,
    CALL.c.trace_id,
    CALL.c.parent_id,
    CALL.c.op,
    CALL.c.started_at_us,
    CALL.c.ended_at_us,
    CALL.c.status,
    CALL.c.wb_user_id,
)
_TEXTS = (
    PAYLOAD.c.attributes,
    PAYLOAD.c.inputs,
    PAYLOAD.c.inputs_blob,
    PAYLOAD.c.output,
    PAYLOAD.c.output_blob,
    PAYLOAD.c.summary,
)


@dataclass(frozen=True, slots=True)
class WholeCall:
    """A call with what it was given and gave."""

    id: str
    trace_id: str
    parent_id: str | None
    op: str
    started_at_us: int
    ended_at_us: int | None
    status: str
    wb_user_id: str | None
    attributes: dict[str, Any]
    inputs: dict[str, Any]
    output: Any
    summary: dict[str, Any]

    @property
    def weave(self) -> dict[str, Any]:
        """Attributes that say what the call stands for."""
        return object_in(self.attributes.get("weave"))


def read_calls(
    connection: Connection, project: ProjectKey, ids: Sequence[str]
) -> dict[str, WholeCall]:
    """The calls with these ids; at most some hundreds."""
    return {one.id: one for one in _calls(connection, project, CALL.c.id.in_(ids))}


def read_children(
    connection: Connection, project: ProjectKey, parent_id: str
) -> Iterator[WholeCall]:
    """The calls right below another, in the order of their start."""
    yield from _calls(connection, project, CALL.c.parent_id == parent_id)


def read_evaluations(
    connection: Connection, project: ProjectKey, ids: Sequence[str] | None
) -> Iterator[WholeCall]:
    """Evaluations' own calls, those of clients too; all of the project where `ids` is None."""
    conditions = [CALL.c.op == EVALUATE]
    if ids is not None:
        conditions.append(CALL.c.id.in_(ids))
    yield from _calls(connection, project, *conditions)


def read_marked(
    connection: Connection, project: ProjectKey, mark: str, suffix: str, run_id: str | None
) -> Iterator[WholeCall]:
    """Calls whose attributes say that they are predictions or scores; those of one run where `run_id` is given."""
    conditions: list[ColumnElement[bool]] = [CALL.c.op.like(f"%.{suffix}")]
    if run_id is not None:
        run = CALL.alias("run")
        of_run = select(run.c.trace_id).where(run.c.project == project, run.c.id == run_id)
        conditions.append(CALL.c.trace_id == of_run.scalar_subquery())
    for call in _calls(connection, project, *conditions):
        is_marked = call.weave.get(mark) == "true"
        if is_marked and run_id in {None, call.weave.get("evaluation_run_id")}:
            yield call


def _calls(
    connection: Connection, project: ProjectKey, *conditions: ColumnElement[bool]
) -> Iterator[WholeCall]:
    wanted = (
        select(*_NARROW, *_TEXTS)
        .join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
        .where(CALL.c.project == project, *conditions)
        .order_by(CALL.c.started_at_us, CALL.c.id)
        .execution_options(yield_per=_GROUP)
    )
    for rows in connection.execute(wanted).partitions():
        digests = [row.inputs_blob for row in rows] + [row.output_blob for row in rows]
        bodies = read_blobs(connection, project, digests)
        for row in rows:
            inputs = bodies.get(row.inputs_blob) or row.inputs
            output = bodies.get(row.output_blob) or row.output
            yield WholeCall(
                *row[: len(_NARROW)],
                attributes=_object(row.attributes),
                inputs=_object(inputs),
                output=msgspec.json.decode(output) if output else None,
                summary=_object(row.summary),
            )


def _object(text: str | None) -> dict[str, Any]:
    return object_in(msgspec.json.decode(text)) if text else {}
