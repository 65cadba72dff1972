"""Calls' figures as arrays, and plots drawn of them: bins, groups, and what each comes to."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.traces.calls.plots.shapes import (
    FIGURES,
    GROUPS,
    TOKENS,
    Aggregate,
    Drawn,
    DrawnBin,
    Plot,
)

GROUPS_SHOWN = 7
"""The largest; if there are more, all the others are the last of them."""
_QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Columns:
    """Calls, one at each place of each array."""

    figures: dict[str, Floats]
    """NaN where a call has none."""
    groups: dict[str, tuple[Codes, list[str]]]
    """Numbers of names, and the names."""
    calls: int


def gathered(
    pieces: Iterable[Sequence[Sequence[Any]]], figures: Sequence[str], groups: Sequence[str]
) -> Columns:
    """The columns of rows that have these figures, then these groups."""
    numbers: dict[str, list[Floats]] = {name: [] for name in figures}
    codes: dict[str, list[Codes]] = {name: [] for name in groups}
    names: dict[str, dict[str | None, int]] = {name: {} for name in groups}
    calls = 0
    for rows in pieces:
        calls += len(rows)
        columns = list(zip(*rows, strict=True))
        for name, values in zip(figures, columns, strict=False):
            numbers[name].append(np.array(values, dtype=np.float64) / FIGURES[name][1])
        for name, values in zip(groups, columns[len(figures) :], strict=False):
            known = names[name]
            found = [known.setdefault(value, len(known)) for value in values]
            codes[name].append(np.array(found, dtype=np.int64))
    none, nowhere = np.zeros(0), np.zeros(0, dtype=np.int64)
    found = {name: np.concatenate(parts or [none]) for name, parts in numbers.items()}
    grouped = {
        name: (np.concatenate(parts or [nowhere]), [one or "" for one in names[name]])
        for name, parts in codes.items()
    }
    for name in TOKENS & found.keys():
        of_model, models = grouped["model"]
        without = [code for code, model in enumerate(models) if not model]
        found[name][np.isin(of_model, without)] = np.nan
    return Columns(found, grouped, calls)


def drawn(columns: Columns, plot: Plot) -> Drawn:
    """A plot of the calls that have its figures."""
    told = ~np.isnan(columns.figures[plot.y])
    if plot.x not in GROUPS:
        told &= ~np.isnan(columns.figures[plot.x])
    y = columns.figures[plot.y][told]
    edges: list[tuple[float, float] | None]
    if plot.x in GROUPS:
        at, bins = _largest(columns, plot.x, told)
        edges = [None] * len(bins)
    else:
        at, cuts = _cut(columns.figures[plot.x][told], plot.bins)
        edges = list(cuts)
        bins = [None] * len(edges)
    if plot.group is None:
        of_group, groups = np.zeros(len(y), dtype=np.int64), list[str | None](("",))
    else:
        of_group, groups = _largest(columns, plot.group, told)
    values = _values(at * len(groups) + of_group, y, len(bins) * len(groups), plot.aggregates)
    each = len(groups) * len(plot.aggregates)
    return Drawn(
        groups,
        [
            DrawnBin(
                None if edge is None else edge[0],
                None if edge is None else edge[1],
                name,
                values[number * each : (number + 1) * each],
            )
            for number, (edge, name) in enumerate(zip(edges, bins, strict=True))
        ],
    )


def _largest(
    columns: Columns, name: str, told: NDArray[np.bool_]
) -> tuple[Codes, list[str | None]]:
    """In which group each call is, the largest first, and their names; the last may be all the others."""
    codes, names = columns.groups[name]
    mine = codes[told]
    counts = np.bincount(mine, minlength=len(names))
    ordered = sorted(np.flatnonzero(counts), key=lambda code: (-counts[code], names[code]))
    shown = ordered if len(ordered) <= GROUPS_SHOWN else ordered[: GROUPS_SHOWN - 1]
    place = np.full(len(names), len(shown), dtype=np.int64)
    place[shown] = np.arange(len(shown))
    labels: list[str | None] = [names[code] for code in shown]
    return place[mine], labels if shown is ordered else [*labels, None]


def _cut(x: Floats, count: int) -> tuple[Codes, list[tuple[float, float]]]:
    """In which of so many even stretches each value lies, and where those are."""
    if len(x) == 0:
        return np.zeros(0, dtype=np.int64), []
    low, high = float(x.min()), float(x.max())
    if low == high:
        return np.zeros(len(x), dtype=np.int64), [(low, low + 1)]
    step = (high - low) / count
    at = np.minimum(((x - low) / step).astype(np.int64), count - 1)
    return at, [(low + place * step, low + (place + 1) * step) for place in range(count)]


def _values(
    cell: Codes, y: Floats, cells: int, aggregates: Sequence[Aggregate]
) -> list[float | None]:
    """What the values of each cell come to, cell by cell."""
    order = np.lexsort((y, cell))
    ends = np.searchsorted(cell[order], np.arange(cells + 1))
    ordered = y[order]
    parts = (ordered[ends[place] : ends[place + 1]] for place in range(cells))
    return [_aggregate(part, how) for part in parts for how in aggregates]


def _aggregate(values: Floats, how: Aggregate) -> float | None:
    """Of values in their order."""
    if how == "count":
        return len(values)
    if len(values) == 0:
        return None
    if how == "sum":
        return float(values.sum())
    if how == "average":
        return float(values.mean())
    if how == "min":
        return float(values[0])
    if how == "max":
        return float(values[-1])
    return float(values[max(math.ceil(_QUANTILES[how] * len(values)) - 1, 0)])
