"""One run, read once and kept small: its rows, and each metric as an array over them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

from weft.evals.comparisons.metrics import COST, OF_MODEL, TOKENS, Kind, Metric, score
from weft.evals.results.stats import leaves
from weft.evals.results.types import ResultRow, Root, Trial
from weft.evals.statistics.intervals import estimate
from weft.evals.statistics.scores import Scores
from weft.evals.statistics.types import Estimate
from weft.traces.calls.facts import DESCENDANT_ERROR, ERROR

METRICS = 100
"""Of one run; what is beyond is left out: a scorer that answers with a document is no measure."""
_HASH = "hash"
_MOST = 1e150
"""Beyond it squares are no numbers any more."""


@dataclass(slots=True)
class Tried:
    """What one run came to in each of its rows."""

    root: Root
    rows: list[ResultRow]
    places: dict[str, int]
    """Where the row of a digest stands in `rows` and in every array."""
    metrics: dict[str, Metric]
    columns: dict[str, Scores]
    """By the metric's id: the mean of each row's trials."""
    outputs: NDArray[np.int64]
    """A check sum of each row's outputs."""
    failed: NDArray[np.bool_]
    """Rows of which a trial, or a call inside one, raised an exception."""
    trial_count: int
    _estimates: dict[str, Estimate | None] = field(default_factory=dict[str, Estimate | None])

    def estimate(self, metric: str) -> Estimate | None:
        """The mean of a metric over the run's rows; worked out once."""
        if metric not in self._estimates:
            column = self.columns.get(metric)
            self._estimates[metric] = estimate(column) if column is not None else None
        return self._estimates[metric]

    def total(self, metric: str) -> float | None:
        """The sum of a metric of the model over all trials; None where none was told."""
        name = {TOKENS: "tokens", COST: "cost"}[metric]
        told = [
            value
            for row in self.rows
            for trial in row.trials[self.root.id]
            if (value := getattr(trial, name)) is not None
        ]
        return sum(told) if told else None


def check_sum(_example: msgspec.Raw, output: msgspec.Raw) -> dict[str, int]:
    """What is kept of an output that is not itself kept."""
    return {_HASH: crc32(output)}


def tried_of(root: Root, rows: Iterable[ResultRow]) -> Tried:
    """What is kept of a run, whose `rows` have no other run's trials and were read with `check_sum`."""
    listed = list(rows)
    outputs: list[int] = []
    failed: list[bool] = []
    count = 0
    for row in listed:
        trials = row.trials[root.id]
        count += len(trials)
        outputs.append(hash(tuple(trial.values.get(_HASH, 0) for trial in trials)))
        failed.append(any(trial.status in {ERROR, DESCENDANT_ERROR} for trial in trials))
    metrics, scores = columns_of(root.id, listed)
    return Tried(
        root,
        listed,
        {row.digest: place for place, row in enumerate(listed)},
        metrics,
        scores,
        np.asarray(outputs, dtype=np.int64),
        np.asarray(failed, dtype=np.bool_),
        count,
    )


def columns_of(root: str, rows: Sequence[ResultRow]) -> tuple[dict[str, Metric], dict[str, Scores]]:
    """The metrics of a run, and the mean of each row's trials of each."""
    columns = _Columns(len(rows))
    for place, row in enumerate(rows):
        for trial in row.trials[root]:
            columns.add(place, trial)
    return columns.done()


class _Columns:
    """Values as they come, by metric."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._places: dict[str, list[int]] = {}
        self._values: dict[str, list[float]] = {}
        self._metrics: dict[str, Metric] = {}
        self._numbers: set[str] = set()

    def add(self, place: int, trial: Trial) -> None:
        """Note every value of a trial of the row at `place`."""
        for scorer, told in trial.scores.items():
            for path, value in leaves(told):
                if not isinstance(value, str):
                    self._score(place, scorer, path, value)
        for metric, value in zip(
            OF_MODEL, (trial.latency_s, trial.cost, trial.tokens), strict=True
        ):
            if value is not None:
                self._note(place, metric, value)

    def _score(self, place: int, scorer: str, path: str | None, value: float) -> None:
        if not abs(value) < _MOST:
            return
        metric = score(scorer, path)
        if metric.id not in self._metrics and len(self._metrics) >= METRICS:
            return
        if not isinstance(value, bool):
            self._numbers.add(metric.id)
        self._note(place, metric, value)

    def _note(self, place: int, metric: Metric, value: float) -> None:
        id_ = metric.id
        if id_ not in self._metrics:
            self._metrics[id_], self._places[id_], self._values[id_] = metric, [], []
        self._places[id_].append(place)
        self._values[id_].append(float(value))

    def done(self) -> tuple[dict[str, Metric], dict[str, Scores]]:
        """The metrics, and the mean of each row's values of each."""
        metrics: dict[str, Metric] = {}
        scores: dict[str, Scores] = {}
        for id_, metric in self._metrics.items():
            places = np.asarray(self._places[id_], dtype=np.int64)
            values = np.asarray(self._values[id_], dtype=np.float64)
            sums = np.bincount(places, weights=values, minlength=self._rows)
            counts = np.bincount(places, minlength=self._rows)
            is_pass = metric.scorer is not None and id_ not in self._numbers
            means = np.divide(sums, counts, out=np.full(self._rows, np.nan), where=counts > 0)
            scores[id_] = Scores(means, is_pass and int(counts.max(initial=0)) <= 1)
            if is_pass and metric.scorer is not None:
                metrics[id_] = score(metric.scorer, metric.path, Kind.PASSES)
            else:
                metrics[id_] = metric
        return metrics, scores


def all_metrics(tried: Mapping[str, Tried]) -> list[Metric]:
    """The metrics of several runs: scores in the order in which they were first seen, then those of the model."""
    found: dict[str, Metric] = {}
    for one in tried.values():
        for id_, metric in one.metrics.items():
            known = found.setdefault(id_, metric)
            if known.kind is not metric.kind:
                found[id_] = score(metric.scorer or "", metric.path)
    of_model = [one for one in OF_MODEL if one.id in found]
    return [*(one for one in found.values() if one.scorer is not None), *of_model]
