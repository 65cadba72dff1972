"""What all trials of an evaluation say together, for each place of each scorer's answers."""

from collections.abc import Iterable, Iterator
from typing import Any

from weft.evals.results.shapes import ScorerStat
from weft.evals.results.types import Trial

PLACES = 500
"""Of all scorers of an evaluation; more are left out: a scorer that answers with a document is no measure."""
_DEPTH = 8


def scorer_stats(trials: Iterable[Trial]) -> list[ScorerStat]:
    """One figure for each place in the scores, in the order in which they were first seen.

    Booleans are passes, numbers are averaged, texts are only counted; lists and nulls say nothing. A place that holds
    both booleans and numbers is taken for numbers, and counted as both.
    """
    found: dict[tuple[str, str | None], ScorerStat] = {}
    sums: dict[tuple[str, str | None], float] = {}
    count = 0
    for trial in trials:
        count += 1
        for key, score in trial.scores.items():
            for path, value in leaves(score):
                place = (key, path)
                stat = found.get(place)
                if stat is None:
                    if len(found) == PLACES:
                        continue
                    stat = found[place] = ScorerStat(key, path)
                    sums[place] = 0.0
                sums[place] += _note(stat, value)
    for place, stat in found.items():
        stat.trial_count = count
        if stat.numeric_count:
            stat.numeric_mean = sums[place] / stat.numeric_count
        if stat.pass_known_count:
            stat.pass_rate = stat.pass_true_count / stat.pass_known_count
            stat.pass_signal_coverage = stat.pass_known_count / count
    return list(found.values())


def leaves(score: Any, path: str | None = None, depth: int = 0) -> Iterator[tuple[str | None, Any]]:
    """The values in a score, with their places in it."""
    if isinstance(score, bool | int | float | str):
        yield path, score
    elif isinstance(score, dict) and depth < _DEPTH:
        for key, part in score.items():  # pyright: ignore[reportUnknownVariableType]
            yield from leaves(part, f"{path}.{key}" if path else str(key), depth + 1)  # pyright: ignore[reportUnknownArgumentType]


def _note(stat: ScorerStat, value: Any) -> float:
    """Count one value; what it adds to the sum."""
    if isinstance(value, bool):
        stat.value_type = stat.value_type or "binary"
        stat.pass_known_count += 1
        stat.pass_true_count += value
        return 0.0
    if isinstance(value, str):
        stat.value_type = stat.value_type or "text"
        return 0.0
    stat.value_type = "continuous"
    stat.numeric_count += 1
    return float(value)
