"""Works a leaderboard out: which runs count, what they came to, and how sure that is.

First what is read, on one snapshot of the database (`gather`); then the statistics, which need none (`work_out`).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from weft.evals.leaderboards.dynamic import any_version, chosen_runs, columns_in, names_found
from weft.evals.leaderboards.effort import Asked, Effort, read_efforts
from weft.evals.leaderboards.kept import Memory, RunKey
from weft.evals.leaderboards.names import ModelNames, read_names
from weft.evals.leaderboards.ranking import Ranking, Standing, rank_rows, warnings_of
from weft.evals.leaderboards.results import metric
from weft.evals.leaderboards.runs import (
    RUNS,
    Dataset,
    Run,
    by_model,
    name_of,
    newest,
    read_datasets,
    read_runs,
)
from weft.evals.leaderboards.scores import Place, RunScores, number_in, place_of, read_scores
from weft.evals.leaderboards.types import (
    Board,
    BoardColumn,
    BoardModel,
    Cell,
    ColumnSpec,
    Found,
    Spec,
)
from weft.evals.results.read import PREDICT_AND_SCORE, chunks
from weft.evals.values import object_in
from weft.traces.costs.book import PriceBook
from weft.traces.schema import CALL
from weft.traces.types import ProjectKey

_TEXT_CHARS = 200


@dataclass(frozen=True, slots=True)
class Sources:
    """What is beside the database: what was worked out before, prices, and the project's name as clients have it."""

    memory: Memory
    book: PriceBook
    name: str


@dataclass(frozen=True, slots=True)
class _Picked:
    """A column with the run of each model that counts."""

    spec: ColumnSpec
    runs: dict[str, Run]
    counts: dict[str, int]
    others: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that was read for a board."""

    spec: Spec
    project: ProjectKey
    picked: Sequence[_Picked]
    found: Found | None
    datasets: Mapping[str, Dataset]
    scores: Mapping[str, RunScores]
    keys: Mapping[str, RunKey]
    efforts: Mapping[str, Effort]
    names: ModelNames
    run_count: int


def gather(
    connection: Connection,
    project: ProjectKey,
    spec: Spec,
    sources: Sources,
    *,
    every_version: bool = False,
) -> Gathered:
    """Read what a board is made of; with `every_version`, runs of any version of an evaluation count."""
    runs = read_runs(connection, project)
    datasets = read_datasets(connection, project, sources.name, runs)
    columns, found, some = spec.columns, None, runs
    if spec.dynamic is not None:
        some = chosen_runs(spec.dynamic, runs, datasets)
        columns, listed = columns_in(spec.dynamic, some)
        found = names_found(runs, datasets, listed)
    picked = [_pick(one, some, every_version=every_version) for one in columns]
    counting = {run.id: run for one in picked for run in one.runs.values() if run.state == "done"}
    scores, keys = _scores(connection, project, list(counting.values()), sources.memory)
    asked = [
        Asked(run.id, run.model_ref, list(object_in(run.output)), run.started_at_us)
        for run in counting.values()
    ]
    efforts = read_efforts(connection, project, asked, sources.book)
    refs = list(dict.fromkeys(ref for one in picked for ref in one.runs))
    names = read_names(connection, project, sources.name, refs)
    return Gathered(spec, project, picked, found, datasets, scores, keys, efforts, names, len(runs))


def nothing_of(spec: Spec) -> Gathered:
    """What is read of a project that nothing was ever written to."""
    picked = [_Picked(one, {}, {}, 0) for one in spec.columns]
    found = Found((), (), (), (), ()) if spec.dynamic is not None else None
    names = ModelNames({}, {}, {})
    return Gathered(spec, ProjectKey(0), picked, found, {}, {}, {}, {}, names, 0)


def work_out(gathered: Gathered, memory: Memory) -> Board:
    """The board: takes a while for many rows, so it is not for the event loop."""
    columns = [_column(one, gathered, memory) for one in gathered.picked]
    models: dict[str, dict[str, Effort]] = {}
    for column in columns:
        for ref, cell in column.cells.items():
            mine = models.setdefault(ref, {})
            if cell.run.id in gathered.efforts:
                mine[cell.run.id] = gathered.efforts[cell.run.id]
    labels = gathered.spec.dynamic.model_labels if gathered.spec.dynamic else {}
    names = gathered.names
    lines = [
        BoardModel(
            ref,
            name_of(ref),
            names.versions.get(ref, ""),
            labels.get(name_of(ref)) or names.labels.get(ref) or name_of(ref),
            names.details.get(ref),
            list(efforts.values()),
        )
        for ref, efforts in models.items()
    ]
    warnings: list[str] = []
    if gathered.run_count >= RUNS:
        warnings.append(f"Only the newest {RUNS:,} runs of the project are looked at.")
    return Board(gathered.spec, columns, lines, gathered.found, warnings)


def _pick(spec: ColumnSpec, runs: Sequence[Run], *, every_version: bool) -> _Picked:
    of_any = any_version(spec.evaluation_ref)
    takes_any = every_version or spec.evaluation_ref == of_any
    near = [run for run in runs if any_version(run.evaluation_ref) == of_any]
    mine = [run for run in near if takes_any or run.evaluation_ref == spec.evaluation_ref]
    grouped = by_model(mine)
    return _Picked(
        spec,
        {ref: run for ref, some in grouped.items() if (run := newest(some)) is not None},
        {ref: len(some) for ref, some in grouped.items()},
        len(near) - len(mine),
    )


def _scores(
    connection: Connection, project: ProjectKey, runs: Sequence[Run], memory: Memory
) -> tuple[dict[str, RunScores], dict[str, RunKey]]:
    """The scores of runs, read once while the runs stay what they are."""
    trials: dict[str, int] = {}
    for some in chunks([run.id for run in runs]):
        wanted = (
            select(CALL.c.parent_id, func.count())
            .where(
                CALL.c.project == project,
                CALL.c.parent_id.in_(some),
                CALL.c.op.in_(PREDICT_AND_SCORE),
            )
            .group_by(CALL.c.parent_id)
        )
        trials.update((row[0], row[1]) for row in connection.execute(wanted))
    keys: dict[str, RunKey] = {
        run.id: (project, run.id, run.ended_at_us or 0, trials.get(run.id, 0)) for run in runs
    }
    found: dict[str, RunScores] = {}
    for run in runs:
        known = memory.scores.get(keys[run.id])
        if known is not None:
            found[run.id] = known
    missing = [run.id for run in runs if run.id not in found and trials.get(run.id)]
    for run in missing:  # one at a time, so that not all rows of all runs are held in full
        for id_, scores in read_scores(connection, project, [run]).items():
            found[id_] = scores
            memory.scores.put(keys[id_], scores)
    return found, keys


def _column(picked: _Picked, gathered: Gathered, memory: Memory) -> BoardColumn:
    spec, place = picked.spec, place_of(picked.spec.scorer, picked.spec.path)
    values: dict[str, Any] = {
        ref: metric(object_in(run.output).get(spec.scorer), spec.path)
        for ref, run in picked.runs.items()
    }
    numbers = {ref: number_in(value) for ref, value in values.items()}
    ranking = None if place is None else _ranking(picked, place, numbers, gathered, memory)
    standings = ranking.standings if ranking is not None else dict[str, Standing]()
    cells = {
        ref: Cell(run, picked.counts[ref], numbers[ref], _text(values[ref]), standings.get(ref))
        for ref, run in picked.runs.items()
    }
    counting = [run for run in picked.runs.values() if run.state == "done"]
    datasets = {
        gathered.datasets[run.evaluation_ref].name
        for run in counting
        if run.evaluation_ref in gathered.datasets
    }
    return BoardColumn(
        replace(spec, label=spec.label or None),
        cells,
        ranking,
        warnings_of(counting, gathered.datasets, ranking),
        next(iter(datasets)) if len(datasets) == 1 else None,
        picked.others,
    )


def _ranking(
    picked: _Picked,
    place: Place,
    numbers: Mapping[str, float | None],
    gathered: Gathered,
    memory: Memory,
) -> Ranking | None:
    """The column's models by their rows, of those whose value is the mean of its rows; worked out once."""
    spec = picked.spec
    told = {
        ref: scores
        for ref, run in picked.runs.items()
        if (number := numbers[ref]) is not None
        and (scores := gathered.scores.get(run.id)) is not None
        and scores.stands_behind(place, number)
    }
    runs = tuple((ref, gathered.keys[picked.runs[ref].id]) for ref in told)
    key: Hashable = (place, spec.minimizes, runs)
    ranking = memory.rankings.get(key)
    if ranking is None and told:
        ranking = rank_rows(told, place, higher_is_better=not spec.minimizes)
        if ranking is not None:
            memory.rankings.put(key, ranking)
    return ranking


def _text(value: Any) -> str | None:
    """A value that is no number, in short."""
    if value is None or number_in(value) is not None:
        return None
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text[:_TEXT_CHARS]
