"""Hourly sums by op and model, written in the transaction of the calls that they count.

A call counts in the hour in which it started, under its op and the model that it used most itself ("" for none).
Tokens count where they were used, not again in every ancestor that tells of them; see `counting`.

Latencies are kept as a histogram with four buckets to each doubling, so a percentile is right to within a tenth.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Executable, Row, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from weft.kit.db import SQLITE
from weft.traces.calls.facts import Usage
from weft.traces.json_text import dump, load
from weft.traces.schema import ROLLUP
from weft.traces.types import HOUR_US, ProjectKey

BUCKETS_PER_OCTAVE = 4
_OF_CALLS = ("calls", "errors", "latency_us", "uses")
OF_USES = (*Usage.__struct_fields__, "fresh_input_tokens")
_SUMS = (*_OF_CALLS, *OF_USES)
_KEY_NAMES = ("project", "hour_us", "op", "model")
_CHUNK = 200
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
            for name in OF_USES:
                setattr(of_model, name, getattr(of_model, name) + sign * getattr(used, name))

    def write(self, connection: Connection) -> None:
        """Add everything to the table; the caller is the only writer."""
        by_hour: dict[tuple[int, int], list[Slot]] = {}
        for slot in self._slots:
            by_hour.setdefault(slot[:2], []).append(slot)
        rows: list[dict[str, Any]] = []
        for slots in by_hour.values():
            rows += self._summed(connection, slots)
        if rows:
            connection.execute(_upsert(connection), rows)

    def _slot(self, slot: Slot) -> Sums:
        found = self._slots.get(slot)
        if found is None:
            found = self._slots[slot] = Sums(histogram={})
        return found

    def _summed(self, connection: Connection, slots: list[Slot]) -> Iterator[dict[str, Any]]:
        """The rows of slots of one project's hour, as they are with what is added; empty ones are deleted."""
        known = _read(connection, slots)
        for slot in slots:
            sums, row = self._slots[slot], known.get(slot)
            told: dict[str, Any] = {name: getattr(sums, name) for name in _SUMS}
            histogram = added({}, sums.histogram)
            if not (any(told.values()) or histogram):
                continue  # what was taken was put back
            if row is not None:
                told = {name: getattr(row, name) + value for name, value in told.items()}
                histogram = added(load(row.histogram), histogram)
            where = dict(zip(_KEY_NAMES, slot, strict=True))
            if any(told.values()):
                yield {**where, **told, "histogram": dump(histogram)}
            elif row is not None:
                mine = [ROLLUP.c[name] == part for name, part in where.items()]
                connection.execute(delete(ROLLUP).where(*mine))


def _read(connection: Connection, slots: list[Slot]) -> dict[Slot, Row[*tuple[Any, ...]]]:
    """The rows that these slots of one project's hour have already."""
    project, hour_us, _op, _model = slots[0]
    known: dict[Slot, Row[*tuple[Any, ...]]] = {}
    ops = sorted({slot[2] for slot in slots})
    for start in range(0, len(ops), _CHUNK):
        wanted = select(ROLLUP).where(
            ROLLUP.c.project == project,
            ROLLUP.c.hour_us == hour_us,
            ROLLUP.c.op.in_(ops[start : start + _CHUNK]),
        )
        known.update(
            ((row.project, row.hour_us, row.op, row.model), row)
            for row in connection.execute(wanted)
        )
    return known


def _upsert(connection: Connection) -> Executable:
    dialect = sqlite if connection.dialect.name == SQLITE else postgresql
    added_row = dialect.insert(ROLLUP)
    sums = {name: added_row.excluded[name] for name in (*_SUMS, "histogram")}
    return added_row.on_conflict_do_update(index_elements=list(_KEY_NAMES), set_=sums)


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
