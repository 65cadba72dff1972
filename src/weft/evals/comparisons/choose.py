"""Which rows of a comparison are shown, and in which order. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from weft.evals.comparisons.figures import Aligned
from weft.evals.comparisons.metrics import is_higher_better
from weft.evals.comparisons.tried import all_metrics
from weft.evals.comparisons.wire import RowsAsked, RowSort, Within
from weft.kit.errors import InvalidRequest

Mask = NDArray[np.bool_]
Values = NDArray[np.float64]


def chosen_rows(aligned: Aligned, asked: RowsAsked, baseline: str) -> list[int]:
    """The places of the rows that are wanted, in order.

    Raises:
        InvalidRequest: it names a metric or a run that there is not.
    """
    kept = _shown(aligned, asked, baseline)
    for one in asked.within:
        kept &= _within(aligned, one)
    places = np.flatnonzero(kept)
    if asked.sort is not None:
        keys = _keys(aligned, asked.sort, baseline)[places]
        keys = -keys if asked.sort.descending else keys
        places = places[np.argsort(np.where(np.isnan(keys), np.inf, keys), kind="stable")]
    found: list[int] = places.tolist()
    return found


def _shown(aligned: Aligned, asked: RowsAsked, baseline: str) -> Mask:
    runs = list(aligned.tried)
    if asked.show == "all":
        return np.ones(len(aligned.digests), dtype=np.bool_)
    if asked.show == "failed":
        return _any([_spread(aligned, run, aligned.tried[run].failed) for run in runs])
    if asked.show == "missing":
        return _any([~aligned.has(run) for run in runs])
    if asked.show == "outputs":
        return _outputs_differ(aligned)
    id_ = asked.metric or next((one.id for one in all_metrics(aligned.tried)), None)
    if id_ is None:
        return np.zeros(len(aligned.digests), dtype=np.bool_)
    values = {run: _values(aligned, run, id_) for run in runs}
    if asked.show == "disagree":
        stacked = np.stack(list(values.values()))
        return _extent(stacked) > 0
    lower = not is_higher_better(id_) if asked.lower is None else asked.lower
    sign = -1.0 if lower else 1.0
    others = [sign * (values[run] - values[baseline]) for run in runs if run != baseline]
    if not others:
        return np.zeros(len(aligned.digests), dtype=np.bool_)
    if asked.show == "better":
        return _any([one > 0 for one in others])
    if asked.show == "worse":
        return _any([one < 0 for one in others])
    told = _any([~np.isnan(one) for one in others])
    return told & ~_any([one >= 0 for one in others])


def _outputs_differ(aligned: Aligned) -> Mask:
    first = np.zeros(len(aligned.digests), dtype=np.int64)
    seen = np.zeros(len(aligned.digests), dtype=np.bool_)
    differ = np.zeros(len(aligned.digests), dtype=np.bool_)
    for run, one in aligned.tried.items():
        at = aligned.at[run]
        known = seen[at]
        differ[at] |= known & (first[at] != one.outputs)
        first[at] = np.where(known, first[at], one.outputs)
        seen[at] = True
    return differ


def _within(aligned: Aligned, one: Within) -> Mask:
    runs = [one.run] if one.run is not None else list(aligned.tried)
    low = -np.inf if one.at_least is None else one.at_least
    high = np.inf if one.at_most is None else one.at_most
    found = [_values(aligned, run, one.metric) for run in runs]
    return _any([(values >= low) & (values <= high) for values in found])


def _keys(aligned: Aligned, sort: RowSort, baseline: str) -> Values:
    if sort.by == "value":
        return _values(aligned, sort.run or baseline, sort.metric)
    if sort.by == "change":
        own = _values(aligned, sort.run or baseline, sort.metric)
        return own - _values(aligned, baseline, sort.metric)
    stacked = np.stack([_values(aligned, run, sort.metric) for run in aligned.tried])
    return _extent(stacked)


def _values(aligned: Aligned, run: str, metric: str) -> Values:
    if run not in aligned.tried:
        raise InvalidRequest(f"the comparison has no run {run[:100]}", param="run")
    column = aligned.column(run, metric)
    if column is not None:
        return column.values
    if not any(metric in one.columns for one in aligned.tried.values()):
        raise InvalidRequest(f"the runs have no metric {metric[:200]}", param="metric")
    return np.full(len(aligned.digests), np.nan)


def _spread(aligned: Aligned, run: str, own: Mask) -> Mask:
    found = np.zeros(len(aligned.digests), dtype=np.bool_)
    found[aligned.at[run]] = own
    return found


def _any(masks: Sequence[Mask]) -> Mask:
    found = masks[0].copy()
    for mask in masks[1:]:
        found |= mask
    return found


def _extent(stacked: Values) -> Values:
    """Largest less smallest by row; NaN for rows without any."""
    known = ~np.isnan(stacked)
    high = np.where(known, stacked, -np.inf).max(axis=0)
    low = np.where(known, stacked, np.inf).min(axis=0)
    found = np.full(stacked.shape[1], np.nan)
    return np.subtract(high, low, out=found, where=known.any(axis=0))
