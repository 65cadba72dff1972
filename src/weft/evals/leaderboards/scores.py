"""What each row of a run came to: the scores that stand behind a summary, small enough to be kept.

The client's summaries leave out rows without a value, but count a row without any score of a scorer as not passed
(`auto_summarize` of the client 0.54); so do these.
"""

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any

from sqlalchemy import Connection

from weft.evals.results.read import read_rows
from weft.evals.results.stats import leaves
from weft.evals.results.types import Trial
from weft.traces.types import ProjectKey

LATENCY = "model_latency"
"""The scorer by which the client's summaries tell how long the model took."""
PLACES = 200
"""In the scores of one run; more are left out: a scorer that answers with a document is no measure."""
_MEANS = ("mean", "true_fraction")
_NEAR = 1e-6

Place = tuple[str, str | None]
"""A scorer, and the path in what it says of a row; None for the whole."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """The values at one place of all trials of a run; NaN where there is none."""

    values: "array[float]"
    is_pass: bool

    @property
    def mean(self) -> float | None:
        """Over all trials that have a value."""
        known = [one for one in self.values if not math.isnan(one)]
        return math.fsum(known) / len(known) if known else None


@dataclass(frozen=True, slots=True)
class RunScores:
    """The scores of one run."""

    digests: tuple[str, ...]
    """Of the row of each trial."""
    leaves: Mapping[Place, Leaf]

    @property
    def size(self) -> int:
        """How many values are kept."""
        return len(self.digests) * (1 + len(self.leaves))

    def rows(self, place: Place) -> dict[str, float | bool]:
        """The value of each row: of several trials their mean."""
        leaf = self.leaves.get(place)
        if leaf is None:
            return {}
        found: dict[str, list[float]] = {}
        for digest, value in zip(self.digests, leaf.values, strict=True):
            if not math.isnan(value):
                found.setdefault(digest, []).append(value)
        if leaf.is_pass and all(len(some) == 1 for some in found.values()):
            return {digest: bool(some[0]) for digest, some in found.items()}
        return {digest: math.fsum(some) / len(some) for digest, some in found.items()}

    def stands_behind(self, place: Place, value: float) -> bool:
        """Whether a summary's value is the mean of these rows, and so what is known of them holds for it."""
        leaf = self.leaves.get(place)
        mean = None if leaf is None else leaf.mean
        return mean is not None and math.isclose(mean, value, rel_tol=_NEAR, abs_tol=_NEAR)


def place_of(scorer: str, path: str) -> Place | None:
    """Where the rows say what a summary's path sums up; None for what is no mean."""
    parts = [part for part in path.split(".") if part]
    if parts and parts[-1] in _MEANS:
        parts.pop()
    elif parts:
        return None
    return scorer, ".".join(parts) or None


def read_scores(
    connection: Connection, project: ProjectKey, runs: Sequence[str]
) -> dict[str, RunScores]:
    """The scores of runs by their ids; those without rows are left out."""
    trials: dict[str, list[tuple[str, Trial]]] = {}
    for digest, row in read_rows(connection, project, runs, None).items():
        for run, some in row.trials.items():
            trials.setdefault(run, []).extend((intern(digest), trial) for trial in some)
    return {run: _scores(some) for run, some in trials.items()}


def _scores(trials: Sequence[tuple[str, Trial]]) -> RunScores:
    found: dict[Place, dict[int, float]] = {}
    numbers: set[Place] = set()
    for index, (_digest, trial) in enumerate(trials):
        for place, value in _told(trial):
            if place not in found:
                if len(found) == PLACES:
                    continue
                found[place] = {}
            found[place][index] = float(value)
            if not isinstance(value, bool):
                numbers.add(place)
    columns: dict[Place, Leaf] = {}
    for place, known in found.items():
        is_pass = place not in numbers
        values = array("d", [math.nan]) * len(trials)
        for index, (_digest, trial) in enumerate(trials):
            if index in known:
                values[index] = known[index]
            elif is_pass and trial.scores.get(place[0], {}) == {}:
                values[index] = 0.0
        columns[place] = Leaf(values, is_pass)
    return RunScores(tuple(digest for digest, _trial in trials), columns)


def _told(trial: Trial) -> Iterable[tuple[Place, float | bool]]:
    if trial.latency_s is not None:
        yield (LATENCY, None), trial.latency_s
    for scorer, score in trial.scores.items():
        for path, value in leaves(score):
            if not isinstance(value, str) and math.isfinite(value):
                yield (scorer, path), value


def number_in(value: Any) -> float | None:
    """A summary's value as a number; None for what is none."""
    if isinstance(value, bool | int | float) and math.isfinite(value):
        return float(value)
    return None
