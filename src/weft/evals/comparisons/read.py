"""Reads runs and holds them against each other, on one snapshot of the database.

All of it is for threads beside the event loop, and for commands: nothing here waits for anything but the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from weft.evals.calls import now_us
from weft.evals.comparisons.choose import chosen_rows
from weft.evals.comparisons.figures import Aligned, estimate_told, figures_of
from weft.evals.comparisons.lately import Lately
from weft.evals.comparisons.listed import Lister, Usernames
from weft.evals.comparisons.means import Means
from weft.evals.comparisons.metrics import COST, TOKENS
from weft.evals.comparisons.pages import rows_told
from weft.evals.comparisons.store import count_runs, list_ids, read_progress, read_runs
from weft.evals.comparisons.tried import Tried, all_metrics, check_sum, tried_of
from weft.evals.comparisons.warn import warnings_of
from weft.evals.comparisons.wire import (
    ComparisonTold,
    RowPage,
    RowsAsked,
    RunCompared,
    RunList,
    RunMeans,
    RunTold,
)
from weft.evals.results.fill import fill_children, fill_costs
from weft.evals.results.read import read_children, read_roots, read_rows
from weft.evals.values import list_in, object_in
from weft.kit.errors import InvalidRequest, NotFound
from weft.kit.money import NUSD_PER_USD
from weft.traces.costs.book import EMPTY_BOOK, PriceBook
from weft.traces.resolving.read import read_ref_values
from weft.traces.types import ProjectKey

TRIALS = 400_000
"""Of one comparison: what fits into memory, and is answered while somebody waits."""
PROPERTIES = 60
_PROPERTY_CHARS = 2_000
_DEPTH = 5


class NoSuchRun(NotFound):
    """There is no run of an evaluation with this id in the project."""

    code = "evaluation_run_not_found"
    remedy = "Run ids are those of `Evaluation.evaluate` calls: see the list of evaluations."

    def __init__(self, id_: str) -> None:
        super().__init__(f"there is no evaluation run {id_[:100]} in this project", param="runs")


class TooManyTrials(InvalidRequest):
    """The runs have more trials than are compared at once."""

    code = "too_many_trials"
    remedy = "Compare fewer runs at a time."

    def __init__(self) -> None:
        super().__init__(f"the runs have more than {TRIALS:,} trials together", param="runs")


@dataclass(frozen=True, slots=True)
class Ground:
    """Where runs are looked for."""

    project_id: str
    """Identity's."""
    name: str
    """`team/project`."""


@dataclass(frozen=True, slots=True)
class RunReader:
    """Reads runs of any project."""

    book: PriceBook = EMPTY_BOOK
    usernames: Usernames = lambda _ids: {}
    lately: Lately = field(default_factory=Lately)
    means: Means = field(default_factory=Means)

    def runs(self, connection: Connection, key: ProjectKey, on: Ground, limit: int) -> RunList:
        """The newest runs."""
        calls = list(read_runs(connection, key, limit=limit))
        total = len(calls) if len(calls) < limit else count_runs(connection, key)
        return RunList(runs=self._lister(on).told(connection, key, calls), total=total)

    def estimates(
        self, connection: Connection, key: ProjectKey, on: Ground, limit: int
    ) -> RunMeans:
        """The means of the newest runs with their intervals, of as many as are read at a time."""
        found, left = self.means.of(
            connection, key, on.project_id, list_ids(connection, key, limit)
        )
        means = {
            run: {metric: estimate_told(one) for metric, one in estimates.items()}
            for run, estimates in found.items()
        }
        return RunMeans(means=means, left=left)

    def compare(
        self,
        connection: Connection,
        key: ProjectKey,
        on: Ground,
        ids: Sequence[str],
        *,
        baseline: str | None = None,
        turned: Sequence[str] = (),
    ) -> ComparisonTold:
        """Runs held against `baseline`, or the first of them; `turned` are metrics whose name misleads.

        Raises:
            NoSuchRun: there is none with one of the ids.
            InvalidRequest: the baseline is none of the runs.
            TooManyTrials: they are too large.
        """
        chosen = list(dict.fromkeys(ids))
        base = _baseline(chosen, baseline)
        calls = {one.id: one for one in read_runs(connection, key, ids=chosen, limit=len(chosen))}
        for id_ in chosen:
            if id_ not in calls:
                raise NoSuchRun(id_)
        told = self._lister(on).told(connection, key, [calls[id_] for id_ in chosen])
        runs = {one.id: one for one in told}
        aligned = Aligned.of(self._tried(connection, key, on, chosen), base)
        refs = [one.model.ref for one in told if one.model]
        models = read_ref_values(connection, key, on.name, refs)
        return ComparisonTold(
            baseline=base,
            runs=[
                _compared(run, aligned.tried[id_], models.get(run.model.ref if run.model else ""))
                for id_, run in runs.items()
            ],
            metrics=[
                figures_of(aligned, metric, base, turned=metric.id in turned)
                for metric in all_metrics(aligned.tried)
            ],
            rows=len(aligned.digests),
            shared_rows=aligned.shared,
            warnings=warnings_of(aligned, runs),
        )

    def rows(
        self, connection: Connection, key: ProjectKey, on: Ground, asked: RowsAsked
    ) -> RowPage:
        """A page of the rows of runs.

        Raises:
            NoSuchRun: there is none with one of the ids.
            InvalidRequest: it names a metric or run that there is not.
            TooManyTrials: they are too large.
        """
        chosen = list(dict.fromkeys(asked.runs))
        base = _baseline(chosen, asked.baseline)
        aligned = Aligned.of(self._tried(connection, key, on, chosen), base)
        places = chosen_rows(aligned, asked, base)
        shown = places[asked.offset : asked.offset + asked.limit]

        def resolve(c: Connection, k: ProjectKey, refs: Sequence[str]) -> Mapping[str, Any]:
            return read_ref_values(c, k, on.name, refs)

        rows = rows_told(connection, key, aligned, shown, resolve)
        return RowPage(rows=rows, total=len(places), all_rows=len(aligned.digests))

    def _lister(self, on: Ground) -> Lister:
        return Lister(on.name, self.book, self.usernames)

    def _tried(
        self, connection: Connection, key: ProjectKey, on: Ground, ids: Sequence[str]
    ) -> dict[str, Tried]:
        far = read_progress(connection, key, ids, now_us())
        if sum(one.begun for one in far.values()) > TRIALS:
            raise TooManyTrials
        found: dict[str, Tried] = {}
        for id_ in ids:
            tried = self.lately.find(on.project_id, id_, far[id_])
            if tried is None:
                tried = self._read(connection, key, id_)
                self.lately.keep(on.project_id, id_, far[id_], tried)
            found[id_] = tried
        return found

    def _read(self, connection: Connection, key: ProjectKey, id_: str) -> Tried:
        roots = read_roots(connection, key, [id_])
        if id_ not in roots:
            raise NoSuchRun(id_)
        rows = read_rows(connection, key, [id_], check_sum)
        fill_children(rows.values(), roots, read_children(connection, key, [id_]))
        fill_costs(connection, key, rows.values(), self.book)
        return tried_of(roots[id_], rows.values())


def _compared(run: RunTold, tried: Tried, model: object) -> RunCompared:
    tokens, cost = tried.total(TOKENS), tried.total(COST)
    return RunCompared(
        run=run,
        rows=len(tried.rows),
        trials=tried.trial_count,
        failed_rows=int(tried.failed.sum()),
        model_tokens=int(tokens) if tokens is not None else None,
        model_cost_nusd=str(round(cost * NUSD_PER_USD)) if cost is not None else None,
        properties=properties_of(model),
    )


def properties_of(model: object) -> dict[str, Any]:
    """The settings of a model's object, one for each value in it, by its place; the client's own marks left out."""
    found: dict[str, Any] = {}

    def walk(value: Any, path: tuple[str, ...]) -> None:
        if len(found) >= PROPERTIES or len(path) > _DEPTH:
            return
        if isinstance(value, dict):
            for key, part in object_in(value).items():
                if not key.startswith("_"):
                    walk(part, (*path, key))
        elif isinstance(value, list):
            for place, part in enumerate(list_in(value)):
                walk(part, (*path, str(place)))
        elif path and value is not None:
            found[".".join(path)] = value[:_PROPERTY_CHARS] if isinstance(value, str) else value

    walk(model, ())
    return found


def _baseline(ids: Sequence[str], baseline: str | None) -> str:
    if baseline is not None and baseline not in ids:
        raise InvalidRequest("the baseline is none of the runs", param="baseline")
    return baseline or ids[0]
