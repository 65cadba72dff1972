"""Figures over time: `agents/spans/stats`, in buckets of time, by fields that spans have.

Spans are read one by one, from narrow rows; a question that would read too many is refused, never cut short.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from sqlalchemy import ColumnElement, Connection

from weft.kit.clock import from_us
from weft.kit.errors import InvalidRequest
from weft.traces.agents.fields import NUMBERS, TEXTS, TIMES, S, Wanted, spans
from weft.traces.agents.wire import GroupBy, Value
from weft.traces.calls.parts import stamp_us
from weft.traces.errors import NotSupported
from weft.traces.query.parse import parse_query
from weft.traces.types import US_PER_S, ProjectKey

SPANS = 200_000
BUCKETS = 10_000
METRICS = 32
AIM = 60
"""So many buckets, about, where no width is asked for."""
_WIDTHS_S = (1, 10, 60, 300, 900, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600)


class TooManySpans(InvalidRequest):
    """There are more spans in that time than are added up at once."""

    code = "too_many_spans"
    remedy = "ask for a shorter time, or for fewer spans by a query"

    def __init__(self) -> None:
        super().__init__(f"more than {SPANS} spans", param="start")


class Metric(msgspec.Struct):
    """What is measured, and how."""

    alias: str
    value: Value
    value_type: str = "number"
    aggregations: list[str] = []
    percentiles: list[float] = []


class StatsBody(msgspec.Struct):
    """`agents/spans/stats`."""

    project_id: str
    start: datetime
    end: datetime | None = None
    granularity: int | None = None
    timezone: str = "UTC"
    query: Any = None
    group_by: list[GroupBy] = []
    group_limit: int = 50
    metrics: list[Metric] = []
    bucket_by: Any = None
    group_filters: list[Any] = []
    insight_filters: list[Any] = []
    signal_filters: Any = None


_AGGREGATIONS: Mapping[str, Callable[[list[Any]], Any]] = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values) if values else None,
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
    "count": len,
    "count_distinct": lambda values: len(set(values)),
}
_OF_ANYTHING = frozenset({"min", "max", "count", "count_distinct"})


@dataclass(frozen=True, slots=True)
class _Figure:
    """One column of the answer."""

    name: str
    metric: Metric
    aggregation: str
    work: Callable[[list[Any]], Any]


def stats(
    connection: Connection, project: ProjectKey, project_name: str, body: StatsBody, now_us: int
) -> dict[str, Any]:
    """The answer.

    Raises:
        InvalidRequest: something cannot be read, or is too much at once.
        NotSupported: it asks for buckets, groups or figures that are not supported here.
    """
    figures, groups = _figures(body), _groups(body)
    start_us, end_us, width_us, zone = _span_of_time(body, now_us)
    values = {one.value.key: _column(one) for one in body.metrics}
    some = Wanted(project_name, parse_query(body.query), body.start, from_us(end_us))
    labels = [column.label(f"g{n}") for n, (_, column) in enumerate(groups)]
    labels += [column.label(f"v{n}") for n, column in enumerate(values.values())]
    wanted = spans(project, S.started_at_us, *labels, wanted=some).limit(SPANS + 1)
    places = {key: f"v{n}" for n, key in enumerate(values)}
    slots: dict[tuple[Any, ...], dict[str, list[Any]]] = {}
    for number, row in enumerate(connection.execute(wanted)):
        if number >= SPANS:
            raise TooManySpans
        bucket = _bucket(row.started_at_us, width_us, zone)
        key = (bucket, *(getattr(row, f"g{n}") for n in range(len(groups))))
        slot = slots.setdefault(key, {name: [] for name in places})
        for name, place in places.items():
            value = getattr(row, place)
            if value is not None:
                slot[name].append(value)
    rows = [
        {
            "timestamp": from_us(key[0]),
            **dict(zip((name for name, _ in groups), key[1:], strict=True)),
            **{one.name: _shown(one, slot[one.metric.value.key]) for one in figures},
        }
        for key, slot in sorted(_most(slots, body.group_limit).items(), key=_in_order)
    ]
    return {
        "bucket_type": "time",
        "columns": _columns(groups, figures),
        "rows": rows,
        "start": from_us(start_us),
        "end": from_us(end_us),
        "granularity": width_us // US_PER_S,
        "timezone": body.timezone,
    }


def _figures(body: StatsBody) -> list[_Figure]:
    if body.bucket_by is not None and body.bucket_by != {"type": "time"}:
        raise NotSupported("agents' spans in buckets of a number")
    if body.group_filters or body.insight_filters or body.signal_filters:
        raise NotSupported("filtering agents' spans by groups, topics or scores")
    if len(body.metrics) > METRICS:
        raise InvalidRequest(f"at most {METRICS} metrics", param="metrics")
    found: list[_Figure] = []
    for metric in body.metrics:
        is_number = metric.value.key in NUMBERS
        for name in metric.aggregations:
            work = _AGGREGATIONS.get(name)
            if work is None or not (is_number or name in _OF_ANYTHING):
                raise NotSupported(f"the aggregation {name[:40]} of {metric.value.key[:80]}")
            found.append(_Figure(f"{name}_{metric.alias}", metric, name, work))
        for percent in metric.percentiles[:METRICS]:
            if not is_number or not 0 <= percent <= 100:
                raise InvalidRequest("a percentile is of a number, from 0 to 100", param="metrics")
            name = f"p{percent:g}"
            found.append(_Figure(f"{name}_{metric.alias}", metric, name, _percentile(percent)))
    return found


def _percentile(percent: float) -> Callable[[list[Any]], Any]:
    def work(values: list[Any]) -> Any:
        ordered = sorted(values)
        return ordered[max(math.ceil(len(ordered) * percent / 100) - 1, 0)] if ordered else None

    return work


def _column(metric: Metric) -> ColumnElement[Any]:
    column = {**NUMBERS, **TEXTS, **TIMES}.get(metric.value.key)
    if column is None or metric.value.source not in {"field", "derived"}:
        raise NotSupported(f"measuring {metric.value.key[:80]} of agents' spans")
    return column


def _groups(body: StatsBody) -> list[tuple[str, ColumnElement[Any]]]:
    for group in body.group_by:
        if group.source not in {"field", "column"} or group.key not in TEXTS:
            raise NotSupported(f"grouping agents' spans by {group.key[:80]}")
    return [(group.alias or group.key, TEXTS[group.key]) for group in body.group_by]


def _span_of_time(body: StatsBody, now_us: int) -> tuple[int, int, int, ZoneInfo | None]:
    start_us = stamp_us(body.start)
    end_us = now_us if body.end is None else stamp_us(body.end)
    if end_us <= start_us:
        raise InvalidRequest("the end is after the start", param="end")
    length_s = (end_us - start_us) / US_PER_S
    width_s = body.granularity or next(
        (one for one in _WIDTHS_S if length_s / one <= AIM), _WIDTHS_S[-1]
    )
    if width_s < 1 or length_s / width_s > BUCKETS:
        raise InvalidRequest(f"at most {BUCKETS} buckets of a second or more", param="granularity")
    try:
        zone = None if body.timezone == "UTC" else ZoneInfo(body.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidRequest(f"there is no time zone {body.timezone[:60]}") from error
    return start_us, end_us, width_s * US_PER_S, zone


def _bucket(at_us: int, width_us: int, zone: ZoneInfo | None) -> int:
    """The start of the bucket that a moment is in, by the clocks of a time zone."""
    shift_us = 0
    if zone is not None:
        offset = from_us(at_us).astimezone(zone).utcoffset()
        shift_us = int(offset.total_seconds()) * US_PER_S if offset else 0
    return (at_us + shift_us) // width_us * width_us - shift_us


def _most(
    slots: dict[tuple[Any, ...], dict[str, list[Any]]], limit: int
) -> dict[tuple[Any, ...], dict[str, list[Any]]]:
    """The buckets of so many groups: those that are in most of them."""
    counted: dict[tuple[Any, ...], int] = {}
    for key in slots:
        counted[key[1:]] = counted.get(key[1:], 0) + 1
    if len(counted) <= max(limit, 0):
        return slots
    kept = set(sorted(counted, key=lambda group: -counted[group])[: max(limit, 0)])
    return {key: slot for key, slot in slots.items() if key[1:] in kept}


def _in_order(item: tuple[tuple[Any, ...], Any]) -> tuple[Any, ...]:
    return (item[0][0], *(str(part or "") for part in item[0][1:]))


def _shown(figure: _Figure, values: list[Any]) -> Any:
    value = figure.work([float(v) if _is_decimal(v) else v for v in values])
    is_time = figure.metric.value.key in TIMES and figure.aggregation in {"min", "max"}
    return from_us(value) if is_time and value is not None else value


def _is_decimal(value: Any) -> bool:
    return not isinstance(value, int | float | str)


def _columns(groups: Sequence[tuple[str, Any]], figures: Sequence[_Figure]) -> list[dict[str, Any]]:
    return [
        {"name": "timestamp", "role": "time", "value_type": "datetime"},
        *({"name": name, "role": "group", "value_type": "string"} for name, _ in groups),
        *(
            {
                "name": one.name,
                "role": "metric",
                "metric": one.metric.alias,
                "aggregation": one.aggregation,
                "value_type": "number"
                if one.aggregation not in {"min", "max"}
                else one.metric.value_type,
            }
            for one in figures
        ),
    ]
