"""Where a run's items come from: the rows of a dataset, or the answers of an earlier run. Read some at a time."""

from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from weft.evals.results.children import assign
from weft.evals.results.read import read_children, read_roots, read_rows, read_texts
from weft.evals.results.types import Root, Trial
from weft.evals.runs.definition import Definition
from weft.evals.shelf import Shelf
from weft.evals.values import object_in
from weft.identity.projects.gate import Visitor
from weft.traces.refs import find_ref


@dataclass(frozen=True, slots=True)
class Known:
    """An answer that is there already."""

    output: Any
    predict_id: str | None
    latency_s: float | None


@dataclass(frozen=True, slots=True)
class Item:
    """One row to be tried once; `example` is the row or its reference, as calls name it."""

    example: Any
    row: dict[str, Any]
    known: Known | None = None


class Source(Protocol):
    """Gives items."""

    @property
    def total(self) -> int:
        """How many there are."""
        ...

    async def page(self, start: int, end: int) -> list[Item]:
        """Those from `start` to `end`."""
        ...


@dataclass(frozen=True, slots=True)
class DatasetRows:
    """Every row of an evaluation's dataset, as often as it has trials."""

    shelf: Shelf
    visitor: Visitor
    definition: Definition

    @property
    def total(self) -> int:
        """See `Source.total`."""
        return self.definition.total

    async def page(self, start: int, end: int) -> list[Item]:
        """See `Source.page`."""
        rows = self.definition.rows
        refs = [rows[index % len(rows)] for index in range(start, end)]
        values = await self.shelf.values(self.visitor, list(dict.fromkeys(refs)))
        return [Item(ref, object_in(values.get(ref))) for ref in refs]


@dataclass(frozen=True, slots=True)
class EarlierAnswers:
    """The answers of an earlier run, in the order of their start."""

    shelf: Shelf
    visitor: Visitor
    trials: list[Trial]

    @property
    def total(self) -> int:
        """See `Source.total`."""
        return len(self.trials)

    async def page(self, start: int, end: int) -> list[Item]:
        """See `Source.page`."""
        trials = self.trials[start:end]
        ids = [trial.id for trial in trials]
        texts = await self.shelf.store.read(
            self.visitor.project_id,
            lambda connection, key: read_texts(connection, key, ids),
            empty=dict[str, tuple[msgspec.Raw, msgspec.Raw]](),
        )
        examples = {id_: msgspec.json.decode(text) for id_, (text, _output) in texts.items()}
        refs = [one for one in examples.values() if find_ref(one) is not None]
        values = await self.shelf.values(self.visitor, list(dict.fromkeys(refs)))
        return [
            Item(
                example,
                object_in(values.get(example) if isinstance(example, str) else example),
                Known(msgspec.json.decode(texts[one.id][1]), one.predict_id, one.latency_s),
            )
            for one in trials
            if one.id in examples
            for example in [examples[one.id]]
        ]


async def earlier_answers(
    shelf: Shelf, visitor: Visitor, run_id: str
) -> tuple[Root, EarlierAnswers] | None:
    """An earlier run and its answers; None if there is no such evaluation."""

    def find(connection: Any, key: Any) -> tuple[Root, list[Trial]] | None:
        root = read_roots(connection, key, [run_id]).get(run_id)
        if root is None:
            return None
        rows = read_rows(connection, key, [run_id], None)
        children = read_children(connection, key, [run_id])
        trials = [trial for row in rows.values() for trial in row.trials[run_id]]
        for trial in trials:
            assign(trial, children.get(trial.id, ()), root.model_ref)
        return root, sorted(trials, key=lambda one: (one.started_at_us, one.id))

    found = await shelf.store.read(visitor.project_id, find, empty=None)
    return None if found is None else (found[0], EarlierAnswers(shelf, visitor, found[1]))
