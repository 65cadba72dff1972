"""Evaluation runs as leaderboards see them, and which of them counts: for each model the newest that has a value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from weft.evals.leaderboards.results import evaluations
from weft.evals.values import object_in, text_in
from weft.traces.refs import find_ref
from weft.traces.resolving.read import read_ref_values
from weft.traces.types import ProjectKey

RUNS = 5_000
"""The newest of a project that are looked at."""
_REFS = 500


@dataclass(frozen=True, slots=True)
class Run:
    """One evaluation's own call."""

    id: str
    display_name: str | None
    started_at_us: int
    ended_at_us: int | None
    evaluation_ref: str
    model_ref: str
    output: Any
    """The summary; None while it runs, and where it failed."""

    @property
    def evaluation(self) -> str:
        """The evaluation's name, whichever version."""
        return name_of(self.evaluation_ref)

    @property
    def state(self) -> str:
        """`done`, `running` or `failed`."""
        if self.output is not None:
            return "done"
        return "running" if self.ended_at_us is None else "failed"


@dataclass(frozen=True, slots=True)
class Dataset:
    """What an evaluation is run on."""

    name: str
    digest: str


def read_runs(connection: Connection, project: ProjectKey) -> list[Run]:
    """The runs of models that are objects, the oldest first."""
    found: list[Run] = []
    for call, inputs, output in evaluations(connection, project):
        evaluation = text_in(inputs.get("self")) or text_in(inputs.get("this"))
        model = text_in(inputs.get("model"))
        if evaluation is None or model is None or find_ref(model) is None:
            continue
        found.append(
            Run(
                call.id,
                call.display_name,
                call.started_at_us,
                call.ended_at_us,
                evaluation,
                model,
                output,
            )
        )
    return found[-RUNS:]


def name_of(ref: str) -> str:
    """The name of the object that a reference leads to; the text itself where it is none."""
    found = find_ref(ref)
    return found.name if found is not None else ref


def newest(runs: Iterable[Run]) -> Run | None:
    """The run that counts: the newest that is done, else the newest at all."""
    last: Run | None = None
    for run in runs:
        if last is None or run.output is not None or last.output is None:
            last = run
    return last


def by_model(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """Runs by the reference of their model, in their order."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(run.model_ref, []).append(run)
    return found


def read_datasets(
    connection: Connection, project: ProjectKey, name: str, runs: Sequence[Run]
) -> Mapping[str, Dataset]:
    """By the reference of an evaluation, the dataset that its object names; those that name none are left out.

    `name` is the project as clients name it.
    """
    refs = list(dict.fromkeys(run.evaluation_ref for run in runs))
    found: dict[str, Dataset] = {}
    for start in range(0, len(refs), _REFS):
        values = read_ref_values(connection, project, name, refs[start : start + _REFS])
        for ref, value in values.items():
            dataset = find_ref(object_in(value).get("dataset"))
            if dataset is not None:
                found[ref] = Dataset(dataset.name, dataset.digest)
    return found
