"""Figures of a comparison, pure: estimates, tests against the baseline, groups, and what is to be warned of.

Trials were averaged by row before (`tried`), rows are paired by their digest, and every pair of runs is tested once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.evals.comparisons.metrics import Metric, is_higher_better
from weft.evals.comparisons.tried import Tried
from weft.evals.comparisons.wire import (
    EstimateTold,
    Figure,
    IntervalTold,
    MetricTold,
    Verdict,
    Versus,
)
from weft.evals.statistics.ranks import compare_all, holm, places
from weft.evals.statistics.scores import Scores
from weft.evals.statistics.types import LEVEL, Comparison, Estimate, Place


@dataclass(slots=True)
class Aligned:
    """Runs over the rows of all of them: the baseline's in its order, then what others have besides."""

    tried: Mapping[str, Tried]
    digests: list[str]
    at: dict[str, NDArray[np.int64]]
    """By run, for each of its rows the place in `digests`."""

    @classmethod
    def of(cls, tried: Mapping[str, Tried], baseline: str) -> "Aligned":
        """The runs aligned."""
        places: dict[str, int] = {}
        for run in (baseline, *tried):
            for digest in tried[run].places:
                places.setdefault(digest, len(places))
        at = {
            run: np.asarray([places[digest] for digest in one.places], dtype=np.int64)
            for run, one in tried.items()
        }
        return cls(tried, list(places), at)

    def column(self, run: str, metric: str) -> Scores | None:
        """A run's values of a metric over all rows; None where it has none at all."""
        own = self.tried[run].columns.get(metric)
        if own is None:
            return None
        values = np.full(len(self.digests), np.nan)
        values[self.at[run]] = own.values
        return Scores(values, own.are_passes)

    def has(self, run: str) -> NDArray[np.bool_]:
        """Which rows a run has."""
        found = np.zeros(len(self.digests), dtype=np.bool_)
        found[self.at[run]] = True
        return found

    @property
    def shared(self) -> int:
        """How many rows every run has."""
        return int(np.logical_and.reduce([self.has(run) for run in self.tried]).sum())


def figures_of(
    aligned: Aligned, metric: Metric, baseline: str, *, turned: bool = False
) -> MetricTold:
    """What every run comes to by one metric; `turned` where its name misleads about what is better."""
    higher = is_higher_better(metric.id) != turned
    runs = list(aligned.tried)
    columns = {
        run: column for run in runs if (column := aligned.column(run, metric.id)) is not None
    }
    known = {
        run: found
        for run in columns
        if (found := aligned.tried[run].estimate(metric.id)) is not None
    }
    tested = compare_all(columns)
    ranked = {one.name: one for one in places(known, tested, higher_is_better=higher)}
    versus = _versus(runs, baseline, tested, higher=higher)
    return MetricTold(
        id=metric.id,
        label=metric.label,
        kind=metric.kind,
        scorer=metric.scorer,
        path=metric.path,
        higher_is_better=higher,
        figures=[
            _figure(aligned.tried[run], run, baseline, known, versus, ranked.get(run))
            for run in runs
        ],
    )


def _figure(
    tried: Tried,
    run: str,
    baseline: str,
    known: Mapping[str, Estimate],
    versus: Mapping[str, Versus],
    place: Place | None,
) -> Figure:
    found, beside = known.get(run), versus.get(run)
    verdict = beside.verdict if beside is not None else Verdict.NOT_COMPARABLE
    return Figure(
        run=run,
        estimate=estimate_told(found) if found is not None else None,
        missing=len(tried.rows) - (found.n if found is not None else 0),
        versus=beside,
        verdict=None if run == baseline else verdict,
        rank=place.rank if place is not None else None,
        tied_with_best=place is not None and place.tied_with_best,
    )


def estimate_told(found: Estimate) -> EstimateTold:
    """A mean as it is told."""
    ends = found.interval
    interval = IntervalTold(low=ends.low, high=ends.high, method=ends.method) if ends else None
    return EstimateTold(n=found.n, mean=found.mean, interval=interval)


def _versus(
    runs: Sequence[str],
    baseline: str,
    tested: Mapping[tuple[str, str], Comparison],
    *,
    higher: bool,
) -> dict[str, Versus]:
    """Each run beside the baseline: its difference is that run's less the baseline's."""
    found: dict[str, tuple[Comparison, float]] = {}
    for run in runs:
        if (run, baseline) in tested:
            one = tested[run, baseline]
            found[run] = one, one.difference
        elif (baseline, run) in tested:
            one = tested[baseline, run]
            found[run] = one, 0.0 - one.difference
    corrected = holm([one.p_value for one, _difference in found.values()])
    return {
        run: Versus(
            n=one.n,
            difference=difference,
            p_value=one.p_value,
            p_corrected=p_value,
            method=one.method,
            verdict=_verdict(difference, p_value, higher=higher),
        )
        for (run, (one, difference)), p_value in zip(found.items(), corrected, strict=True)
    }


def _verdict(difference: float, p_value: float, *, higher: bool) -> Verdict:
    if p_value > 1 - LEVEL or difference == 0.0:
        return Verdict.SAME
    return Verdict.BETTER if (difference > 0) == higher else Verdict.WORSE
