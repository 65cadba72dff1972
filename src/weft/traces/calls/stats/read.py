"""Reads figures: from hourly sums where they say enough, from calls where they do not. Both give the same answer.

Whole hours come from `trace_rollup` if the filter asks for nothing but ops, no bucket ends within an hour and no metric
needs every call. The hours at the ends of the span, and those in which a price changes, come from `trace_call`. Calls
that lie elsewhere have no hourly sums, and are always read themselves.

A call counts once it has ended, in the bucket in which it started. Tokens count where they were used: `counting`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from weft.traces.calls.facts import Usage
from weft.traces.calls.read.wire import CallFilter
from weft.traces.calls.rollups import OF_USES
from weft.traces.calls.stats.buckets import Buckets
from weft.traces.calls.stats.ops import may_be_hourly, means
from weft.traces.calls.stats.pricing import Pricer
from weft.traces.calls.stats.shapes import (
    BadStats,
    CallMetric,
    Span,
    UsageMetric,
    moment,
)
from weft.traces.calls.stats.tally import COSTS, CallTally, UsageTally, needs_every_call
from weft.traces.calls.table import SQL_TABLE, CallTable
from weft.traces.costs.book import EMPTY_BOOK, PriceBook
from weft.traces.schema import ROLLUP
from weft.traces.types import HOUR_US, ProjectKey

CALLS_LIMIT = 2_000_000
"""Calls that one answer looks at one by one."""
FILLED = 20_000
"""Buckets of usage, over all models, up to which those without any use are told as well."""
_NOTHING = Usage()
_HISTOGRAM = msgspec.json.Decoder(dict[int, int])

Range = tuple[int, int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be counted."""

    span: Span
    usage_metrics: Sequence[UsageMetric] | None = None
    call_metrics: Sequence[CallMetric] | None = None
    filter: CallFilter | None = None
    only_calls: bool = False
    """Leave hourly sums alone: for comparing."""

    @property
    def metrics(self) -> list[UsageMetric | CallMetric]:
        """Of both kinds."""
        return [*(self.usage_metrics or ()), *(self.call_metrics or ())]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted, as the wire has it; None for a kind that nobody asked for."""

    usage_buckets: list[dict[str, Any]] | None
    call_buckets: list[dict[str, Any]] | None


def read_stats(
    connection: Connection,
    project: ProjectKey,
    asked: Asked,
    book: PriceBook = EMPTY_BOOK,
    table: CallTable = SQL_TABLE,
) -> Figures:
    """Count; `table` is where calls are.

    Raises:
        BadStats: too many calls would have to be looked at.
    """
    reading = _Reading(connection, project, asked, book, table)
    reading.read()
    return reading.figures()


def no_stats(asked: Asked) -> Figures:
    """The figures of a project that nothing was ever written to."""
    counted = {start: CallTally() for start in Buckets(asked.span).starts}
    return Figures(
        None if asked.usage_metrics is None else [],
        None if asked.call_metrics is None else _call_buckets(counted, asked.call_metrics),
    )


class _Reading:
    """One answer in the making."""

    def __init__(
        self,
        connection: Connection,
        project: ProjectKey,
        asked: Asked,
        book: PriceBook,
        table: CallTable,
    ) -> None:
        self._connection = connection
        self._project = project
        self._asked = asked
        self._table = table
        self._buckets = Buckets(asked.span)
        self._pricer = Pricer(connection, project, book)
        self._calls = {start: CallTally() for start in self._buckets.starts}
        self._usage: dict[tuple[str, int], UsageTally] = defaultdict(UsageTally)
        self._has_costs = any(metric.metric in COSTS for metric in asked.metrics)
        self._has_percentiles = any(metric.percentiles for metric in asked.call_metrics or ())
        self._needs_values = needs_every_call(asked.usage_metrics or ())
        self._looked_at = 0

    def read(self) -> None:
        span, given = self._asked.span, self._asked.filter
        first = -(-span.start_us // HOUR_US) * HOUR_US
        last = span.end_us // HOUR_US * HOUR_US
        hourly = (
            self._table.has_hours
            and may_be_hourly(given)
            and first < last
            and self._buckets.fit_hours
            and not needs_every_call(self._asked.metrics)
            and not self._asked.only_calls
        )
        if not hourly:
            self._read_calls([(span.start_us, span.end_us)])
            return
        mine = [ROLLUP.c.project == self._project, ROLLUP.c.hour_us.between(first, last - 1)]
        if given is not None and given.op_names:
            ops = self._connection.execute(select(ROLLUP.c.op).where(*mine).distinct()).scalars()
            mine.append(ROLLUP.c.op.in_([op for op in ops if means(given.op_names, op)]))
        rows = self._sums(mine)
        odd = self._odd_hours(rows) if self._has_costs else set[int]()
        for row in rows:
            if row.hour_us not in odd:
                self._add_hour(row)
        if self._has_percentiles:
            self._add_histograms(mine, odd)
        ends = [(span.start_us, first), (last, span.end_us)]
        self._read_calls([*ends, *((hour, hour + HOUR_US) for hour in sorted(odd))])

    def figures(self) -> Figures:
        asked = self._asked
        return Figures(
            None
            if asked.usage_metrics is None
            else _usage_buckets(self._usage, self._buckets.starts, asked.usage_metrics),
            None if asked.call_metrics is None else _call_buckets(self._calls, asked.call_metrics),
        )

    def _sums(self, mine: list[ColumnElement[bool]]) -> Sequence[Any]:
        names = ("calls", "errors", "latency_us", "uses", *OF_USES)
        wanted = (
            select(
                ROLLUP.c.hour_us,
                ROLLUP.c.model,
                *(func.sum(ROLLUP.c[name]).label(name) for name in names),
            )
            .where(*mine)
            .group_by(ROLLUP.c.hour_us, ROLLUP.c.model)
        )
        return self._connection.execute(wanted).all()

    def _odd_hours(self, rows: Iterable[Any]) -> set[int]:
        """Hours in which the price of a used model changes."""
        return {
            row.hour_us
            for row in rows
            if row.uses
            and self._pricer.changes_within(row.model, row.hour_us, row.hour_us + HOUR_US)
        }

    def _add_hour(self, row: Any) -> None:
        start = self._buckets.start_of(row.hour_us)
        tally = self._calls[start]
        tally.calls += int(row.calls)
        tally.errors += int(row.errors)
        tally.latency_us += int(row.latency_us)
        if row.uses:
            tokens = {name: int(getattr(row, name)) for name in OF_USES}
            self._add_use(row.model, start, row.hour_us, tokens, int(row.uses))

    def _add_histograms(self, mine: list[ColumnElement[bool]], odd: set[int]) -> None:
        wanted = select(ROLLUP.c.hour_us, ROLLUP.c.histogram).where(*mine, ROLLUP.c.calls > 0)
        for hour_us, text in self._connection.execute(wanted).all():
            if hour_us in odd:
                continue
            histogram = self._calls[self._buckets.start_of(hour_us)].histogram
            for bucket, count in _HISTOGRAM.decode(text).items():
                histogram[bucket] = histogram.get(bucket, 0) + count

    def _read_calls(self, ranges: Iterable[Range]) -> None:
        call = self._table.call
        narrowed = self._table.narrowed(self._project, self._asked.filter or CallFilter())
        for start_us, end_us in ranges:
            if start_us >= end_us:
                continue
            mine = [
                call.c.project == self._project,
                call.c.started_at_us >= start_us,
                call.c.started_at_us < end_us,
                *narrowed,
            ]
            if self._asked.call_metrics is not None:
                self._count_calls(mine)
            if self._asked.usage_metrics is not None:
                self._count_uses(mine)

    def _count_calls(self, mine: list[ColumnElement[bool]]) -> None:
        for found in self._bounded(
            self._table.sums(self._connection, mine, self._buckets.piece_us)
        ):
            tally = self._calls[self._buckets.start_of(found.moment_us)]
            tally.calls += found.calls
            tally.errors += found.errors
            tally.latency_us += found.latency_us
            tally.histogram[found.bucket] = tally.histogram.get(found.bucket, 0) + found.calls
            shortest, longest = tally.shortest_us, tally.longest_us
            tally.shortest_us = (
                found.shortest_us if shortest is None else min(shortest, found.shortest_us)
            )
            tally.longest_us = (
                found.longest_us if longest is None else max(longest, found.longest_us)
            )

    def _count_uses(self, mine: list[ColumnElement[bool]]) -> None:
        for found in self._bounded(self._table.uses(self._connection, self._project, mine)):
            if found.usage != _NOTHING:
                tokens = {name: getattr(found.usage, name) for name in OF_USES}
                start = self._buckets.start_of(found.started_at_us)
                self._add_use(found.model, start, found.started_at_us, tokens)

    def _bounded(self, rows: Iterator[T]) -> Iterator[T]:
        for row in rows:
            self._looked_at += 1
            if self._looked_at > CALLS_LIMIT:
                raise BadStats(
                    f"more than {CALLS_LIMIT} calls would have to be looked at",
                    remedy="ask for less time, or for buckets of whole hours and any version of ops",
                )
            yield row

    def _add_use(
        self, model: str, start: int, moment_us: int, tokens: dict[str, int], uses: int = 1
    ) -> None:
        tally = self._usage[model, start]
        tally.uses += uses
        found: dict[str, Any] = {
            "input_tokens": tokens["input_tokens"],
            "output_tokens": tokens["output_tokens"],
            "total_tokens": tokens["input_tokens"] + tokens["output_tokens"],
            "cache_read_input_tokens": tokens["cache_read_tokens"],
            "cache_creation_input_tokens": tokens["cache_write_tokens"],
        }
        if self._has_costs:
            paid_in, paid_out = self._pricer.costs(model, moment_us, tokens)
            found |= {
                "input_cost": paid_in,
                "output_cost": paid_out,
                "total_cost": paid_in + paid_out,
            }
        for name, value in found.items():
            tally.sums[name] = tally.sums.get(name, 0) + value
            if self._needs_values:
                tally.values.setdefault(name, []).append(value)


def _call_buckets(
    calls: dict[int, CallTally], metrics: Sequence[CallMetric]
) -> list[dict[str, Any]]:
    return [
        {"timestamp": moment(start), **tally.figures(metrics)}
        for start, tally in sorted(calls.items())
    ]


def _usage_buckets(
    usage: dict[tuple[str, int], UsageTally], starts: Sequence[int], metrics: Sequence[UsageMetric]
) -> list[dict[str, Any]]:
    models = sorted({model for model, _start in usage})
    if len(models) * len(starts) <= FILLED:
        wanted = [(start, model) for start in starts for model in models]
    else:
        wanted = sorted((start, model) for model, start in usage)
    return [
        {
            "timestamp": moment(start),
            "model": model,
            **usage.get((model, start), UsageTally()).figures(metrics),
        }
        for start, model in wanted
    ]
