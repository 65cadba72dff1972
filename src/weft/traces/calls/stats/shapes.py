"""What `/calls/stats` is asked, and what it answers.

Shapes: the Weave trace server's API (client 0.54). A bucket holds `timestamp`, for usage `model`, `count`, and a value
for each aggregation, named as the hosted service names them: `sum_input_tokens`, `avg_latency_ms`, `p95_latency_ms`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from weft.kit.errors import InvalidRequest
from weft.traces.calls.parts import stamp_us
from weft.traces.calls.read.wire import CallFilter
from weft.traces.types import US_PER_S

BUCKETS = 10_000
METRICS = 20
PERCENTILES = 20
RANGE_DAYS = 10 * 366
ZONE_CHARS = 64
_STEPS = ((2 * 3600, 300), (3 * 86_400, 3600), (30 * 86_400, 6 * 3600))
"""Lengths of time in seconds, and the buckets that they are cut into if nobody says."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FARTHEST_US = 221_845_392_000 * US_PER_S

Aggregation = Literal["sum", "avg", "min", "max", "count", "count_true", "count_false"]
UsageName = Literal[
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "input_cost",
    "output_cost",
    "total_cost",
]
CallName = Literal["latency_ms", "call_count", "error_count"]


class BadStats(InvalidRequest):
    """What is asked for cannot be counted."""

    code = "invalid_stats"


class UsageMetric(msgspec.Struct):
    """One figure of usage."""

    metric: UsageName
    aggregations: Sequence[Aggregation] = ("sum",)
    percentiles: Sequence[float] = ()


class CallMetric(msgspec.Struct):
    """One figure of calls."""

    metric: CallName
    aggregations: Sequence[Aggregation] = ("sum",)
    percentiles: Sequence[float] = ()


class StatsBody(msgspec.Struct):
    """`calls/stats`."""

    project_id: str
    start: datetime
    end: datetime | None = None
    granularity: int | None = None
    timezone: str = "UTC"
    usage_metrics: list[UsageMetric] | None = None
    call_metrics: list[CallMetric] | None = None
    filter: CallFilter | None = None


class Span(msgspec.Struct, frozen=True):
    """The time that is asked for, and how it is cut."""

    start_us: int
    end_us: int
    granularity_s: int
    zone: ZoneInfo


class StatsAnswer(msgspec.Struct):
    """What `calls/stats` answers."""

    start: datetime
    end: datetime
    granularity: int
    timezone: str
    usage_buckets: list[dict[str, Any]] | None = None
    call_buckets: list[dict[str, Any]] | None = None


def span_of(body: StatsBody, now: datetime) -> Span:
    """The time that is asked for.

    Raises:
        BadStats: there is no such time zone, the end is not after the start, or too much is asked for.
    """
    for metrics in (body.usage_metrics or [], body.call_metrics or []):
        if len(metrics) > METRICS:
            raise BadStats(f"at most {METRICS} metrics of each kind", param="metrics")
        for metric in metrics:
            _check_percentiles(metric.percentiles)
    start_us, end_us = stamp_us(body.start), stamp_us(body.end or now)
    length_s = (end_us - start_us) // US_PER_S
    if end_us <= start_us:
        raise BadStats("end is not after start", param="end")
    if not 0 <= start_us < end_us < _FARTHEST_US:
        raise BadStats("times are from 1970 on, and before the year 9000", param="start")
    if length_s > RANGE_DAYS * 86_400:
        raise BadStats(f"at most {RANGE_DAYS} days at once", param="start")
    asked = body.granularity
    if asked is not None and not 1 <= asked <= RANGE_DAYS * 86_400:
        raise BadStats("granularity is a number of seconds, 1 or more", param="granularity")
    granularity_s = asked or next((s for most, s in _STEPS if length_s <= most), 86_400)
    return Span(start_us, end_us, _coarse_enough(granularity_s, length_s), _zone(body.timezone))


def _coarse_enough(granularity_s: int, length_s: int) -> int:
    """`granularity_s`, or a multiple of it that makes no more than `BUCKETS`."""
    least = -(-length_s // (BUCKETS - 2))
    return granularity_s * max(-(-least // granularity_s), 1)


def _check_percentiles(percentiles: Sequence[float]) -> None:
    if len(percentiles) > PERCENTILES or not all(0 <= p <= 100 for p in percentiles):
        raise BadStats(
            f"at most {PERCENTILES} percentiles, each from 0 to 100", param="percentiles"
        )


def _zone(name: str) -> ZoneInfo:
    try:
        if len(name) > ZONE_CHARS:
            raise ValueError
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadStats(
            f"there is no time zone {name[:ZONE_CHARS]!r}",
            param="timezone",
            remedy="send a name of the IANA database, such as Europe/Zurich",
        ) from error


def moment(stamp_us_: int) -> datetime:
    """A stamp as answers have it."""
    return _EPOCH + timedelta(microseconds=stamp_us_)
