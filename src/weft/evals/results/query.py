"""Answers a question about results, on one snapshot of the database."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from weft.evals.results.fields import MEASURES, Picker
from weft.evals.results.fill import fill_children, fill_costs, trials_of
from weft.evals.results.read import (
    chunks,
    read_children,
    read_children_of,
    read_payload,
    read_roots,
    read_rows,
    read_texts,
)
from weft.evals.results.select import asked_fields, in_order, matching
from weft.evals.results.shapes import (
    ROWS,
    EvaluationAnswer,
    EvaluationSummary,
    ResultsAnswer,
    ResultsWire,
    RowAnswer,
    SummaryAnswer,
    TrialAnswer,
)
from weft.evals.results.stats import scorer_stats
from weft.evals.results.types import ResultRow, Root, Trial
from weft.evals.results.warn import warnings_of
from weft.kit.clock import from_us
from weft.traces.costs.book import EMPTY_BOOK, PriceBook
from weft.traces.types import ProjectKey

ResolveRows = Callable[[Connection, ProjectKey, Sequence[str]], Mapping[str, Any]]
"""The rows that references lead to, by the reference; those that lead nowhere are left out."""

NOT_RESOLVED = "Failed to resolve dataset row refs; raw_data_row may contain refs"


def no_rows(_connection: Connection, _project: ProjectKey, _refs: Sequence[str]) -> dict[str, Any]:
    """Where there are no tables to look rows up in."""
    return {}


def find_results(
    connection: Connection,
    project: ProjectKey,
    wire: ResultsWire,
    *,
    book: PriceBook = EMPTY_BOOK,
    resolve: ResolveRows = no_rows,
) -> ResultsAnswer:
    """Rows and summary, as asked.

    Raises:
        InvalidRequest: a filter or a sort field makes no sense.
    """
    roots, fields = wire.roots, asked_fields(wire)
    known = read_roots(connection, project, roots) if roots else {}
    picker = Picker(fields)
    rows = (
        read_rows(connection, project, list(known), picker.pick if picker.is_needed else None)
        if known
        else {}
    )
    if picker.inputs:
        _fill_inputs(connection, project, rows, picker, resolve)
    needs_all = wire.include_summary or not fields.isdisjoint(MEASURES)
    if wire.include_predict_and_score_children and rows and needs_all:
        fill_children(rows.values(), known, read_children(connection, project, list(known)))
        if wire.include_costs:
            fill_costs(connection, project, rows.values(), book)
    warnings = warnings_of(rows.values(), roots, known)
    page: list[RowAnswer] = []
    total = 0
    if wire.include_rows:
        chosen = matching(rows.values(), wire)
        if wire.require_intersection:
            chosen = [row for row in chosen if row.is_in_all(roots)]
        total = len(chosen)
        start = max(wire.offset, 0)
        limit = ROWS if wire.limit is None else min(max(wire.limit, 0), ROWS)
        shown = in_order(chosen, wire.sort_by or ())[start : start + limit]
        if wire.include_predict_and_score_children and not needs_all:
            ids = [trial.id for trial in trials_of(shown)]
            fill_children(shown, known, read_children_of(connection, project, ids))
            if wire.include_costs:
                fill_costs(connection, project, shown, book)
        page = _answers(connection, project, shown, wire)
        if wire.include_raw_data_rows and wire.resolve_row_refs:
            warnings += _resolve_page(connection, project, shown, page, resolve)
    summary = _summary(list(rows.values()), known, wire) if wire.include_summary else None
    return ResultsAnswer(page, total, summary, warnings)


def _resolved(
    connection: Connection,
    project: ProjectKey,
    rows: Iterable[ResultRow],
    resolve: ResolveRows,
) -> Iterator[tuple[str, Any]]:
    """The rows of a dataset by their references, some read at a time."""
    refs = [row.ref for row in rows if row.ref is not None]
    for chunk in chunks(refs):
        yield from resolve(connection, project, chunk).items()


def _fill_inputs(
    connection: Connection,
    project: ProjectKey,
    rows: Mapping[str, ResultRow],
    picker: Picker,
    resolve: ResolveRows,
) -> None:
    by_ref = {row.ref: row for row in rows.values()}
    for ref, value in _resolved(connection, project, rows.values(), resolve):
        values = picker.of_row(value)
        for trials in by_ref[ref].trials.values():
            for trial in trials:
                trial.values.update(values)


def _answers(
    connection: Connection, project: ProjectKey, rows: Sequence[ResultRow], wire: ResultsWire
) -> list[RowAnswer]:
    trials_shown = trials_of(rows)
    ids = [trial.id for trial in trials_shown]
    texts = read_texts(connection, project, ids)
    predicts = [trial.predict_id for trial in trials_shown if trial.predict_id]
    told = dict(_told(connection, project, [*ids, *predicts]))
    return [
        RowAnswer(
            row.digest,
            texts[row.first.id][0] if wire.include_raw_data_rows else None,
            [
                EvaluationAnswer(root, [_trial(one, texts[one.id][1], told) for one in trials])
                for root in wire.roots
                if (trials := row.trials.get(root))
            ],
        )
        for row in rows
    ]


class _Told(msgspec.Struct):
    """What calls name as theirs: the spans of an agent, and a prediction that an earlier run made."""

    genai_span_ref: Any = None
    predict_call_id: str | None = None


class _Attributes(msgspec.Struct):
    weave: _Told = msgspec.field(default_factory=_Told)


_NOTHING = _Told()


def _trial(trial: Trial, output: msgspec.Raw, told: Mapping[str, _Told]) -> TrialAnswer:
    own = told.get(trial.id, _NOTHING)
    return TrialAnswer(
        trial.id,
        trial.predict_id or own.predict_call_id,
        output,
        trial.scores,
        trial.scorer_ids,
        trial.latency_s,
        trial.tokens,
        trial.cost,
        told.get(trial.predict_id or "", _NOTHING).genai_span_ref or own.genai_span_ref,
    )


def _told(
    connection: Connection, project: ProjectKey, ids: Sequence[str]
) -> Iterator[tuple[str, _Told]]:
    for id_, text in read_payload(connection, project, ids, "attributes"):
        if '"genai_span_ref"' in text or '"predict_call_id"' in text:
            try:
                yield id_, msgspec.json.decode(text, type=_Attributes).weave
            except msgspec.ValidationError:
                continue


def _resolve_page(
    connection: Connection,
    project: ProjectKey,
    rows: Sequence[ResultRow],
    page: Sequence[RowAnswer],
    resolve: ResolveRows,
) -> list[str]:
    resolved = dict(_resolved(connection, project, rows, resolve))
    failed = False
    for row, answer in zip(rows, page, strict=True):
        if row.ref is not None:
            answer.raw_data_row = resolved.get(row.ref, answer.raw_data_row)
            failed = failed or row.ref not in resolved
    return [NOT_RESOLVED] if failed else []


def _summary(
    rows: Sequence[ResultRow], known: Mapping[str, Root], wire: ResultsWire
) -> SummaryAnswer:
    asked = wire.summary_require_intersection
    if wire.require_intersection if asked is None else asked:
        rows = [row for row in rows if row.is_in_all(wire.roots)]
    told = [_evaluation(known[root], rows) for root in wire.roots if root in known]
    return SummaryAnswer(len(rows), told)


def _evaluation(root: Root, rows: Sequence[ResultRow]) -> EvaluationSummary:
    trials = [trial for row in rows for trial in row.trials.get(root.id, ())]
    tokens = [trial.tokens for trial in trials if trial.tokens is not None]
    costs = [trial.cost for trial in trials if trial.cost is not None]
    return EvaluationSummary(
        root.id,
        len(trials),
        scorer_stats(trials),
        evaluation_ref=root.evaluation_ref,
        model_ref=root.model_ref,
        display_name=root.display_name,
        trace_id=root.trace_id,
        started_at=from_us(root.started_at_us).isoformat(),
        predict_total_tokens=sum(tokens) if tokens else None,
        predict_total_cost=sum(costs) if costs else None,
    )
