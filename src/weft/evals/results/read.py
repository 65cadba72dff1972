"""Reads what results are made of. Every statement takes the project.

The first pass runs over all trials and keeps what is small (digests, scores, times); outputs and rows are read again
for the page that is shown. So the memory for an evaluation of ten thousand long answers is that of its scores.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Result, Select, select

from weft.evals.results.types import ResultRow, Root, Trial
from weft.evals.values import object_in, text_in
from weft.traces.digests import text_digest, value_digest
from weft.traces.refs import EdgeKind, find_ref
from weft.traces.schema import BLOB, CALL, PAYLOAD
from weft.traces.types import US_PER_S, ProjectKey

PREDICT_AND_SCORE = ("Evaluation.predict_and_score", "Evaluation.predictAndScore")
"""As the Python and the TypeScript client name it."""
_ROW_REF = re.compile(r"weave:///[^/%]+/[^/%]+/object/[^/%:]+:\w+/attr/rows/id/(\w+)")
_CHUNK = 500
_NULL = msgspec.Raw(b"null")


class _Inputs(msgspec.Struct):
    self_: Any = msgspec.field(default=None, name="self")
    this: Any = None
    model: Any = None
    example: msgspec.Raw = _NULL


class _Output(msgspec.Struct):
    output: msgspec.Raw = _NULL
    model_output: msgspec.Raw = _NULL
    scores: Any = None
    model_latency: Any = None

    @property
    def told(self) -> msgspec.Raw:
        return self.output if bytes(self.output) != b"null" else self.model_output


Pick = Callable[[msgspec.Raw, msgspec.Raw], dict[str, Any]]
"""From a row and a model's output to the parts of them that are asked for."""


def read_roots(connection: Connection, project: ProjectKey, ids: Sequence[str]) -> dict[str, Root]:
    """The evaluations among these calls."""
    wanted = (
        select(CALL.c.id, CALL.c.trace_id, CALL.c.display_name, CALL.c.started_at_us, *_INPUTS)
        .join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
        .where(CALL.c.project == project, CALL.c.id.in_(ids))
    )
    rows = connection.execute(wanted).all()
    bodies = read_blobs(connection, project, (row.inputs_blob for row in rows))
    found: dict[str, Root] = {}
    for row in rows:
        inputs = _decode(bodies.get(row.inputs_blob, row.inputs), _Inputs)
        found[row.id] = Root(
            row.id,
            row.trace_id,
            row.display_name,
            row.started_at_us,
            text_in(inputs.self_) or text_in(inputs.this),
            text_in(inputs.model),
        )
    return found


def read_rows(
    connection: Connection, project: ProjectKey, roots: Sequence[str], pick: Pick | None
) -> dict[str, ResultRow]:
    """Every row that these evaluations tried, by its digest, with all its trials in the order of their start."""
    rows: dict[str, ResultRow] = {}
    for call, inputs_text, output_text in _read_trials(connection, project, roots):
        inputs, output = _decode(inputs_text, _Inputs), _decode(output_text, _Output)
        digest, ref = row_digest(inputs.example)
        scores = object_in(output.scores)
        trial = Trial(
            call.id, call.parent_id, call.started_at_us, scores, latency_s(output.model_latency)
        )
        trial.status = call.status
        if pick is not None:
            trial.values = pick(inputs.example, output.told)
        row = rows.setdefault(digest, ResultRow(digest, ref))
        row.trials.setdefault(call.parent_id, []).append(trial)
    return rows


def read_texts(
    connection: Connection, project: ProjectKey, ids: Sequence[str]
) -> dict[str, tuple[msgspec.Raw, msgspec.Raw]]:
    """The row and the model's output of trials, by their id."""
    found: dict[str, tuple[msgspec.Raw, msgspec.Raw]] = {}
    for chunk in chunks(ids):
        wanted = (
            select(CALL.c.id, *_INPUTS, *_OUTPUT)
            .join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
            .where(CALL.c.project == project, CALL.c.id.in_(chunk))
        )
        rows = connection.execute(wanted).all()
        for row, inputs_text, output_text in _with_blobs(connection, project, rows):
            inputs, output = _decode(inputs_text, _Inputs), _decode(output_text, _Output)
            found[row.id] = inputs.example, output.told
    return found


def read_children(
    connection: Connection, project: ProjectKey, roots: Sequence[str]
) -> dict[str, list[Any]]:
    """The narrow rows of the calls below every trial, by the trial's id, in the order of their start."""
    child, trial = CALL.alias("child"), CALL.alias("trial")
    wanted = (
        _narrow(child)
        .join(trial, trial.c.id == child.c.parent_id)
        .where(
            child.c.project == project,
            trial.c.project == project,
            trial.c.parent_id.in_(roots),
            trial.c.op.in_(PREDICT_AND_SCORE),
        )
    )
    return _by_parent(connection.execute(wanted))


def read_children_of(
    connection: Connection, project: ProjectKey, trials: Sequence[str]
) -> dict[str, list[Any]]:
    """The same for some trials, by their ids."""
    found: dict[str, list[Any]] = {}
    for chunk in chunks(trials):
        wanted = _narrow(CALL).where(CALL.c.project == project, CALL.c.parent_id.in_(chunk))
        found.update(_by_parent(connection.execute(wanted)))
    return found


def _narrow(table: Any) -> Select[*tuple[Any, ...]]:
    names = ("id", "parent_id", "op", "op_name", "started_at_us", "ended_at_us", "model")
    columns = [table.c[name] for name in (*names, "input_tokens", "output_tokens")]
    return select(*columns).order_by(table.c.started_at_us, table.c.id)


def _by_parent(rows: Result[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows.all():  # one by one takes several times as long
        found.setdefault(row.parent_id, []).append(row)
    return found


def read_payload(
    connection: Connection, project: ProjectKey, ids: Sequence[str], column: str
) -> Iterator[tuple[str, str]]:
    """One text of calls, such as `summary` or `attributes`, with their ids; calls without it are left out."""
    text = PAYLOAD.c[column]
    for chunk in chunks(ids):
        wanted = (
            select(CALL.c.id, text)
            .join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
            .where(CALL.c.project == project, CALL.c.id.in_(chunk), text.is_not(None))
        )
        for row in connection.execute(wanted):
            yield row[0], row[1]


def read_blobs(
    connection: Connection, project: ProjectKey, digests: Iterable[str | None]
) -> dict[str | None, str]:
    """Long texts by their digest."""
    found: dict[str | None, str] = {}
    for chunk in chunks([digest for digest in digests if digest is not None]):
        wanted = select(BLOB.c.digest, BLOB.c.body).where(
            BLOB.c.project == project, BLOB.c.digest.in_(chunk)
        )
        found.update((row.digest, row.body) for row in connection.execute(wanted))
    return found


def row_digest(example: msgspec.Raw) -> tuple[str, str | None]:
    """By what a row is known in every evaluation, its digest in the dataset or of its content; and its reference."""
    value: Any = msgspec.json.decode(example)
    if not isinstance(value, str):
        return value_digest(value), None
    known = _ROW_REF.fullmatch(value)
    if known is not None:  # nearly always, and a hundred thousand times in a row
        return known[1], value
    ref = find_ref(value)
    if ref is not None and ref.edges and ref.edges[-1].kind is EdgeKind.ID:
        return ref.edges[-1].value, value
    return text_digest(value), value if ref is not None else None


def latency_s(told: Any) -> float | None:
    """How long the model took, by what the client wrote: seconds, or an object with their mean."""
    seconds_told: Any = object_in(told).get("mean") if isinstance(told, dict) else told
    is_number = isinstance(seconds_told, int | float) and not isinstance(seconds_told, bool)
    return float(seconds_told) if is_number else None


def seconds(started_at_us: int, ended_at_us: int | None) -> float | None:
    """How long a call took; None while it runs."""
    return None if ended_at_us is None else max(ended_at_us - started_at_us, 0) / US_PER_S


def chunks(items: Sequence[str]) -> Iterator[Sequence[str]]:
    """`items` in pieces that fit into one statement."""
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


_INPUTS = (PAYLOAD.c.inputs, PAYLOAD.c.inputs_blob)
_TRIAL = (CALL.c.id, CALL.c.parent_id, CALL.c.started_at_us, CALL.c.status)
_OUTPUT = (PAYLOAD.c.output, PAYLOAD.c.output_blob)


def _read_trials(
    connection: Connection, project: ProjectKey, roots: Sequence[str]
) -> Iterator[tuple[Any, str | None, str | None]]:
    wanted = (
        select(*_TRIAL, *_INPUTS, *_OUTPUT)
        .join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
        .where(
            CALL.c.project == project,
            CALL.c.parent_id.in_(roots),
            CALL.c.op.in_(PREDICT_AND_SCORE),
        )
        .order_by(CALL.c.started_at_us, CALL.c.id)
        .execution_options(yield_per=_CHUNK)
    )
    for rows in connection.execute(wanted).partitions():
        yield from _with_blobs(connection, project, rows)


def _with_blobs(
    connection: Connection, project: ProjectKey, rows: Sequence[Any]
) -> Iterator[tuple[Any, str | None, str | None]]:
    digests = [row.inputs_blob for row in rows] + [row.output_blob for row in rows]
    bodies = read_blobs(connection, project, digests)
    for row in rows:
        inputs = bodies.get(row.inputs_blob, row.inputs)
        yield row, inputs, bodies.get(row.output_blob, row.output)


def _decode(text: str | None, shape: Any) -> Any:
    """A text as `shape`; an empty one where it is something else."""
    if text is None:
        return shape()
    try:
        return msgspec.json.decode(text, type=shape)
    except msgspec.ValidationError:
        return shape()
