"""The order of models on a board, in which what the rows cannot tell apart stands on one place."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from weft.evals.statistics.intervals import estimate
from weft.evals.statistics.paired import compare
from weft.evals.statistics.scores import Rows, Scores
from weft.evals.statistics.types import LEVEL, Comparison, Estimate, Place


def rank(
    models: Mapping[str, Rows], *, higher_is_better: bool = True, level: float = LEVEL
) -> list[Place]:
    """The models by their mean, the best first; a rank is lost only to models that are significantly better.

    Every pair is tested on the rows that both have. With many models some pair always looks different, so the
    p-values are corrected for how many there are (Holm 1979, "A simple sequentially rejective multiple test
    procedure"): the chance of any false "better" on the whole board is at most 1 - level.
    """
    known = {name: found for name, rows in models.items() if (found := estimate(rows))}
    return places(known, compare_all(models), higher_is_better=higher_is_better, level=level)


def compare_all(models: Mapping[str, Rows]) -> dict[tuple[str, str], Comparison]:
    """Every pair of models that share a row, the first of the mapping first."""
    told = {name: Scores.of(rows) for name, rows in models.items()}
    return {
        (first, second): comparison
        for first, second in combinations(told, 2)
        if (comparison := compare(told[first], told[second])) is not None
    }


def places(
    known: Mapping[str, Estimate],
    tested: Mapping[tuple[str, str], Comparison],
    *,
    higher_is_better: bool = True,
    level: float = LEVEL,
) -> list[Place]:
    """As `rank`, of what was worked out already: each model's mean, and every pair of them."""
    better = _significant(tested, level, higher_is_better=higher_is_better)
    lost = {name: sum(loser == name for _winner, loser in better) for name in known}
    sign = -1 if higher_is_better else 1
    order = sorted(known, key=lambda name: (lost[name], sign * known[name].mean, name))
    best = order[0] if order else ""
    return [Place(name, known[name], 1 + lost[name], (best, name) not in better) for name in order]


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values corrected for each other, in their own order."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for place, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[index]))
        corrected[index] = highest
    return corrected


def _significant(
    tested: Mapping[tuple[str, str], Comparison], level: float, *, higher_is_better: bool
) -> set[tuple[str, str]]:
    """Pairs of a winner and a loser."""
    corrected = holm([one.p_value for one in tested.values()])
    found: set[tuple[str, str]] = set()
    for ((first, second), one), p_value in zip(tested.items(), corrected, strict=True):
        if p_value <= 1 - level and one.difference != 0.0:
            ahead = (one.difference > 0) == higher_is_better
            found.add((first, second) if ahead else (second, first))
    return found
