"""What is said beside a comparison that does not hold as it stands. Pure."""

from collections.abc import Mapping, Sequence

from weft.evals.comparisons.figures import Aligned
from weft.evals.comparisons.wire import RunStatus, RunTold, Warned

_SHOWN = 5


def warnings_of(aligned: Aligned, runs: Mapping[str, RunTold]) -> list[Warned]:
    """Sentences for people, one for each thing."""
    told: list[Warned] = []
    if len(runs) > 1:
        told += [*_dataset(aligned, runs), *_scoring(aligned), *_trials(aligned)]
    running = [one.name for one in runs.values() if one.status is RunStatus.RUNNING]
    if running:
        text = f"{_listed(running)} still run: their figures are of the rows so far."
        told.append(Warned(about="running", title="Not all runs have ended", text=text))
    failed = [
        f"{runs[run].name} ({count})"
        for run, one in aligned.tried.items()
        if (count := int(one.failed.sum()))
    ]
    if failed:
        text = f"Rows in which something raised an exception: {_listed(failed)}. Their missing scores are in no mean."
        told.append(Warned(about="failed", title="Some rows failed", text=text))
    return told


def _dataset(aligned: Aligned, runs: Mapping[str, RunTold]) -> list[Warned]:
    shared, every = aligned.shared, len(aligned.digests)
    names = dict.fromkeys(one.dataset.ref for one in runs.values() if one.dataset is not None)
    if shared == every and len(names) <= 1:
        return []
    if shared == every:
        text = (
            "The runs name different versions of datasets, with the same rows: all can be paired."
        )
    else:
        text = (
            f"{shared:,} of {every:,} rows are in all {len(runs)} runs. Tests pair the rows that two runs share; "
            "means are of each run's own rows."
        )
    return [Warned(about="dataset", title="Dataset inconsistency detected", text=text)]


def _scoring(aligned: Aligned) -> list[Warned]:
    scored = {
        run: {
            metric.id: metric.label for metric in one.metrics.values() if metric.scorer is not None
        }
        for run, one in aligned.tried.items()
        if one.trial_count
    }
    partly = dict.fromkeys(
        label
        for some in scored.values()
        for id_, label in some.items()
        if not all(id_ in one for one in scored.values())
    )
    if not partly:
        return []
    text = f"Not every run has these scores: {_listed(list(partly))}."
    return [Warned(about="scoring", title="Scoring inconsistency detected", text=text)]


def _trials(aligned: Aligned) -> list[Warned]:
    each = {run: one.trial_count / len(one.rows) for run, one in aligned.tried.items() if one.rows}
    if len({round(count, 6) for count in each.values()}) <= 1:
        return []
    told = ", ".join(f"{count:.3g}" for count in each.values())
    text = f"Trials of a row: {told}. They are averaged by row before rows are compared."
    return [Warned(about="trials", title="Different numbers of trials", text=text)]


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
