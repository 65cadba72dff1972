"""What an evaluation is going to ask, worked out from what is wanted, before anything is published or asked."""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from weft.evals.batches.planning.scorers import value_for
from weft.evals.batches.planning.templates import client_template, place_of, places_of
from weft.evals.batches.wire import EvalModel, EvalScorer, EvalWanted
from weft.evals.playground.saved import value_of
from weft.evals.playground.wire import NAME_CHARS, SavedWanted
from weft.evals.published.nouns import object_id
from weft.evals.runs.definition import RUNS, read_rows, read_scorers
from weft.evals.runs.score import key_of
from weft.evals.runs.scorers import Scorer, read_scorer
from weft.evals.runs.structured import StructuredModel, read_model
from weft.evals.shelf import Shelf
from weft.evals.values import object_in
from weft.identity.projects.gate import Visitor
from weft.kit.errors import Unprocessable
from weft.traces.refs import parse_ref

USER_INPUT = "user_input"
"""The column that the client's models are asked with, without any template."""
INPUTS = (USER_INPUT, "input", "question", "prompt")
"""Columns that are taken for the question where nobody names one."""


class BadEvaluation(Unprocessable):
    """What is wanted does not go together."""

    code = "bad_evaluation"
    remedy = "change what the message names, and ask again"


@dataclass(frozen=True, slots=True)
class PlannedModel:
    """A model; `value` is what is published of it, None where it is published already."""

    name: str
    model: StructuredModel
    value: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class PlannedScorer:
    """A scorer; `value` as for models."""

    scorer: Scorer
    value: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Plan:
    """All that an evaluation asks."""

    wanted: EvalWanted
    rows: list[str]
    """References of the dataset's rows."""
    models: list[PlannedModel]
    scorers: list[PlannedScorer]

    @property
    def judges(self) -> list[Scorer]:
        """The scorers that ask a model."""
        return [one.scorer for one in self.scorers if one.scorer.model is not None]

    @property
    def judge_models(self) -> list[str]:
        """Whom the judges ask."""
        return [one.model.model for one in self.judges if one.model is not None]

    @property
    def items(self) -> int:
        """How often each model is asked."""
        return len(self.rows) * self.wanted.trials

    @property
    def questions(self) -> int:
        """To models and judges."""
        return self.items * len(self.models) * (1 + len(self.judges))


async def make_plan(shelf: Shelf, visitor: Visitor, wanted: EvalWanted) -> Plan:
    """What `wanted` comes to.

    Raises:
        WeftError: something is not there, has code, or does not go together; it says what.
    """
    rows = await read_rows(shelf, visitor, wanted.dataset_ref)
    if not rows:
        raise BadEvaluation("the dataset has no rows", param="dataset_ref")
    if len(rows) * wanted.trials > RUNS:
        raise BadEvaluation(f"an evaluation has at most {RUNS} rows x trials", param="dataset_ref")
    fields = list(object_in(await shelf.value(visitor, rows[0])))
    asked = _asked(wanted, fields)
    models = [await _model(shelf, visitor, one, asked, fields) for one in wanted.models]
    scorers = [await _scorer(shelf, visitor, one, asked, fields) for one in wanted.scorers]
    _refuse_doubles("model", [one.name for one in models])
    _refuse_doubles("scorer", [key_of(one.scorer) for one in scorers])
    _refuse_datasets_name(wanted)
    return Plan(wanted, rows, models, scorers)


def subject_of(model: StructuredModel, prompt: object = None) -> str:
    """What is asked, model and settings, as a digest; `prompt` is a judge's."""
    told = [
        model.model,
        model.template,
        model.prompt,
        model.params,
        model.response_format,
        model.json_schema,
        prompt,
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def subject_of_judge(scorer: Scorer) -> str:
    """The same of a judge."""
    assert scorer.model is not None
    return subject_of(scorer.model, [scorer.prompt, scorer.columns])


def _refuse_datasets_name(wanted: EvalWanted) -> None:
    """An object has one history: an evaluation of its dataset's name would become the dataset's next version."""
    name = object_id(wanted.name, "")
    if name == parse_ref(wanted.dataset_ref).name:
        raise BadEvaluation(
            f"the dataset is called {name}, and the evaluation would become its next version",
            param="name",
            remedy=f"Give the evaluation another name, such as {name}-eval.",
        )


def _asked(wanted: EvalWanted, fields: list[str]) -> str:
    """The template of the question, in the client's form."""
    places = places_of(fields)
    if wanted.input.template is not None:
        asked = client_template(wanted.input.template, places)
    else:
        field = wanted.input.field or next((one for one in INPUTS if one in fields), None)
        if field is None or field not in fields:
            raise BadEvaluation(
                f"the dataset's rows have no field {field or 'that looks like a question'};"
                f" they have: {', '.join(sorted(fields))[:500]}",
                param="input",
                remedy="Say which field the models are asked with.",
            )
        asked = place_of(field)
    if USER_INPUT in fields and asked != place_of(USER_INPUT):
        raise BadEvaluation(
            f"the dataset has a field {USER_INPUT}, which every model is asked with by itself",
            param="input",
            remedy=f"Choose {USER_INPUT} as the input, or give the field another name.",
        )
    return asked


async def _model(
    shelf: Shelf, visitor: Visitor, wanted: EvalModel, asked: str, fields: list[str]
) -> PlannedModel:
    if wanted.ref is not None:
        value = object_in(await shelf.value(visitor, wanted.ref))
        model = read_model(value, wanted.ref)
        if asked == place_of(USER_INPUT) or _names_a_field(model.template, fields):
            return PlannedModel(model.name, model, None)
        params = object_in(value.get("default_params"))
        template = [*model.template, {"role": "user", "content": asked}]
        value = {**value, "default_params": {**params, "messages_template": template}}
        name = f"{model.name} {_short(asked)}"[:NAME_CHARS]
        value["name"] = name
        return PlannedModel(name, replace(read_model(value), name=name), value)
    template: list[dict[str, Any]] = list(wanted.params.messages_template)
    if wanted.system:
        system = client_template(wanted.system, places_of(fields))
        template.insert(0, {"role": "system", "content": system})
    if asked != place_of(USER_INPUT) and not _names_a_field(template, fields):
        template.append({"role": "user", "content": asked})
    params = wanted.params.model_copy(update={"messages_template": template})
    name = wanted.name or (wanted.model or "").rpartition("/")[2]
    saved = SavedWanted(
        name=name[:NAME_CHARS], llm_model_id=wanted.model or "", default_params=params
    )
    value = value_of(saved)
    return PlannedModel(name, read_model(value), value)


async def _scorer(
    shelf: Shelf, visitor: Visitor, wanted: EvalScorer, asked: str, fields: list[str]
) -> PlannedScorer:
    if wanted.ref is not None:
        [scorer] = await read_scorers(shelf, visitor, [wanted.ref])
        return PlannedScorer(scorer, None)
    needs_target = wanted.kind in {"exact", "contains", "numeric"} or (
        wanted.kind == "regex" and wanted.pattern is None
    )
    if needs_target and wanted.target_field not in fields:
        raise BadEvaluation(
            f"the dataset's rows have no field {wanted.target_field[:100]};"
            f" they have: {', '.join(sorted(fields))[:500]}",
            param="scorers",
            remedy="Say as target_field which one holds what is expected.",
        )
    value = value_for(wanted, asked, places_of(fields))
    return PlannedScorer(read_scorer(value), value)


def _names_a_field(template: list[Any], fields: list[str]) -> bool:
    text = json.dumps(template)
    return any(f"{{{field}}}" in text for field in fields)


def _short(asked: str) -> str:
    return f"asked {asked}" if len(asked) <= 40 else "asked otherwise"


def _refuse_doubles(what: str, names: list[str]) -> None:
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise BadEvaluation(
            f"two {what}s are called {double[:100]}",
            param=f"{what}s",
            remedy="Give each a name of its own.",
        )
