"""What scorers said of live calls, over time: of a monitor, or of guardrails, whose scorers ran in the client.

Both are feedback of the type `wandb.runnable.<scorer>`; a monitor's has its reference as `trigger_ref`. Every value in
an answer that is true, false or a number is a figure of its own, by its field; `score` fields that hold a list are not.

Evaluations leave feedback of the same form on the calls that they make. Whether a call is within one is asked of the
calls above it, by their ids: a few looks into an index for each row, whatever a trace is made of. It cannot be written
down with the feedback, which may come before those calls.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Boolean, ColumnElement, Connection, literal_column, select

from weft.evals.calls import EVALUATE
from weft.evals.results.read import PREDICT_AND_SCORE
from weft.evals.statistics.intervals import estimate
from weft.evals.values import object_in, text_in
from weft.traces.feedback.schema import FEEDBACK
from weft.traces.feedback.window import rows_between
from weft.traces.refs import PREFIX
from weft.traces.types import ProjectKey

RUNNABLE = "wandb.runnable."
FIELDS = 20
"""Of one scorer."""
REASON_CHARS = 2_000
_DEPTH = 3
_REASONS = ("reason", "reasoning", "explanation", "rationale")
_EVALUATES = ", ".join(f"'{op}'" for op in (EVALUATE, *PREDICT_AND_SCORE))
_DEEPEST = 200
"""Of the calls above one; a circle of calls ends here, too."""
_IS_LIVE: ColumnElement[bool] = literal_column(
    f"""
    NOT EXISTS (
        SELECT 1 FROM trace_call AS one JOIN trace_call AS its_parent
            ON its_parent.project = one.project AND its_parent.id = one.parent_id
        WHERE one.project = trace_feedback.project AND one.id = trace_feedback.call_id
            AND its_parent.op IN ({_EVALUATES})
    ) AND NOT EXISTS (
        WITH RECURSIVE above (parent_id, op, depth) AS (
            SELECT one.parent_id, one.op, 0 FROM trace_call AS one
            WHERE one.project = trace_feedback.project AND one.id = trace_feedback.call_id
            UNION ALL
            SELECT one.parent_id, one.op, above.depth + 1
            FROM above JOIN trace_call AS one
                ON one.project = trace_feedback.project AND one.id = above.parent_id
            WHERE above.depth < {_DEEPEST} AND above.op NOT IN ({_EVALUATES})
        )
        SELECT 1 FROM above WHERE above.op IN ({_EVALUATES})
    )
    """,  # noqa: S608 - made of our own constants
    Boolean(),
)
"""Whether the call that feedback is on is outside evaluations. By hand: SQLAlchemy draws a CTE out of its subquery.

Its parent is asked by itself: where most scores are an evaluation's, that takes a third of the time (100,000 of them on
SQLite: 0.3 s).
"""
_COLUMNS = (
    FEEDBACK.c.feedback_type,
    FEEDBACK.c.payload,
    FEEDBACK.c.call_id,
    FEEDBACK.c.call_ref,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One scorer's word on one call."""

    id: str
    scorer: str
    at_us: int
    call_id: str
    score_call: str
    """The reference of the call that the scorer itself was; empty where there is none."""
    values: Mapping[str, bool | float]
    reason: str
    output: Any


@dataclass(frozen=True, slots=True)
class Bucket:
    """One stretch of time of one figure."""

    at_us: int
    n: int
    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One field of one scorer over time; a truth value's mean is the share that is true."""

    scorer: str
    field: str
    is_share: bool
    n: int
    mean: float
    low: float | None
    high: float | None
    buckets: list[Bucket]


def read_verdicts(
    connection: Connection,
    project: ProjectKey,
    start_us: int,
    end_us: int,
    *,
    monitor: str = "",
) -> list[Verdict]:
    """The verdicts of a stretch of time, the oldest first; of `team/project/monitor`, or of no monitor.

    Raises:
        TooMuch: there is more feedback than is looked through at once.
    """
    return list(
        map(
            _verdict,
            rows_between(connection, project, start_us, end_us, _COLUMNS, *_of(monitor)),
        )
    )


def newest_verdicts(
    connection: Connection,
    project: ProjectKey,
    *,
    monitor: str = "",
    scorer: str = "",
    before: tuple[int, str] | None = None,
    limit: int,
) -> list[Verdict]:
    """The newest verdicts, the newest first, from behind one that was shown already."""
    wanted = select(FEEDBACK.c.created_at_us, FEEDBACK.c.id, *_COLUMNS).where(
        FEEDBACK.c.project == project, *_of(monitor)
    )
    if scorer:
        wanted = wanted.where(FEEDBACK.c.feedback_type == RUNNABLE + scorer)
    if before is not None:
        at_us, id_ = before
        wanted = wanted.where(
            (FEEDBACK.c.created_at_us < at_us)
            | ((FEEDBACK.c.created_at_us == at_us) & (FEEDBACK.c.id < id_))
        )
    newest = wanted.order_by(FEEDBACK.c.created_at_us.desc(), FEEDBACK.c.id.desc()).limit(limit)
    return [_verdict(row) for row in connection.execute(newest)]


def figures_of(verdicts: Sequence[Verdict], start_us: int, step_us: int) -> list[Figure]:
    """What the verdicts come to, by scorer and field, in buckets of `step_us` from `start_us` on."""
    grouped: dict[tuple[str, str], dict[int, list[bool | float]]] = {}
    for one in verdicts:
        at_us = start_us + (one.at_us - start_us) // step_us * step_us
        for field, value in one.values.items():
            grouped.setdefault((one.scorer, field), {}).setdefault(at_us, []).append(value)
    return [_figure(*key, buckets) for key, buckets in sorted(grouped.items())]


def values_of(output: Any) -> dict[str, bool | float]:
    """The figures in a scorer's answer, by where they stand; an answer that is one itself stands at an empty place."""
    found: dict[str, bool | float] = {}
    for place, value in _leaves(output, "", 0):
        if len(found) == FIELDS:
            break
        found[place] = value
    return found


def _figure(scorer: str, field: str, buckets: Mapping[int, list[bool | float]]) -> Figure:
    every = [value for _at, values in sorted(buckets.items()) for value in values]
    is_share = all(isinstance(value, bool) for value in every)
    n, mean, low, high = _estimated(every, is_share=is_share)
    return Figure(
        scorer,
        field,
        is_share,
        n,
        mean,
        low,
        high,
        [
            Bucket(at_us, *_estimated(values, is_share=is_share))
            for at_us, values in sorted(buckets.items())
        ],
    )


def _estimated(
    values: Sequence[bool | float], *, is_share: bool
) -> tuple[int, float, float | None, float | None]:
    found = estimate(values if is_share else [float(value) for value in values])
    assert found is not None, "a bucket has values"
    interval = found.interval
    return found.n, found.mean, interval and interval.low, interval and interval.high


def _of(monitor: str) -> Iterator[ColumnElement[bool]]:
    yield FEEDBACK.c.feedback_type.startswith(RUNNABLE, autoescape=True)
    if monitor:
        team, project, name = monitor.split("/", 2)
        whose = f"{PREFIX}{team}/{project}/object/{name}:"
        yield FEEDBACK.c.trigger_ref.startswith(whose, autoescape=True)
    else:
        yield FEEDBACK.c.trigger_ref.is_(None)
        yield _IS_LIVE


def _verdict(row: Any) -> Verdict:
    output = object_in(msgspec.json.decode(row.payload)).get("output")
    return Verdict(
        id=row.id,
        scorer=row.feedback_type.removeprefix(RUNNABLE),
        at_us=row.created_at_us,
        call_id=row.call_id or "",
        score_call=row.call_ref or "",
        values=values_of(output),
        reason=_reason(output),
        output=output,
    )


def _reason(output: Any) -> str:
    if isinstance(output, str):
        return output[:REASON_CHARS]
    fields = object_in(output)
    for name in _REASONS:
        found = text_in(fields.get(name))
        if found:
            return found[:REASON_CHARS]
    inner = object_in(fields.get("metadata"))
    return next((text_in(inner.get(name)) or "" for name in _REASONS if inner.get(name)), "")[
        :REASON_CHARS
    ]


def _leaves(value: Any, place: str, depth: int) -> Iterator[tuple[str, bool | float]]:
    if isinstance(value, bool):
        yield place, value
    elif isinstance(value, int | float):
        if math.isfinite(value):
            yield place, float(value)
    elif isinstance(value, dict) and depth < _DEPTH:
        for name, inner in object_in(value).items():
            yield from _leaves(inner, f"{place}.{name}" if place else str(name), depth + 1)
