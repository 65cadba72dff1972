"""From prices, prompts and what was seen before to what a number of questions costs. Pure.

The cost is the questions times the mean of one, each mean as it is best known: prompts are counted by the engine where
it can, output tokens are those of answers seen before. The interval has two parts: how far the mean of the answers that
were seen may be from the true one (Student's t), and how far a sum of so many may be from its own mean.
"""

import math
from dataclasses import dataclass

from weft.evals.batches.estimates.history import Seen
from weft.evals.door import Quote
from weft.evals.providers.types import parse_custom
from weft.evals.statistics.quick import student
from weft.kit.money import TOKENS_PER_MTOK

LEVEL = 0.9
GUESSED_TOKENS = 256
"""How long an answer is taken to be at most, where nothing is known and nobody bounds it."""
UNPRICED = "cost unknown: its provider charges its own prices, and nothing is counted for it here"
ALIKE_MARGIN = 0.3
OTHER_FACTOR = 3.0
"""How far answers to other questions, and a model's answers to anything, are trusted."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompts of some questions, worked out from a sample of them."""

    mean_tokens: float
    is_counted: bool
    most_nusd: int
    """Of all of them together, in the worst case."""
    dearest_nusd: int
    """The worst case of the dearest."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What some questions cost."""

    questions: int
    input_tokens: float
    output_tokens: float
    cost_nusd: float
    low_nusd: float
    high_nusd: float
    seconds: float | None
    """One after the other."""
    output_each: float
    basis: str
    is_measured: bool


def figures(quote: Quote, prompts: Prompts, seen: Seen | None, questions: int) -> Figures:
    """What `questions` questions of one sort are going to cost."""
    longest = quote.output_tokens
    mean, low, high, basis = _output(seen, longest, questions)
    is_measured = seen is not None and seen.is_same
    read = prompts.mean_tokens
    cached = 0.0
    if seen is not None and seen.is_same:
        read, cached = seen.input_tokens, seen.cached_share
    elif seen is not None and seen.is_alike and not prompts.is_counted:
        read = seen.input_tokens
    each = read * ((1 - cached) * quote.input_nusd_per_mtok + cached * quote.cached_nusd_per_mtok)

    def cost(output: float) -> float:
        return questions * (each + output * quote.output_nusd_per_mtok) / TOKENS_PER_MTOK

    where = "counted by its engine" if prompts.is_counted else "guessed from their length"
    if is_measured:
        where = "as long as before"
    if parse_custom(quote.model_id) is not None:
        where += f"; {UNPRICED}"
    return Figures(
        questions=questions,
        input_tokens=questions * read,
        output_tokens=questions * mean,
        cost_nusd=cost(mean),
        low_nusd=cost(low),
        high_nusd=cost(high),
        seconds=questions * seen.duration_s if seen is not None else None,
        output_each=mean,
        basis=f"{basis}; prompts {where}",
        is_measured=is_measured,
    )


def _output(seen: Seen | None, longest: int, questions: int) -> tuple[float, float, float, str]:
    """Output tokens of one question: the mean, where it is with 90 percent, and what that rests on."""
    if seen is None:
        most = min(longest, GUESSED_TOKENS)
        basis = (
            f"a guess: no answer of this model was seen in this project, so half of {most} tokens"
            " is taken; ask some rows first (a pilot) to know better"
        )
        return most / 2, 1.0, float(longest), basis
    mean = min(seen.output_tokens, longest)
    if seen.is_same or seen.is_alike:
        spread = seen.output_spread
        half = (
            student(seen.count - 1, LEVEL)
            * spread
            * math.sqrt(1 / seen.count + 1 / max(questions, 1))
        )
        what = "the same model and settings"
        if seen.is_alike:
            half += ALIKE_MARGIN * mean
            basis = f"{seen.count} answers of {what} to another dataset"
        else:
            basis = f"{seen.count} answers of {what} to this dataset"
        return mean, max(mean - half, 0), min(mean + half, longest), basis
    basis = (
        f"{seen.count} answers of this model in this project to whatever was asked: a guess;"
        " ask some rows first (a pilot) to know better"
    )
    return mean, mean / OTHER_FACTOR, min(mean * OTHER_FACTOR, longest), basis


def together(parts: list[Figures]) -> tuple[float, float, float]:
    """Cost, low and high of independent parts: their deviations add up as squares do."""
    cost = math.fsum(one.cost_nusd for one in parts)
    below = math.sqrt(math.fsum((one.cost_nusd - one.low_nusd) ** 2 for one in parts))
    above = math.sqrt(math.fsum((one.high_nusd - one.cost_nusd) ** 2 for one in parts))
    return cost, max(cost - below, 0), cost + above
