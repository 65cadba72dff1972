"""What is to be run: an evaluation's dataset, scorers and trials, read from its object."""

from dataclasses import dataclass
from typing import Any

from weft.evals.runs.scorers import Scorer, read_scorer
from weft.evals.runs.structured import HasCode
from weft.evals.shelf import Shelf
from weft.evals.values import list_in, object_in, text_in
from weft.identity.projects.gate import Visitor
from weft.kit.errors import Unprocessable
from weft.traces.refs import PREFIX, find_ref

TRIALS = 100
RUNS = 100_000
"""Rows times trials."""
SCORERS = 50


@dataclass(frozen=True, slots=True)
class Definition:
    """An evaluation."""

    ref: str
    name: str
    rows: list[str]
    """References of the dataset's rows."""
    scorers: list[Scorer]
    trials: int

    @property
    def total(self) -> int:
        """How often a model is asked."""
        return len(self.rows) * self.trials


async def read_definition(shelf: Shelf, visitor: Visitor, ref: str) -> Definition:
    """The evaluation at `ref`.

    Raises:
        WeftError: it is none, something of it is not there, or it has code.
    """
    fields = object_in(await shelf.value(visitor, ref))
    if fields.get("_class_name") != "Evaluation":
        raise Unprocessable("evaluation_ref does not lead to an Evaluation", param="evaluation_ref")
    if fields.get("preprocess_model_input"):
        raise HasCode("the evaluation's preprocess_model_input")
    trials = fields.get("trials") or 1
    if not isinstance(trials, int) or not 1 <= trials <= TRIALS:
        raise Unprocessable(f"trials is 1 to {TRIALS}", param="trials")
    found = find_ref(ref)
    definition = Definition(
        ref,
        text_in(fields.get("evaluation_name")) or (found.name if found else "evaluation"),
        await read_rows(shelf, visitor, fields.get("dataset"), ref),
        await read_scorers(shelf, visitor, list_in(fields.get("scorers"))),
        trials,
    )
    if definition.total > RUNS:
        raise Unprocessable(f"an evaluation on the server has at most {RUNS} rows x trials")
    return definition


async def read_scorers(shelf: Shelf, visitor: Visitor, told: list[Any]) -> list[Scorer]:
    """The scorers of a list of references or objects.

    Raises:
        WeftError: one is not there, or has code.
    """
    if len(told) > SCORERS:
        raise Unprocessable(f"at most {SCORERS} scorers at a time", param="scorers")
    return [await _scorer(shelf, visitor, one) for one in told]


async def _scorer(shelf: Shelf, visitor: Visitor, told: Any) -> Scorer:
    ref = told if isinstance(told, str) else text_in(object_in(told).get("ref")) or ""
    value = await _followed(shelf, visitor, told)
    fields = object_in(value)
    return read_scorer(
        value,
        ref,
        prompt=await _followed(shelf, visitor, fields.get("scoring_prompt")),
        model=await _followed(shelf, visitor, fields.get("model")),
    )


async def read_rows(
    shelf: Shelf, visitor: Visitor, dataset: Any, evaluation: str = ""
) -> list[str]:
    """References of a dataset's rows; one that is no reference stands in the object at `evaluation`.

    Raises:
        WeftError: it is not there, or has no rows.
    """
    fields = object_in(await _followed(shelf, visitor, dataset))
    table = text_in(fields.get("rows"))
    if table is None:
        raise Unprocessable("the evaluation has no dataset with rows", param="dataset")
    digests = await shelf.row_digests(visitor, table)
    base = dataset if isinstance(dataset, str) else f"{evaluation}/attr/dataset"
    return [f"{base}/attr/rows/id/{digest}" for digest in digests]


async def _followed(shelf: Shelf, visitor: Visitor, value: Any) -> Any:
    """What a reference leads to; anything else as it is."""
    if isinstance(value, str) and value.startswith(PREFIX):
        return await shelf.value(visitor, value)
    return value
