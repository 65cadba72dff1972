"""Scorers that the server may run: a judge, and comparisons that need no code of anybody's.

`LLMAsAJudgeScorer` is the Weave client's; the comparisons are objects of these classes, whose fields are settings:

    ExactMatchScorer    column="expected", ignore_case=False     true or false
    ContainsScorer      column="expected", ignore_case=False     the output holds the column's text
    NumericScorer       column="expected", tolerance=0,          {"error": ..., "within": ...}
                        relative_tolerance=0
    RegexScorer         pattern, or column="expected" holds it,  true or false: found anywhere in the output
                        ignore_case=False
    JSONSchemaScorer    json_schema={...}                        {"json_valid": ..., "fits": ...}
    ValidJSONScorer                                              {"json_valid": ...}
    FailureScorer                                                {"failed": ..., "rate_limited": ..., ...}: what kind of
                                                                 failure the call itself is (`evals.failures`)

A judge that says what kind of verdict it gives (`verdict`: `pass_fail` or `score`) is held to it: `passed` is a truth
value, `score` a number from 0 to 1, or the judgement failed.

A scorer that carries an op as its `score` has code, and is refused. `column_map` renames columns, as in the client.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weft.evals.failures import judged
from weft.evals.patterns import check_pattern, found_in
from weft.evals.prompts import messages_in
from weft.evals.runs.structured import HasCode, StructuredModel, read_model
from weft.evals.values import object_in, text_in
from weft.kit.errors import EngineFailed, Unprocessable
from weft.traces.feedback.json_schema import fits
from weft.traces.refs import find_ref

JUDGE = "LLMAsAJudgeScorer"
FAILURES = "FailureScorer"
EXCEPTION = "$exception"
"""Where a row has the exception of the call that is scored, for `FAILURES`: no input is called so."""
PLAIN = frozenset(
    {
        "ExactMatchScorer",
        "ContainsScorer",
        "NumericScorer",
        "RegexScorer",
        "JSONSchemaScorer",
        "ValidJSONScorer",
        FAILURES,
    }
)
SLOW = frozenset({"RegexScorer", "JSONSchemaScorer"})
"""Those whose work is bounded, but not short."""
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?")
_TEXT_CHARS = 100_000
"""Of an answer in which a number is looked for."""


class BadVerdict(EngineFailed):
    """A judge answered, and not with the verdict that was asked for."""

    code = "bad_verdict"


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
        if self.kind == FAILURES:
            return judged(text_in(row.get(EXCEPTION)))
        if self.kind == "JSONSchemaScorer":
            return _fitting(output, self.fields.get("json_schema"))
        pattern = self.fields.get("pattern") if self.kind == "RegexScorer" else None
        ignore_case = bool(self.fields.get("ignore_case"))
        if isinstance(pattern, str):
            return found_in(pattern, _text(output), ignore_case=ignore_case)
        arguments = self.arguments(row)
        column = text_in(self.fields.get("column")) or "expected"
        if column not in arguments:
            raise Unprocessable(
                f"the row has no column {column[:100]}; it has {', '.join(sorted(row))[:300]}",
                param="column_map",
            )
        target = arguments[column]
        if self.kind == "NumericScorer":
            share = self.fields.get("relative_tolerance")
            return _distance(output, target, self.fields.get("tolerance"), share)
        if self.kind == "RegexScorer":
            return found_in(_text(target), _text(output), ignore_case=ignore_case)
        said, wanted = _text(output), _text(target)
        if ignore_case:
            said, wanted = said.casefold(), wanted.casefold()
        return said.strip() == wanted.strip() if self.kind == "ExactMatchScorer" else wanted in said

    def verdict(self, said: Any) -> Any:
        """What a judge's answer comes to.

        Raises:
            BadVerdict: it was to be a verdict of a certain kind, and is none.
        """
        wanted = self.fields.get("verdict")
        if wanted == "pass_fail" and not isinstance(object_in(said).get("passed"), bool):
            raise BadVerdict(f"the judge did not say whether it passed: {str(said)[:200]}")
        if wanted == "score":
            score = object_in(said).get("score")
            if not isinstance(score, int | float) or isinstance(score, bool) or not 0 <= score <= 1:
                raise BadVerdict(f"the judge gave no score from 0 to 1: {str(said)[:200]}")
        return said


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
    pattern = fields.get("pattern")
    if kind == "RegexScorer" and isinstance(pattern, str):
        check_pattern(pattern)
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


def _fitting(output: Any, schema: Any) -> dict[str, Any]:
    value = output
    if isinstance(output, str):
        try:
            value = json.loads(output)
        except (ValueError, RecursionError):
            return {"json_valid": False, "fits": False}
    return {"json_valid": True, "fits": schema is None or fits(value, schema)}


def _distance(output: Any, target: Any, tolerance: Any, share: Any) -> dict[str, Any]:
    said, wanted = _number(output), _number(target)
    if wanted is None:
        raise Unprocessable(f"{str(target)[:100]!r}, which is expected, is no number")
    if said is None:
        return {"error": None, "within": False}
    error = abs(said - wanted)
    try:
        allowed = max(float(tolerance or 0), float(share or 0) * abs(wanted))
    except (TypeError, ValueError, OverflowError) as bad:
        raise Unprocessable("a tolerance is a number") from bad
    return {"error": error, "within": error <= allowed}


def _number(value: Any) -> float | None:
    """A number, or the last one in a text: models say it at the end. Commas may part thousands."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        found = _NUMBER.findall(value[-_TEXT_CHARS:])
        value = found[-1].replace(",", "") if found else None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
