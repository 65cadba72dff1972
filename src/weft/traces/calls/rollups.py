"""Hourly sums by op and model, written in the transaction of the calls that they count.

A call counts in the hour in which it started, under its op and the model that it used most itself ("" for none).
Tokens count where they were used, not again in every ancestor that tells of them; see `counting`.

Latencies are kept as a histogram with four buckets to each doubling, so a percentile is right to within a tenth.
"""

import math
from collections.abc import Iterator, Mapping
from operator import add
from typing import Any

import msgspec
from sqlalchemy import Connection, delete

from weft.kit import bulk
from weft.traces.calls.facts import Usage
from weft.traces.json_text import dump, load
from weft.traces.schema import ROLLUP
from weft.traces.types import HOUR_US, ProjectKey

BUCKETS_PER_OCTAVE = 4
_OF_CALLS = ("calls", "errors", "latency_us", "uses")
OF_USES = (*Usage.__struct_fields__, "fresh_input_tokens")
_SUMS = (*_OF_CALLS, *OF_USES)
_KEY = ("project", "hour_us", "op", "model")
_COLUMNS = (*_KEY, *_SUMS, "histogram")
_SELECT = (
    f"SELECT op, model, {', '.join(_SUMS)}, histogram FROM trace_rollup"  # noqa: S608 - our own names
    " WHERE project = ? AND hour_us = ? AND op IN ({keys})"
)
_UPSERT = f"ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in (*_SUMS, "histogram")
)
LATENCY_MOST_US = 10**12
"""Longer calls, of eleven days and more, count as this long: sums of nonsense would not fit."""

Slot = tuple[int, int, str, str]
"""Project, hour, op, model."""


class Sums(msgspec.Struct):
    """What is added to one slot."""

    calls: int = 0
    errors: int = 0
    latency_us: int = 0
    uses: int = 0
    """Calls that used the model themselves."""
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    fresh_input_tokens: int = 0
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
        sums = self._slot((project, hour_us, op, main_model(usage)))
        sums.calls += sign
        sums.errors += sign * is_error
        if latency_us is not None:
            sums.latency_us += sign * latency_us
            bucket = str(bucket_of(latency_us))
            sums.histogram[bucket] = sums.histogram.get(bucket, 0) + sign
        for model, used in usage.items():
            of_model = self._slot((project, hour_us, op, model))
            of_model.uses += sign
            of_model.requests += sign * used.requests
            of_model.input_tokens += sign * used.input_tokens
            of_model.output_tokens += sign * used.output_tokens
            of_model.cache_read_tokens += sign * used.cache_read_tokens
            of_model.cache_write_tokens += sign * used.cache_write_tokens
            of_model.fresh_input_tokens += sign * used.fresh_input_tokens

    def write(self, connection: Connection) -> None:
        """Add everything to the table; the caller is the only writer."""
        by_hour: dict[tuple[int, int], list[Slot]] = {}
        for slot in self._slots:
            by_hour.setdefault(slot[:2], []).append(slot)
        rows: list[bulk.Row] = []
        for slots in by_hour.values():
            rows += self._summed(connection, slots)
        bulk.insert(connection, ROLLUP.name, _COLUMNS, rows, _UPSERT)

    def _slot(self, slot: Slot) -> Sums:
        found = self._slots.get(slot)
        if found is None:
            found = self._slots[slot] = Sums(histogram={})
        return found

    def _summed(self, connection: Connection, slots: list[Slot]) -> Iterator[bulk.Row]:
        """The rows of slots of one project's hour, as they are with what is added; empty ones are deleted."""
        known = _read(connection, slots)
        for slot in slots:
            sums, row = self._slots[slot], known.get(slot)
            told = msgspec.structs.astuple(sums)[:-1]
            histogram = added({}, sums.histogram)
            if not (any(told) or histogram):
                continue  # what was taken was put back
            if row is not None:
                told = tuple(map(add, told, row[:-1]))
                histogram = added(load(row[-1]), histogram)
            if any(told):
                yield (*slot, *told, dump(histogram))
            elif row is not None:
                mine = [ROLLUP.c[name] == part for name, part in zip(_KEY, slot, strict=True)]
                connection.execute(delete(ROLLUP).where(*mine))


def _read(connection: Connection, slots: list[Slot]) -> dict[Slot, tuple[Any, ...]]:
    """What these slots of one project's hour hold already: the sums, then the histogram."""
    project, hour_us, _op, _model = slots[0]
    ops = sorted({slot[2] for slot in slots})
    rows = bulk.run_in(connection, _SELECT, ops, (project, hour_us))
    return {(project, hour_us, op, model): tuple(sums) for op, model, *sums in rows}


def main_model(usage: Mapping[str, Usage]) -> str:
    """The model that a call counts under: the one that wrote most for it, the first by name of several."""
    return min(usage, key=lambda name: (-usage[name].output_tokens, name), default="")


def bucket_of(latency_us: int) -> int:
    """The histogram's bucket for a latency: a quarter of a doubling each, the first for all below 1 us."""
    return math.floor(BUCKETS_PER_OCTAVE * math.log2(latency_us)) if latency_us > 1 else 0


def middle_us(bucket: int) -> float:
    """The latency that stands for a bucket: its geometric middle."""
    return float(2 ** ((bucket + 0.5) / BUCKETS_PER_OCTAVE))


def added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """Two histograms as one, in order; buckets that came to nothing are left out."""
    every = sorted({*one, *other}, key=int)
    both = {bucket: one.get(bucket, 0) + other.get(bucket, 0) for bucket in every}
    return {bucket: count for bucket, count in both.items() if count}
