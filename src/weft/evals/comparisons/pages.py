"""A page of rows: what each run made of them, read anew for the rows that are shown."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from weft.evals.comparisons.figures import Aligned
from weft.evals.comparisons.wire import RowTold, RunTrials, Shown, TrialTold
from weft.evals.results.read import read_texts
from weft.evals.results.types import ResultRow, Trial
from weft.traces.calls.facts import DESCENDANT_ERROR, ERROR
from weft.traces.types import ProjectKey

SHOWN_CHARS = 8_000
"""Of one value; all of it is in the trace."""

ResolveRows = Callable[[Connection, ProjectKey, Sequence[str]], Mapping[str, Any]]


def rows_told(
    connection: Connection,
    project: ProjectKey,
    aligned: Aligned,
    places: Sequence[int],
    resolve: ResolveRows,
) -> list[RowTold]:
    """The rows at these places."""
    digests = [aligned.digests[place] for place in places]
    by_run = {
        run: {
            digest: one.rows[at] for digest in digests if (at := one.places.get(digest)) is not None
        }
        for run, one in aligned.tried.items()
    }
    trials = [
        trial for run, rows in by_run.items() for row in rows.values() for trial in row.trials[run]
    ]
    texts = read_texts(connection, project, [trial.id for trial in trials])
    first = {digest: row for rows in reversed(by_run.values()) for digest, row in rows.items()}
    resolved = resolve(connection, project, [row.ref for row in first.values() if row.ref])
    told: list[RowTold] = []
    for digest in digests:
        row = first[digest]
        runs = [
            _run(aligned, run, rows[digest], texts)
            for run, rows in by_run.items()
            if digest in rows
        ]
        told.append(RowTold(digest=digest, row=_row(row, texts, resolved), runs=runs))
    return told


def _row(
    row: ResultRow,
    texts: Mapping[str, tuple[msgspec.Raw, msgspec.Raw]],
    resolved: Mapping[str, Any],
) -> Shown:
    if row.ref is not None and row.ref in resolved:
        return shown(msgspec.json.encode(resolved[row.ref]))
    return shown(texts[row.first.id][0]) if row.first.id in texts else Shown(value=None, cut=False)


def _run(
    aligned: Aligned,
    run: str,
    row: ResultRow,
    texts: Mapping[str, tuple[msgspec.Raw, msgspec.Raw]],
) -> RunTrials:
    tried = aligned.tried[run]
    at = tried.places[row.digest]
    values = {
        id_: value
        for id_, column in tried.columns.items()
        if (value := float(column.values[at])) == value
    }
    return RunTrials(run=run, trials=[_trial(one, texts) for one in row.trials[run]], values=values)


def _trial(trial: Trial, texts: Mapping[str, tuple[msgspec.Raw, msgspec.Raw]]) -> TrialTold:
    output = texts[trial.id][1] if trial.id in texts else msgspec.Raw(b"null")
    return TrialTold(
        call_id=trial.id,
        predict_call_id=trial.predict_id,
        output=shown(output),
        scores=trial.scores,
        latency_s=trial.latency_s,
        tokens=trial.tokens,
        cost_usd=trial.cost,
        failed=trial.status in {ERROR, DESCENDANT_ERROR},
    )


def shown(raw: msgspec.Raw | bytes) -> Shown:
    """A value, or its beginning as text where it is longer than one reads in a table."""
    text = bytes(raw)
    if len(text) <= SHOWN_CHARS:
        return Shown(value=msgspec.json.decode(text), cut=False)
    value = msgspec.json.decode(text)
    whole = value if isinstance(value, str) else text.decode()
    return Shown(value=whole[:SHOWN_CHARS], cut=True)
