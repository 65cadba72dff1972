"""The five kinds of objects: how each is made of what was sent, and how a version of it is told."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from weft.evals.ops import FILE_NAME, op_value
from weft.evals.published.shapes import (
    DatasetWire,
    EvaluationWire,
    ModelWire,
    OpWire,
    ScorerWire,
)
from weft.evals.shelf import Shelf
from weft.evals.values import list_in, object_in, text_in
from weft.identity.projects.gate import Visitor
from weft.kit.clock import to_us
from weft.kit.errors import Unprocessable
from weft.traces.canonical import Scope
from weft.traces.objects.publish import NAME_CHARS
from weft.traces.tables.make import create_table

ROOT = ["Object", "BaseModel"]
TRIALS = 10_000
PLACEHOLDER = """def func(*args, **kwargs):
    ...  # this op was made without code
"""
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")
_OF_MODELS = frozenset({"_type", "_class_name", "_bases", "name", "description", "files"})


@dataclass(frozen=True, slots=True)
class Maker:
    """Somebody who publishes, and where."""

    shelf: Shelf
    visitor: Visitor


Make = Callable[[Maker, Any], Awaitable[tuple[str, dict[str, Any]]]]
"""From what was sent to an object's id and value."""
Tell = Callable[[str, dict[str, Any], Mapping[str, str]], dict[str, Any]]
"""From an object's id, its value and the texts of its files to what is told of it."""


@dataclass(frozen=True, slots=True)
class Noun:
    """One kind of objects."""

    path: str
    shape: type[Any]
    make: Make
    tell: Tell
    base: str | None
    """The class that lists go by; None for ops."""
    ref_name: str | None = None
    """Under what name a new version's reference is answered."""


async def _op(maker: Maker, wire: OpWire) -> tuple[str, dict[str, Any]]:
    digest = await maker.shelf.keep_text(maker.visitor, wire.source_code or PLACEHOLDER)
    return object_id(wire.name, "Op"), op_value(digest)


async def _dataset(maker: Maker, wire: DatasetWire) -> tuple[str, dict[str, Any]]:
    visitor, shelf = maker.visitor, maker.shelf
    scope = Scope(visitor.name, visitor.project_id)
    at_us = to_us(shelf.clock.now())
    digest, _rows = await create_table(shelf.store, scope, wire.rows, None, at_us)
    rows = f"weave:///{visitor.name}/table/{digest}"
    name = wire.name or "Dataset"
    value = {**_head("Dataset", name, wire.description), "rows": rows}
    return object_id(wire.name, "Dataset"), value


async def _scorer(maker: Maker, wire: ScorerWire) -> tuple[str, dict[str, Any]]:
    id_ = object_id(wire.name, "Scorer")
    value = {
        **_head("Scorer", wire.name, wire.description),
        "score": await _code(maker, f"{id_}_score", wire.op_source_code),
        "summarize": await _code(maker, f"{id_}_summarize", PLACEHOLDER),
        "column_map": None,
    }
    return id_, value


async def _evaluation(maker: Maker, wire: EvaluationWire) -> tuple[str, dict[str, Any]]:
    if not 1 <= wire.trials <= TRIALS:
        raise Unprocessable(f"trials is 1 to {TRIALS}", param="trials")
    id_ = object_id(wire.name, "Evaluation")
    value = {
        **(wire.eval_attributes or {}),
        **_head("Evaluation", wire.name, wire.description),
        "dataset": wire.dataset,
        "scorers": wire.scorers or [],
        "trials": wire.trials,
        "evaluation_name": wire.evaluation_name,
        "metadata": wire.eval_attributes,
        "preprocess_model_input": None,
        "evaluate": await _code(maker, f"{id_}.evaluate", PLACEHOLDER),
        "predict_and_score": await _code(maker, f"{id_}.predict_and_score", PLACEHOLDER),
        "summarize": await _code(maker, f"{id_}.summarize", PLACEHOLDER),
    }
    return id_, value


async def _model(maker: Maker, wire: ModelWire) -> tuple[str, dict[str, Any]]:
    digest = await maker.shelf.keep_text(maker.visitor, wire.source_code)
    value = {
        **(wire.attributes or {}),
        **_head("Model", wire.name, wire.description),
        "files": {FILE_NAME: digest},
    }
    return object_id(wire.name, "Model"), value


async def _code(maker: Maker, name: str, source: str) -> str:
    digest = await maker.shelf.keep_text(maker.visitor, source)
    value = op_value(digest)
    return await maker.shelf.publish(maker.visitor, name[:NAME_CHARS], value, is_op=True)


def _head(class_name: str, name: str, description: str | None) -> dict[str, Any]:
    return {
        "_type": class_name,
        "_class_name": class_name,
        "_bases": ROOT,
        "name": name,
        "description": description,
    }


def object_id(name: str | None, otherwise: str) -> str:
    """What an object of this name is called: as the hosted service makes it."""
    if not name:
        return otherwise
    return _NOT_IN_NAMES.sub("_", name).lower()[:NAME_CHARS].strip("_") or otherwise


def _tell_op(_id: str, value: dict[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    return {"code": texts.get(source_digest(value) or "", "")}


def _tell_dataset(id_: str, value: dict[str, Any], _texts: Mapping[str, str]) -> dict[str, Any]:
    return {**_named(id_, value), "rows": text_in(value.get("rows")) or ""}


def _tell_scorer(id_: str, value: dict[str, Any], _texts: Mapping[str, str]) -> dict[str, Any]:
    return {**_named(id_, value), "score_op": text_in(value.get("score")) or ""}


def _tell_evaluation(id_: str, value: dict[str, Any], _texts: Mapping[str, str]) -> dict[str, Any]:
    trials = value.get("trials")
    return {
        **_named(id_, value),
        "dataset": text_in(value.get("dataset")) or "",
        "scorers": [one for one in list_in(value.get("scorers")) if isinstance(one, str)],
        "trials": trials if isinstance(trials, int) else 1,
        "evaluation_name": text_in(value.get("evaluation_name")),
        "evaluate_op": text_in(value.get("evaluate")),
        "predict_and_score_op": text_in(value.get("predict_and_score")),
        "summarize_op": text_in(value.get("summarize")),
    }


def _tell_model(id_: str, value: dict[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    attributes = {name: part for name, part in value.items() if name not in _OF_MODELS}
    return {
        **_named(id_, value),
        "source_code": texts.get(source_digest(value) or "", ""),
        "attributes": attributes or None,
    }


def _named(id_: str, value: dict[str, Any]) -> dict[str, Any]:
    name = text_in(value.get("name")) or id_
    return {"name": name, "description": text_in(value.get("description"))}


def source_digest(value: dict[str, Any]) -> str | None:
    """The digest of the file with an op's or a model's code."""
    return text_in(object_in(value.get("files")).get(FILE_NAME))


NOUNS = (
    Noun("ops", OpWire, _op, _tell_op, None),
    Noun("datasets", DatasetWire, _dataset, _tell_dataset, "Dataset"),
    Noun("scorers", ScorerWire, _scorer, _tell_scorer, "Scorer", "scorer"),
    Noun(
        "evaluations", EvaluationWire, _evaluation, _tell_evaluation, "Evaluation", "evaluation_ref"
    ),
    Noun("models", ModelWire, _model, _tell_model, "Model", "model_ref"),
)
