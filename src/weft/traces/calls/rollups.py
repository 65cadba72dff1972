"""Hourly sums by op and model, written in the transaction of the calls that they count.

A call counts in the hour in which it started, under its op and its first model. Tokens count where they were used, not
again in every ancestor that reports them: `own_usage` takes from a call what its children have told already.

Latencies are kept as a histogram with four buckets to each doubling, so a percentile is right to within a tenth.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, tuple_, update

from weft.traces.calls.facts import Usage
from weft.traces.json_text import dump, load
from weft.traces.schema import ROLLUP
from weft.traces.types import HOUR_US, ProjectKey

BUCKETS_PER_OCTAVE = 4
_SUMS = ("calls", "errors", "latency_us", "requests", "input_tokens", "output_tokens")
_ALL_SUMS = (*_SUMS, "cache_read_tokens", "cache_write_tokens")
_CHUNK = 200

Slot = tuple[int, int, str, str]
"""Project, hour, op, model."""


class Sums(msgspec.Struct):
    """What is added to one slot."""

    calls: int = 0
    errors: int = 0
    latency_us: int = 0
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    histogram: dict[str, int] = {}


class Changes:
    """Gathers what a group of calls adds to the sums, or takes from them, and writes it."""

    def __init__(self) -> None:
        self._slots: dict[Slot, Sums] = {}

    def count(
        self,
        project: ProjectKey,
        *,
        started_at_us: int,
        op: str,
        latency_us: int | None,
        is_error: bool,
        usage: Mapping[str, Usage],
        sign: int = 1,
    ) -> None:
        """Count one call that ended, or with `sign=-1` one that was counted before."""
        hour_us = started_at_us // HOUR_US * HOUR_US
        sums = self._slot((project, hour_us, op, next(iter(usage), "")))
        sums.calls += sign
        sums.errors += sign * is_error
        if latency_us is not None:
            sums.latency_us += sign * latency_us
            bucket = str(bucket_of(latency_us))
            sums.histogram[bucket] = sums.histogram.get(bucket, 0) + sign
        for model, used in usage.items():
            of_model = self._slot((project, hour_us, op, model))
            of_model.requests += sign * used.requests
            of_model.input_tokens += sign * used.input_tokens
            of_model.output_tokens += sign * used.output_tokens
            of_model.cache_read_tokens += sign * used.cache_read_tokens
            of_model.cache_write_tokens += sign * used.cache_write_tokens

    def write(self, connection: Connection) -> None:
        """Add everything to the table; the caller is the only writer."""
        slots = list(self._slots)
        for start in range(0, len(slots), _CHUNK):
            self._write(connection, slots[start : start + _CHUNK])

    def _slot(self, slot: Slot) -> Sums:
        found = self._slots.get(slot)
        if found is None:
            found = self._slots[slot] = Sums(histogram={})
        return found

    def _write(self, connection: Connection, slots: list[Slot]) -> None:
        key = tuple_(ROLLUP.c.project, ROLLUP.c.hour_us, ROLLUP.c.op, ROLLUP.c.model)
        known = {
            (row.project, row.hour_us, row.op, row.model): row
            for row in connection.execute(select(ROLLUP).where(key.in_(slots)))
        }
        fresh: list[dict[str, Any]] = []
        for slot in slots:
            sums, row = self._slots[slot], known.get(slot)
            if row is None:
                values = {name: getattr(sums, name) for name in _ALL_SUMS}
                where = dict(zip(("project", "hour_us", "op", "model"), slot, strict=True))
                fresh.append({**where, **values, "histogram": dump(sums.histogram)})
                continue
            values = {name: getattr(row, name) + getattr(sums, name) for name in _ALL_SUMS}
            values["histogram"] = dump(added(load(row.histogram), sums.histogram))
            project, hour_us, op, model = slot
            connection.execute(
                update(ROLLUP)
                .where(
                    ROLLUP.c.project == project,
                    ROLLUP.c.hour_us == hour_us,
                    ROLLUP.c.op == op,
                    ROLLUP.c.model == model,
                )
                .values(values)
            )
        if fresh:
            connection.execute(insert(ROLLUP), fresh)


def own_usage(
    told: Mapping[str, Usage], children: Iterable[Mapping[str, Usage]]
) -> dict[str, Usage]:
    """What a call used itself: what it tells, less what its children tell."""
    left = dict(told)
    for child in children:
        for model, used in child.items():
            mine = left.get(model)
            if mine is not None:
                left[model] = _less(mine, used)
    return {model: used for model, used in left.items() if used != _NOTHING}


def bucket_of(latency_us: int) -> int:
    """The histogram's bucket for a latency: a quarter of a doubling each, the first for all below 1 us."""
    return math.floor(BUCKETS_PER_OCTAVE * math.log2(latency_us)) if latency_us > 1 else 0


def middle_us(bucket: int) -> float:
    """The latency that stands for a bucket: its geometric middle."""
    return float(2 ** ((bucket + 0.5) / BUCKETS_PER_OCTAVE))


def added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """Two histograms as one; buckets that came to nothing are left out."""
    both = {bucket: one.get(bucket, 0) + other.get(bucket, 0) for bucket in {*one, *other}}
    return {bucket: count for bucket, count in both.items() if count}


_NOTHING = Usage()


def _less(one: Usage, other: Usage) -> Usage:
    return Usage(
        *(max(getattr(one, name) - getattr(other, name), 0) for name in Usage.__struct_fields__)
    )
