"""Which of the calls below a trial is the model's, and which belong to scorers.

Clients do not say it in one way: a model is a `Model` with some method, or a plain op; a scorer is a class, an op, or a
name given to `EvaluationLogger`. Names decide: first exact ones, then likely ones.
"""

from collections.abc import Sequence
from typing import Any

from weft.evals.results.read import seconds
from weft.evals.results.types import Trial

_MODEL_WORDS = ("predict", "invoke", "infer", "forward")


def assign(trial: Trial, children: Sequence[Any], model_ref: str | None) -> None:
    """Fill in what a trial's children tell: the model's call, its seconds and tokens, and the scorers' calls."""
    own = _own_scorers(trial.scores, children)
    scorers = {call.id for call in own.values()}
    predict = predict_among([call for call in children if call.id not in scorers], model_ref)
    if predict is not None:
        trial.predict_id = predict.id
        trial.predict_started_at_us = predict.started_at_us
        took_s = seconds(predict.started_at_us, predict.ended_at_us)
        trial.latency_s = took_s if took_s is not None else trial.latency_s
        if predict.model is not None:
            trial.tokens = predict.input_tokens + predict.output_tokens
    rest = [
        call
        for call in children
        if call.id not in scorers and (predict is None or call.id != predict.id)
    ]
    trial.scorer_ids = {key: call.id for key, call in own.items()}
    trial.scorer_ids.update(_likely(trial.scores, trial.scorer_ids, rest))


def _own_scorers(scores: dict[str, Any], children: Sequence[Any]) -> dict[str, Any]:
    by_op = {call.op: call for call in reversed(children)}
    found: dict[str, Any] = {}
    for key in scores:
        call = by_op.get(key) or by_op.get(f"{key}.score")
        if call is not None:
            found[key] = call
    return found


def predict_among(children: Sequence[Any], model_ref: str | None) -> Any | None:
    """The model's call among those below a trial that are no scorer's by name; None where there is none."""
    for call in children:
        if model_ref is not None and call.op_name == model_ref:
            return call
    likely = [call for call in children if not _is_scorer(call.op)]
    for call in likely:
        if any(word in call.op.lower() for word in _MODEL_WORDS):
            return call
    return likely[0] if likely else None


def _is_scorer(op: str) -> bool:
    name = op.lower()
    return name.endswith(".score") or "scorer" in name


def _likely(scores: dict[str, Any], known: dict[str, str], calls: Sequence[Any]) -> dict[str, str]:
    """Scorers whose op goes by the name of a class, and whose key is a name of its own."""
    keys = [key for key in scores if key not in known]
    left = list(calls)
    found: dict[str, str] = {}
    for key in keys:
        name = key.lower()
        for call in left:
            op = call.op.lower().removesuffix(".score")
            if name in op or op in name:
                found[key] = call.id
                left.remove(call)
                break
    keys = [key for key in keys if key not in found]
    if len(keys) == 1 and len(left) == 1:
        found[keys[0]] = left[0].id
    return found
