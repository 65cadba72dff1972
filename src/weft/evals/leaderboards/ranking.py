"""One column of a leaderboard: the models in their order, with intervals, and what the rows cannot tell apart tied."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from weft.evals.leaderboards.runs import Dataset, Run
from weft.evals.leaderboards.scores import Place, RunScores
from weft.evals.statistics.ranks import rank
from weft.evals.statistics.types import Interval
from weft.traces.refs import find_ref


@dataclass(frozen=True, slots=True)
class Standing:
    """A model in a column, by its rows."""

    rows: int
    interval: Interval | None
    rank: int
    is_tied: bool
    """With at least one other model: no significant difference."""
    is_best: bool
    """Best, or not significantly worse than the best."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """A column's standings by model, and what is to be known of its rows."""

    standings: Mapping[str, Standing]
    is_share: bool
    """Every row is passed or not."""
    rows: int
    shared_rows: int
    """Those that every ranked model has."""


def rank_rows(
    runs: Mapping[str, RunScores], place: Place, *, higher_is_better: bool
) -> Ranking | None:
    """Rank models by their runs' scores at `place`, paired by the digests of rows; None where there are no rows."""
    rows = {model: found for model, one in runs.items() if (found := one.rows(place))}
    if not rows:
        return None
    digests = sorted({digest for found in rows.values() for digest in found})
    lined = {model: [found.get(digest) for digest in digests] for model, found in rows.items()}
    places = rank(lined, higher_is_better=higher_is_better)
    counted = Counter(one.rank for one in places)
    standings = {
        one.name: Standing(
            one.estimate.n,
            one.estimate.interval,
            one.rank,
            counted[one.rank] > 1,
            one.tied_with_best,
        )
        for one in places
    }
    shared = sum(all(digest in found for found in rows.values()) for digest in digests)
    leaves = [one.leaves[place] for one in runs.values() if place in one.leaves]
    return Ranking(standings, all(leaf.is_pass for leaf in leaves), len(digests), shared)


def warnings_of(
    runs: Sequence[Run], datasets: Mapping[str, Dataset], ranking: Ranking | None
) -> list[str]:
    """What makes the models of a column hard to compare, in sentences."""
    told: list[str] = []
    versions = {run.evaluation_ref for run in runs}
    if len(versions) > 1:
        told.append(f"Models ran {len(versions)} versions of the evaluation.")
    known = {datasets[run.evaluation_ref] for run in runs if run.evaluation_ref in datasets}
    for name in sorted({dataset.name for dataset in known}):
        digests = {dataset.digest for dataset in known if dataset.name == name}
        if len(digests) > 1:
            told.append(f"Models ran {len(digests)} versions of the dataset {name}.")
    if len({dataset.name for dataset in known}) > 1:
        told.append("Models ran different datasets.")
    if ranking is not None and ranking.shared_rows < ranking.rows:
        told.append(
            f"{ranking.shared_rows} of {ranking.rows} rows are in all runs; "
            "two models are compared on the rows that both have."
        )
    return told


def short_version(ref: str) -> str:
    """The first letters of a reference's digest."""
    found = find_ref(ref)
    return found.digest[:6] if found is not None else ""
