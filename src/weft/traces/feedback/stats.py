"""`/feedback/stats` and `/feedback/payload_schema`: figures from what payloads have at given places.

Shapes and meaning: the Weave trace server's API (client 0.54). A bucket holds `timestamp`, `count`, and for each metric
a value for each aggregation, named by the place: `avg_output_score`, `p95_output_score`, `count_true_output_passed`.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, cast

import msgspec
from sqlalchemy import Connection

from weft.kit.clock import from_us
from weft.traces.calls.stats.buckets import Buckets
from weft.traces.calls.stats.shapes import METRICS, BadStats, Span, StatsBody, UsageMetric, span_of
from weft.traces.calls.stats.tally import rank_of
from weft.traces.feedback.schema import FEEDBACK
from weft.traces.feedback.window import is_of_trigger, rows_between
from weft.traces.json_text import load
from weft.traces.query.evaluate import walk
from weft.traces.query.paths import split_path
from weft.traces.types import ProjectKey

SAMPLES = 5000
DEPTH = 32
PATHS = 1000
_PATH = re.compile(r"[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+){0,31}")
_COLUMNS = (FEEDBACK.c.feedback_type, FEEDBACK.c.trigger_ref, FEEDBACK.c.payload)

Aggregation = Literal["sum", "avg", "min", "max", "count", "count_true", "count_false"]
ValueType = Literal["numeric", "boolean", "categorical"]


class Metric(msgspec.Struct):
    """One place in payloads, and the figures that are wanted of it."""

    json_path: str
    value_type: ValueType = "numeric"
    aggregations: Sequence[Aggregation] = ()
    percentiles: Sequence[float] = ()

    @property
    def wanted(self) -> Sequence[Aggregation]:
        """The aggregations, or those of its kind where none are named."""
        if self.aggregations or self.percentiles:
            return self.aggregations
        kinds: dict[ValueType, Sequence[Aggregation]] = {
            "numeric": ("avg", "min", "max"),
            "boolean": ("count_true", "count_false"),
            "categorical": ("count",),
        }
        return kinds[self.value_type]

    @property
    def slug(self) -> str:
        """What its figures are named by."""
        return self.json_path.replace(".", "_")


class FeedbackStatsBody(msgspec.Struct):
    """`/feedback/stats`."""

    project_id: str
    start: datetime
    end: datetime | None = None
    granularity: int | None = None
    timezone: str = "UTC"
    feedback_type: str | None = None
    trigger_ref: str | None = None
    metrics: list[Metric] = []


class SchemaBody(msgspec.Struct):
    """`/feedback/payload_schema`."""

    project_id: str
    start: datetime
    end: datetime | None = None
    feedback_type: str | None = None
    trigger_ref: str | None = None
    sample_limit: int = 2000


def feedback_span(body: FeedbackStatsBody | SchemaBody, now: datetime) -> Span:
    """The time that is asked for.

    Raises:
        BadStats: there is no such time, time zone or place, or too much is asked for.
    """
    asked = StatsBody(body.project_id, body.start, body.end)
    if isinstance(body, FeedbackStatsBody):
        asked.granularity, asked.timezone = body.granularity, body.timezone
        asked.usage_metrics = [  # which are checked in the same way
            UsageMetric("total_tokens", (), metric.percentiles) for metric in body.metrics
        ]
        if len(body.metrics) > METRICS:
            raise BadStats(f"at most {METRICS} metrics", param="metrics")
        for metric in body.metrics:
            if not _PATH.fullmatch(metric.json_path):
                raise BadStats("a json_path has letters, digits, _ and dots", param="json_path")
    elif not 1 <= body.sample_limit <= SAMPLES:
        raise BadStats(f"sample_limit is 1 to {SAMPLES}", param="sample_limit")
    return span_of(asked, now)


def stats(
    connection: Connection, project: ProjectKey, body: FeedbackStatsBody, span: Span
) -> tuple[list[dict[str, Any]], dict[str, dict[str, float | None]]]:
    """The buckets of the time that is asked for, empty ones as well; and the same figures over all of it.

    Raises:
        TooMuch: there is more feedback than is added up at once.
    """
    buckets = Buckets(span)
    paths = [split_path(metric.json_path) for metric in body.metrics]
    counts: dict[int, int] = {}
    found: list[dict[int, list[float]]] = [{} for _ in body.metrics]
    for created_at_us, payload in _payloads(connection, project, body, span):
        start = buckets.start_of(created_at_us)
        counts[start] = counts.get(start, 0) + 1
        for metric, path, values in zip(body.metrics, paths, found, strict=True):
            value = _value(walk(payload, path), metric.value_type)
            if value is not None:
                values.setdefault(start, []).append(value)
    rows: list[dict[str, Any]] = []
    for start in buckets.starts:
        row: dict[str, Any] = {"timestamp": from_us(start), "count": counts.get(start, 0)}
        for metric, values in zip(body.metrics, found, strict=True):
            figures = _figures(metric, values.get(start, []))
            row.update((f"{name}_{metric.slug}", figure) for name, figure in figures.items())
        rows.append(row)
    whole = {
        metric.slug: _figures(metric, [one for some in values.values() for one in some])
        for metric, values in zip(body.metrics, found, strict=True)
    }
    return rows, whole


def payload_schema(
    connection: Connection, project: ProjectKey, body: SchemaBody, span: Span
) -> list[dict[str, str]]:
    """The places in payloads that figures can be made of, and of which kind.

    They are read off the newest feedback of each type from each monitor.

    Raises:
        TooMuch: there is more feedback than is looked through at once.
    """
    newest: dict[tuple[str, str | None], str] = {}
    for source, payload in _sourced(connection, project, body, span):
        if source in newest or len(newest) < body.sample_limit:
            newest[source] = payload
    kinds: dict[str, set[str]] = {}
    for payload in newest.values():
        for path, kind in _leaves(load(payload), "", 0):
            if path in kinds or len(kinds) < PATHS:
                kinds.setdefault(path, set()).add(kind)
    return [{"json_path": path, "value_type": _kind(kinds[path])} for path in sorted(kinds)]


def _payloads(
    connection: Connection, project: ProjectKey, body: FeedbackStatsBody, span: Span
) -> Iterator[tuple[int, Any]]:
    if not body.metrics:
        return
    conditions = [] if body.feedback_type is None else [_of_type(body.feedback_type)]
    for row in rows_between(connection, project, span.start_us, span.end_us, _COLUMNS, *conditions):
        if is_of_trigger(body.trigger_ref, row.trigger_ref):
            yield row.created_at_us, load(row.payload)


def _sourced(
    connection: Connection, project: ProjectKey, body: SchemaBody, span: Span
) -> Iterator[tuple[tuple[str, str | None], str]]:
    conditions = [] if body.feedback_type is None else [_of_type(body.feedback_type)]
    for row in rows_between(connection, project, span.start_us, span.end_us, _COLUMNS, *conditions):
        if is_of_trigger(body.trigger_ref, row.trigger_ref):
            yield (row.feedback_type, row.trigger_ref), row.payload


def _of_type(feedback_type: str) -> Any:
    return FEEDBACK.c.feedback_type == feedback_type.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _value(value: Any, kind: ValueType) -> float | None:
    """A value as a figure; None where it is of another kind. Of a category, only that there is one."""
    if kind == "categorical":
        return 1.0 if isinstance(value, str | int | float) else None
    if isinstance(value, bool) is not (kind == "boolean") or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _figures(metric: Metric, values: list[float]) -> dict[str, float | None]:
    figures: dict[str, float | None] = {}
    for aggregation in metric.wanted:
        figures[aggregation] = _aggregate(aggregation, values)
    if metric.value_type == "numeric":
        values = sorted(values)
        for percentile in metric.percentiles:
            place = rank_of(percentile, len(values)) if values else 0
            figures[f"p{percentile:g}"] = values[place] if values else None
    return figures


def _aggregate(aggregation: Aggregation, values: list[float]) -> float | None:
    match aggregation:
        case "count":
            return len(values)
        case "count_true":
            return sum(value != 0 for value in values)
        case "count_false":
            return sum(value == 0 for value in values)
        case _ if not values:
            return None
        case "sum":
            return sum(values)
        case "avg":
            return sum(values) / len(values)
        case "min":
            return min(values)
        case "max":
            return max(values)


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """The places inside a payload that can be asked for, and what is there; places in lists cannot."""
    if isinstance(value, dict) and depth < DEPTH:
        for name, inner in cast("dict[str, Any]", value).items():
            place = f"{path}.{name}" if path else name
            if _PATH.fullmatch(place):
                yield from _leaves(inner, place, depth + 1)
    elif not path:
        return
    elif isinstance(value, bool):
        yield path, "boolean"
    elif isinstance(value, int | float):
        yield path, "numeric"
    elif isinstance(value, str):
        yield path, "categorical"


def _kind(kinds: set[str]) -> str:
    return kinds.pop() if len(kinds) == 1 else "categorical"
