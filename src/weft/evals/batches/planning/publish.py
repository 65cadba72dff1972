"""Publishes what an evaluation is made of: models, scorers, and the `Evaluation` itself, as the client would."""

from dataclasses import dataclass
from typing import Any

from weft.evals.batches.planning.plan import Plan
from weft.evals.published.nouns import NOUNS, Maker, object_id
from weft.evals.published.shapes import EvaluationWire
from weft.evals.shelf import Shelf
from weft.identity.projects.gate import Visitor

_EVALUATION = next(noun for noun in NOUNS if noun.path == "evaluations")


@dataclass(frozen=True, slots=True)
class Published:
    """References of what was published."""

    evaluation: str
    models: list[str]


async def publish(shelf: Shelf, visitor: Visitor, plan: Plan) -> Published:
    """Publish what is not there yet; the same again is the same version."""
    models: list[str] = []
    for one in plan.models:
        ref = one.model.ref
        if one.value is not None:
            ref = await shelf.publish(visitor, object_id(one.name, "model"), one.value)
        models.append(ref)
    scorers = [await _scorer(shelf, visitor, one.scorer.ref, one.value) for one in plan.scorers]
    wire = EvaluationWire(
        name=plan.wanted.name,
        dataset=plan.wanted.dataset_ref,
        description=plan.wanted.description,
        scorers=scorers,
        trials=plan.wanted.trials,
        evaluation_name=plan.wanted.name,
    )
    id_, value = await _EVALUATION.make(Maker(shelf, visitor), wire)
    return Published(await shelf.publish(visitor, id_, value), models)


async def _scorer(shelf: Shelf, visitor: Visitor, ref: str, value: dict[str, Any] | None) -> str:
    if value is None:
        return ref
    return await shelf.publish(visitor, object_id(str(value["name"]), "scorer"), value)
