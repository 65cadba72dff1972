"""Scorers that the server may run: a judge, and comparisons that need no code of anybody's.

`LLMAsAJudgeScorer` is the Weave client's; the comparisons are objects of these classes, whose fields are settings:

    ExactMatchScorer    column="expected", ignore_case=False     true or false
    ContainsScorer      column="expected", ignore_case=False     the output holds the column's text
    NumericScorer       column="expected", tolerance=0           {"error": ..., "within": ...}
    ValidJSONScorer                                              {"json_valid": ...}

A scorer that carries an op as its `score` has code, and is refused. `column_map` renames columns, as in the client.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weft.evals.prompts import messages_in
from weft.evals.runs.structured import HasCode, StructuredModel, read_model
from weft.evals.values import object_in, text_in
from weft.kit.errors import Unprocessable
from weft.traces.refs import find_ref

JUDGE = "LLMAsAJudgeScorer"
PLAIN = frozenset({"ExactMatchScorer", "ContainsScorer", "NumericScorer", "ValidJSONScorer"})


@dataclass(frozen=True, slots=True)
class Scorer:
    """One scorer; `model` and `prompt` are a judge's."""

    ref: str
    kind: str
    name: str
    fields: dict[str, Any]
    columns: dict[str, str]
    model: StructuredModel | None = None
    prompt: list[Any] | None = None

    def arguments(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row's columns under the names that the scorer has for them."""
        return {**row, **{mine: row.get(column) for mine, column in self.columns.items()}}

    def compare(self, output: Any, row: Mapping[str, Any]) -> Any:
        """What a comparison comes to.

        Raises:
            Unprocessable: the row has no such column, or no number in it.
        """
        if self.kind == "ValidJSONScorer":
            return {"json_valid": _is_json(output)}
        arguments = self.arguments(row)
        column = text_in(self.fields.get("column")) or "expected"
        if column not in arguments:
            raise Unprocessable(
                f"the row has no column {column[:100]}; it has {', '.join(sorted(row))[:300]}",
                param="column_map",
            )
        target = arguments[column]
        if self.kind == "NumericScorer":
            return _distance(output, target, self.fields.get("tolerance"))
        said, wanted = _text(output), _text(target)
        if self.fields.get("ignore_case"):
            said, wanted = said.casefold(), wanted.casefold()
        return said.strip() == wanted.strip() if self.kind == "ExactMatchScorer" else wanted in said


def read_scorer(value: Any, ref: str = "", *, prompt: Any = None, model: Any = None) -> Scorer:
    """The scorer that an object describes; `prompt` and `model` are what its references led to.

    Raises:
        HasCode: it has code.
        Unprocessable: its settings make no sense.
    """
    fields = object_in(value)
    kind = text_in(fields.get("_class_name")) or "an op"
    if kind != JUDGE and (kind not in PLAIN or "score" in fields):
        raise HasCode(f"the scorer {kind}")
    found = find_ref(ref)
    name = text_in(fields.get("name")) or (found.name if found else "") or kind
    columns = {k: v for k, v in object_in(fields.get("column_map")).items() if isinstance(v, str)}
    if kind != JUDGE:
        return Scorer(ref, kind, name, fields, columns)
    told: Any = prompt if prompt is not None else fields.get("scoring_prompt")
    messages = [{"role": "user", "content": told}] if isinstance(told, str) else messages_in(told)
    inner = read_model(model if model is not None else fields.get("model"))
    return Scorer(ref, kind, name, fields, columns, inner, messages)


def _is_json(output: Any) -> bool:
    if not isinstance(output, str):
        return True
    try:
        json.loads(output)
    except (ValueError, RecursionError):
        return False
    return True


def _distance(output: Any, target: Any, tolerance: Any) -> dict[str, Any]:
    try:
        error = abs(float(output) - float(target))
        within = error <= float(tolerance or 0)
    except (TypeError, ValueError, OverflowError) as bad:
        raise Unprocessable(
            f"{str(output)[:100]!r} and {str(target)[:100]!r} are no two numbers"
        ) from bad
    return {"error": error, "within": within}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
