"""What runs are measured by: each place in each scorer's answers, and the seconds, tokens and cost of the model.

An id is the field's name in results (`results.fields`): `scores.<scorer>[.<path>]`, `model_latency_seconds`,
`total_tokens`, `total_cost`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from weft.evals.results.fields import MEASURES, SCORES

LATENCY, TOKENS, COST = MEASURES


class Kind(StrEnum):
    """How values of a metric are read."""

    PASSES = "passes"
    NUMBER = "number"
    SECONDS = "seconds"
    TOKENS = "tokens"
    USD = "usd"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric."""

    id: str
    label: str
    kind: Kind
    scorer: str | None = None
    path: str | None = None


OF_MODEL = (
    Metric(LATENCY, "Seconds per row", Kind.SECONDS),
    Metric(COST, "Cost per row", Kind.USD),
    Metric(TOKENS, "Tokens per row", Kind.TOKENS),
)

_LOWER = frozenset(
    {
        *(
            "cost",
            "costs",
            "price",
            "latency",
            "seconds",
            "duration",
            "time",
            "tokens",
            "ms",
            "ttft",
        ),
        *("error", "errors", "loss", "distance", "perplexity", "wer", "cer", "mae", "mse", "rmse"),
        *("toxicity", "toxic", "hallucination", "hallucinations", "hallucinated", "violations"),
    }
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def score(scorer: str, path: str | None, kind: Kind = Kind.NUMBER) -> Metric:
    """The metric of a place in a scorer's answers."""
    label = f"{scorer}.{path}" if path else scorer
    return Metric(f"{SCORES}{label}", label, kind, scorer, path)


def is_higher_better(id_: str) -> bool:
    """What is better by a metric's name; whoever knows better turns it."""
    return not any(word.lower() in _LOWER for word in _WORD.findall(id_))
