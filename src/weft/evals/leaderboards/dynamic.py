"""Columns of a dynamic leaderboard: whatever numbers the summaries of runs have, less what is hidden. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from weft.evals.leaderboards.runs import Dataset, Run, name_of
from weft.evals.leaderboards.scores import LATENCY, number_in
from weft.evals.leaderboards.types import ColumnSpec, Dynamic, DynamicColumn, Found
from weft.evals.results.stats import leaves
from weft.evals.values import object_in
from weft.traces.refs import find_ref

COLUMNS = 60
"""Shown at once."""
_COUNT = "true_count"

Key = tuple[str, str, str]
"""Evaluation, scorer, path."""


def chosen_runs(
    dynamic: Dynamic, runs: Sequence[Run], datasets: Mapping[str, Dataset]
) -> list[Run]:
    """The runs that are not filtered away."""
    some = [
        run
        for run in runs
        if (not dynamic.evaluations or run.evaluation in dynamic.evaluations)
        and name_of(run.model_ref) not in dynamic.hidden_models
        and _dataset(run, datasets) not in dynamic.hidden_datasets
    ]
    if not dynamic.newest_versions:
        return some
    last = {name_of(run.model_ref): run.model_ref for run in some}
    return [run for run in some if last[name_of(run.model_ref)] == run.model_ref]


def columns_in(dynamic: Dynamic, runs: Sequence[Run]) -> tuple[list[ColumnSpec], Found]:
    """The columns of runs, by evaluation; and all that could be shown."""
    said = {(one.evaluation, one.scorer, one.path): one for one in dynamic.columns}
    seen: dict[Key, str] = {}
    for run in runs:
        for scorer, path in metrics_of(run.output):
            seen.setdefault((run.evaluation, scorer, path), run.evaluation_ref)
    shown: list[ColumnSpec] = []
    listed: list[tuple[DynamicColumn, bool]] = []
    order = {name: place for place, name in enumerate(dict.fromkeys(key[0] for key in seen))}
    for key in sorted(seen, key=lambda one: order[one[0]]):
        evaluation, scorer, path = key
        one = said.get(key, DynamicColumn(evaluation, scorer, path))
        by_itself = path.rpartition(".")[2] == _COUNT or scorer == LATENCY
        hidden = by_itself if one.hidden is None else one.hidden
        is_shown = not hidden and scorer not in dynamic.hidden_scorers and len(shown) < COLUMNS
        listed.append((one, is_shown))
        if is_shown:
            ref = any_version(seen[key])
            shown.append(ColumnSpec(ref, scorer, path, one.should_minimize, one.label))
    scorers = list(dict.fromkeys(key[1] for key in seen))
    return shown, Found((), (), (), scorers, listed)


def metrics_of(output: object) -> Iterator[tuple[str, str]]:
    """Scorer and path of every number in a run's summary."""
    for scorer, summary in object_in(output).items():
        for path, value in leaves(summary):
            if number_in(value) is not None:
                yield scorer, path or ""


@lru_cache(maxsize=4096)
def any_version(ref: str) -> str:
    """The reference to an object in whatever version."""
    found = find_ref(ref)
    if found is None:
        return ref
    return f"weave:///{found.project_id}/{found.kind.value}/{found.name}:*"


def names_found(runs: Sequence[Run], datasets: Mapping[str, Dataset], found: Found) -> Found:
    """`found` with all evaluations, models and datasets that there are."""
    told = {name: None for run in runs if (name := _dataset(run, datasets)) is not None}
    return Found(
        list(dict.fromkeys(run.evaluation for run in runs)),
        list(dict.fromkeys(name_of(run.model_ref) for run in runs)),
        list(told),
        found.scorers,
        found.columns,
    )


def _dataset(run: Run, datasets: Mapping[str, Dataset]) -> str | None:
    dataset = datasets.get(run.evaluation_ref)
    return dataset.name if dataset is not None else None
