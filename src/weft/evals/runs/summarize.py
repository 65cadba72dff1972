"""What an evaluation's rows come to, in the shape that the Weave client's `auto_summarize` gives.

Numbers have a mean, truth values a count and a share, objects are summed up field by field; everything else says
nothing. A row without a score (an empty object) counts in shares, and not in means.
"""

from collections.abc import Sequence
from typing import Any

from weft.evals.values import object_in


def summarize(rows: Sequence[Any]) -> dict[str, Any] | None:
    """The summary of one column; None where it says nothing."""
    scored: list[Any] = [row for row in rows if row != {}]
    return _summary(scored, len(rows) - len(scored))


def _summary(values: Sequence[Any], unscored: int) -> dict[str, Any] | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    first = known[0]
    if isinstance(first, bool):
        true_count = sum(bool(value) for value in known)
        return {"true_count": true_count, "true_fraction": true_count / (len(known) + unscored)}
    if isinstance(first, int | float):
        numbers = [value for value in known if isinstance(value, int | float)]
        return {"mean": sum(numbers) / len(numbers)}
    if not isinstance(first, dict):
        return None
    fields = [object_in(value) for value in known]
    summed: dict[str, Any] = {}
    for key in dict.fromkeys(key for one in fields for key in one):
        part = _summary([one.get(key) for one in fields], unscored)
        if part is not None:
            summed.update(part if key in part else {key: part})
    return summed or None
