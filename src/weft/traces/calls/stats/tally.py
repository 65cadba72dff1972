"""Adds figures up, bucket by bucket, and makes the wire's values of them.

Latencies are told from a histogram, so percentiles of them are right to within a tenth, wherever they were read from.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from weft.traces.calls.rollups import middle_us
from weft.traces.calls.stats.shapes import CallMetric, UsageMetric

COSTS = frozenset({"input_cost", "output_cost", "total_cost"})
US_PER_MS = 1000


@dataclass(slots=True)
class CallTally:
    """The calls of a bucket that ended."""

    calls: int = 0
    errors: int = 0
    latency_us: int = 0
    histogram: dict[int, int] = field(default_factory=dict[int, int])
    shortest_us: int | None = None
    longest_us: int | None = None

    def figures(self, metrics: Sequence[CallMetric]) -> dict[str, Any]:
        """The values that were asked for."""
        found: dict[str, Any] = {"count": self.calls}
        for metric in metrics:
            name = metric.metric
            for aggregation in metric.aggregations:
                found[f"{aggregation}_{name}"] = self._aggregate(name, aggregation)
            for percentile in metric.percentiles:
                found[_percentile_name(percentile, name)] = self._percentile(name, percentile)
        return found

    def _aggregate(self, name: str, aggregation: str) -> float | None:
        true = {"call_count": self.calls, "error_count": self.errors}.get(name, 0)
        if aggregation == "count":
            return self.calls
        if aggregation == "count_true":
            return true
        if aggregation == "count_false":
            return self.calls - true
        if name == "latency_ms":
            return self._latency_ms(aggregation)
        if aggregation == "sum":
            return true
        if not self.calls:
            return None
        if aggregation == "avg":
            return true / self.calls
        return int(true > 0 if aggregation == "max" else true == self.calls)

    def _latency_ms(self, aggregation: str) -> float | None:
        if aggregation == "sum":
            return self.latency_us / US_PER_MS
        if aggregation == "avg":
            return self.latency_us / self.calls / US_PER_MS if self.calls else None
        extreme = self.shortest_us if aggregation == "min" else self.longest_us
        return None if extreme is None else extreme / US_PER_MS

    def _percentile(self, name: str, percentile: float) -> float | None:
        if not self.calls:
            return None
        rank = rank_of(percentile, self.calls)
        if name != "latency_ms":
            true = {"call_count": self.calls}.get(name, self.errors)
            return int(rank >= self.calls - true)
        for bucket in sorted(self.histogram):
            rank -= self.histogram[bucket]
            if rank < 0:
                return middle_us(bucket) / US_PER_MS if bucket else 0.0
        return None


@dataclass(slots=True)
class UsageTally:
    """What the calls of a bucket used one model for, themselves."""

    uses: int = 0
    sums: dict[str, int | Decimal] = field(default_factory=dict[str, "int | Decimal"])
    values: dict[str, list[int | Decimal]] = field(default_factory=dict[str, "list[int | Decimal]"])
    """Of each call; only where a metric cannot be told without."""

    def figures(self, metrics: Sequence[UsageMetric]) -> dict[str, Any]:
        """The values that were asked for."""
        found: dict[str, Any] = {"count": self.uses}
        for metric in metrics:
            name = metric.metric
            for aggregation in metric.aggregations:
                found[f"{aggregation}_{name}"] = self._aggregate(name, aggregation)
            values = sorted(self.values.get(name, ()))
            for percentile in metric.percentiles:
                value = values[rank_of(percentile, len(values))] if values else None
                found[_percentile_name(percentile, name)] = _number(value)
        return found

    def _aggregate(self, name: str, aggregation: str) -> float | None:
        if aggregation in {"count", "count_true"}:
            return self.uses
        if aggregation == "count_false":
            return 0
        if aggregation == "sum":
            return _number(self.sums.get(name, 0))
        if not self.uses:
            return None
        if aggregation == "avg":
            return float(Decimal(self.sums.get(name, 0)) / self.uses)
        values = self.values.get(name, [])
        return _number(min(values) if aggregation == "min" else max(values)) if values else None


def needs_every_call(metrics: Sequence[CallMetric | UsageMetric]) -> bool:
    """Whether some metric cannot be told from hourly sums."""
    return any(
        (isinstance(metric, UsageMetric) and metric.percentiles)
        or (
            {"min", "max"} & set(metric.aggregations)
            and (isinstance(metric, UsageMetric) or metric.metric == "latency_ms")
        )
        for metric in metrics
    )


def rank_of(percentile: float, count: int) -> int:
    """Which of `count` sorted values, from 0 on: the nearest rank."""
    return min(max(math.ceil(percentile / 100 * count) - 1, 0), count - 1)


def _number(value: int | Decimal | None) -> float | None:
    return float(value) if isinstance(value, Decimal) else value


def _percentile_name(percentile: float, name: str) -> str:
    return f"p{percentile:g}_{name}"
