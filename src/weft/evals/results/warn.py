"""What is said beside results that cannot be compared as they stand."""

from collections.abc import Iterable, Sequence

from weft.evals.results.types import ResultRow

_SHOWN = 5


def warnings_of(rows: Iterable[ResultRow], roots: Sequence[str], known: Iterable[str]) -> list[str]:
    """Sentences for people, one for each thing that is not as one would think."""
    rows, known = list(rows), set(known)
    told = [f"There is no evaluation {root[:100]}" for root in roots if root not in known]
    present = [root for root in roots if any(root in row.trials for row in rows)]
    if len(present) < 2:
        return told
    shared = sum(row.is_in_all(present) for row in rows)
    if shared < len(rows):
        told.append(
            f"Dataset inconsistency: {shared} of {len(rows)} rows are in all {len(present)} evaluations"
        )
    keys = [_scorers(rows, root) for root in present]
    partly = sorted({key for some in keys for key in some if not all(key in one for one in keys)})
    if partly:
        shown = ", ".join(partly[:_SHOWN]) + (", ..." if len(partly) > _SHOWN else "")
        told.append(f"Scoring inconsistency: not every evaluation has the scores {shown}")
    return told


def _scorers(rows: Iterable[ResultRow], root: str) -> set[str]:
    return {key for row in rows for trial in row.trials.get(root, ()) for key in trial.scores}
