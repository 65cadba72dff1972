"""The values of a leaderboard, as the Weave client's own `get_leaderboard_results` finds them, with how many trials.

A column names an evaluation, one of its scorers and a place in that scorer's summary. A run counts for it if its
`inputs.self` is the very reference, or, where versions do not matter, another version of the same object: an evaluation
that holds a function gets a new version with every start of its program.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from weft.evals.calls import EVALUATE
from weft.evals.results.read import PREDICT_AND_SCORE, chunks, read_blobs
from weft.evals.values import list_in, object_in, text_in
from weft.kit.errors import Unprocessable
from weft.traces.refs import find_ref
from weft.traces.schema import CALL, PAYLOAD
from weft.traces.types import ProjectKey

COLUMNS = 100
_GROUP = 500


class NoLeaderboard(Unprocessable):
    """The object is no leaderboard."""

    code = "not_a_leaderboard"


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    evaluation_ref: str
    scorer: str
    path: str
    should_minimize: bool | None


class Score(msgspec.Struct):
    """What one run came to in one column."""

    evaluate_call_id: str
    value: Any
    started_at_us: int
    n: int = 0
    """Trials: rows, as often as each was tried."""


@dataclass(slots=True)
class Line:
    """One model: its scores by column, the oldest run first."""

    model_ref: str
    scores: list[list[Score]]


def columns_of(value: Any) -> list[Column]:
    """The columns of a leaderboard's value.

    Raises:
        NoLeaderboard: it is something else, or has more columns than anybody reads.
    """
    fields = object_in(value)
    told = list_in(fields.get("columns"))
    if fields.get("_class_name") != "Leaderboard" or len(told) > COLUMNS:
        raise NoLeaderboard(f"the object is no leaderboard of at most {COLUMNS} columns")
    return [
        Column(
            text_in(one.get("evaluation_object_ref")) or "",
            text_in(one.get("scorer_name")) or "",
            text_in(one.get("summary_metric_path")) or "",
            one.get("should_minimize") if isinstance(one.get("should_minimize"), bool) else None,
        )
        for one in map(object_in, told)
    ]


def leaderboard_results(
    connection: Connection,
    project: ProjectKey,
    columns: Sequence[Column],
    *,
    any_version: bool = False,
) -> list[Line]:
    """One line for each model that any of these evaluations was run with, in the order of their first runs."""
    places: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        places.setdefault(_known_as(column.evaluation_ref, any_version), []).append(place)
    lines: dict[str, Line] = {}
    for call, inputs, output in evaluations(connection, project):
        mine = places.get(_known_as(text_in(inputs.get("self")) or "", any_version))
        model = find_ref(inputs.get("model"))
        if not mine or model is None:
            continue
        ref = inputs["model"]
        line = lines.setdefault(ref, Line(ref, [[] for _column in columns]))
        for place in mine:
            if output is not None:
                value = metric(object_in(output).get(columns[place].scorer), columns[place].path)
                line.scores[place].append(Score(call.id, value, call.started_at_us))
    _count(connection, project, lines)
    return list(lines.values())


def metric(summary: Any, path: str) -> Any:
    """The place in a scorer's summary that a dotted path names; where it ends early, what is there."""
    for part in path.split("."):
        if isinstance(summary, dict):
            summary = object_in(summary).get(part)
        elif isinstance(summary, list):
            items = list_in(summary)
            is_index = part.isdecimal() and int(part) < len(items)
            summary = items[int(part)] if is_index else None
        else:
            break
    return summary


def _known_as(ref: str, any_version: bool) -> str:  # noqa: FBT001 - as in the callers
    if not any_version:
        return ref
    found = find_ref(ref)
    return f"{found.project_id}/{found.name}" if found is not None else ref


def evaluations(
    connection: Connection, project: ProjectKey
) -> Iterator[tuple[Any, dict[str, Any], Any]]:
    """Every evaluation's own call, with inputs and output, the oldest first."""
    wanted = (
        select(
            CALL.c.id,
            CALL.c.display_name,
            CALL.c.started_at_us,
            CALL.c.ended_at_us,
            PAYLOAD.c.inputs,
            PAYLOAD.c.inputs_blob,
            PAYLOAD.c.output,
            PAYLOAD.c.output_blob,
        )
        .join(PAYLOAD, PAYLOAD.c.seq == CALL.c.seq)
        .where(CALL.c.project == project, CALL.c.op == EVALUATE)
        .order_by(CALL.c.started_at_us, CALL.c.id)
        .execution_options(yield_per=_GROUP)
    )
    for rows in connection.execute(wanted).partitions():
        digests = [row.inputs_blob for row in rows] + [row.output_blob for row in rows]
        bodies = read_blobs(connection, project, digests)
        for row in rows:
            inputs = object_in(msgspec.json.decode(bodies.get(row.inputs_blob) or row.inputs))
            text = bodies.get(row.output_blob) or row.output
            yield row, inputs, msgspec.json.decode(text) if text else None


def _count(connection: Connection, project: ProjectKey, lines: Mapping[str, Line]) -> None:
    """Fill in how many trials each run had."""
    scores = [one for line in lines.values() for some in line.scores for one in some]
    counts: dict[str, int] = {}
    for chunk in chunks(list({one.evaluate_call_id for one in scores})):
        wanted = (
            select(CALL.c.parent_id, func.count())
            .where(
                CALL.c.project == project,
                CALL.c.parent_id.in_(chunk),
                CALL.c.op.in_(PREDICT_AND_SCORE),
            )
            .group_by(CALL.c.parent_id)
        )
        counts.update((row[0], row[1]) for row in connection.execute(wanted))
    for one in scores:
        one.n = counts.get(one.evaluate_call_id, 0)
