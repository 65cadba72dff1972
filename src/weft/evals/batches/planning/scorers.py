"""The objects of new scorers: a class's name and its settings, never code."""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from weft.evals.batches.planning.templates import client_template, place_of
from weft.evals.batches.wire import EvalJudge, EvalScorer
from weft.evals.playground.saved import value_of
from weft.evals.playground.wire import SavedWanted
from weft.evals.runs.scorers import JUDGE
from weft.kit.errors import Unprocessable

CLASSES = {
    "exact": "ExactMatchScorer",
    "contains": "ContainsScorer",
    "regex": "RegexScorer",
    "json_schema": "JSONSchemaScorer",
    "numeric": "NumericScorer",
    "judge": JUDGE,
}
BASES = ["Scorer", "Object", "BaseModel"]
VERDICTS = {
    "pass_fail": (
        'Answer with a JSON object and nothing else: {"passed": true or false, "reason": "..."}'
    ),
    "score": (
        'Answer with a JSON object and nothing else: {"score": a number from 0 to 1, "reason":'
        ' "..."}'
    ),
}
REASON_CHARS = 300
_REASON: dict[str, JsonValue] = {"type": "string", "maxLength": REASON_CHARS}
SCHEMAS: dict[str, dict[str, JsonValue]] = {
    "pass_fail": {
        "name": "verdict",
        "schema": {
            "type": "object",
            "properties": {"passed": {"type": "boolean"}, "reason": _REASON},
            "required": ["passed", "reason"],
            "additionalProperties": False,
        },
    },
    "score": {
        "name": "verdict",
        "schema": {
            "type": "object",
            "properties": {
                "score": {"type": "number", "minimum": 0, "maximum": 1},
                "reason": _REASON,
            },
            "required": ["score", "reason"],
            "additionalProperties": False,
        },
    },
}
"""What holds a judge to its verdict, as far as its engine can; the client asks for any JSON object."""
JUDGE_TOKENS = 256
"""The longest verdict, where nobody says how long it may be."""


def value_for(wanted: EvalScorer, asked: str, places: Mapping[str, str]) -> dict[str, Any]:
    """A new scorer's object; `asked` is the template of the question, `places` what a template may name.

    Raises:
        BadTemplate: a judge's template names what no row has.
        Unprocessable: an option that its kind needs is missing.
    """
    assert wanted.kind is not None
    name = wanted.name or wanted.kind
    head = {
        "_type": CLASSES[wanted.kind],
        "_class_name": CLASSES[wanted.kind],
        "_bases": BASES,
        "name": name,
        "description": None,
        "column_map": None,
    }
    match wanted.kind:
        case "judge":
            assert wanted.judge is not None
            return {**head, **_judge(name, wanted.judge, wanted.target_field, asked, places)}
        case "json_schema":
            return {**head, "json_schema": wanted.json_schema}
        case "numeric":
            tolerance = wanted.tolerance
            return {
                **head,
                "column": wanted.target_field,
                "tolerance": tolerance.absolute,
                "relative_tolerance": tolerance.relative,
            }
        case "regex":
            return {
                **head,
                "column": wanted.target_field,
                "pattern": wanted.pattern,
                "ignore_case": wanted.case_insensitive,
            }
        case _:
            return {
                **head,
                "column": wanted.target_field,
                "ignore_case": wanted.case_insensitive,
            }


def _judge(
    name: str, judge: EvalJudge, target: str, asked: str, places: Mapping[str, str]
) -> dict[str, Any]:
    """The fields of the client's own `LLMAsAJudgeScorer`."""
    known = {**places, "input": asked, "output": "{output}"}
    if target in places:
        known["target"] = place_of(target)
    prompt = client_template(f"{judge.template}\n\n{VERDICTS[judge.answer]}", known)
    if "{output}" not in prompt:
        raise Unprocessable(
            f"the template of the judge {name} does not name {{{{output}}}}, so it would judge nothing",
            param="judge.template",
        )
    params = judge.params.model_copy(
        update={
            "response_format": "json_object",
            "response_format_schema": SCHEMAS[judge.answer],
            "max_tokens": judge.params.max_tokens or JUDGE_TOKENS,
            "messages_template": [{"role": "system", "content": judge.system}]
            if judge.system
            else [],
        }
    )
    model = SavedWanted(name=f"{name} judge"[:128], llm_model_id=judge.model, default_params=params)
    return {"model": value_of(model), "scoring_prompt": prompt, "verdict": judge.answer}
