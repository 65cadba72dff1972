"""A leaderboard in the shapes of its routes; also what the command line prints. Pure."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from weft.evals.leaderboards.dynamic import metrics_of
from weft.evals.leaderboards.effort import Effort
from weft.evals.leaderboards.pages.shapes import (
    BoardAnswer,
    BoardHead,
    BoardWire,
    CellAnswer,
    ColumnAnswer,
    ColumnWire,
    DynamicColumnWire,
    DynamicWire,
    EvaluationChoice,
    FoundAnswer,
    FoundColumn,
    MetricChoice,
    ModelAnswer,
    VersionChoice,
)
from weft.evals.leaderboards.runs import Dataset, Run, name_of
from weft.evals.leaderboards.saved import SavedBoard
from weft.evals.leaderboards.types import (
    Board,
    BoardColumn,
    BoardModel,
    Cell,
    ColumnSpec,
    Dynamic,
    DynamicColumn,
    Found,
    Spec,
)
from weft.kit.clock import from_us
from weft.traces.refs import find_ref, object_ref

_METRICS = 500


def spec_of(wire: BoardWire) -> Spec:
    """A definition as it was sent."""
    columns = [
        ColumnSpec(
            one.evaluation_object_ref,
            one.scorer_name,
            one.summary_metric_path,
            one.should_minimize,
        )
        for one in wire.columns
    ]
    told = wire.dynamic
    if told is None:
        return Spec(wire.title, wire.description, columns)
    dynamic = Dynamic(
        told.evaluations,
        told.hidden_models,
        told.hidden_datasets,
        told.hidden_scorers,
        told.model_labels,
        [
            DynamicColumn(
                one.evaluation, one.scorer, one.path, one.label, one.should_minimize, one.hidden
            )
            for one in told.columns
        ],
        told.newest_versions,
    )
    return Spec(wire.title, wire.description, dynamic=dynamic)


def head_of(saved: SavedBoard) -> BoardHead:
    """A leaderboard for a list."""
    spec, version = saved.spec, saved.version
    if spec.dynamic is not None:
        evaluations = list(spec.dynamic.evaluations)
    else:
        evaluations = [name_of(one.evaluation_ref) for one in spec.columns]
    return BoardHead(
        name=version.object_id,
        title=spec.title,
        description=spec.description,
        is_dynamic=spec.dynamic is not None,
        column_count=None if spec.dynamic is not None else len(spec.columns),
        evaluations=list(dict.fromkeys(evaluations)),
        version=version.version_index,
        digest=version.digest,
        created_at=version.created_at,
    )


def answer_of(board: Board, saved: SavedBoard | None, project: str) -> BoardAnswer:
    """A board; `project` is its name as clients have it."""
    version = saved.version if saved is not None else None
    return BoardAnswer(
        name=version.object_id if version else None,
        version=version.version_index if version else None,
        ref=object_ref(project, version.object_id, version.digest) if version else None,
        created_at=version.created_at if version else None,
        definition=_wire(board.spec),
        columns=[_column(one, place) for place, one in enumerate(board.columns)],
        models=[_model(one, board.columns) for one in board.models],
        found=_found(board.found) if board.found is not None else None,
        warnings=list(board.warnings),
    )


def choices_of(runs: Sequence[Run], datasets: Mapping[str, Dataset]) -> list[EvaluationChoice]:
    """Evaluations with runs, and the numbers in their summaries; the one that ran last first."""
    found: dict[str, EvaluationChoice] = {}
    for run in reversed(runs):
        dataset = datasets.get(run.evaluation_ref)
        one = found.setdefault(
            run.evaluation,
            EvaluationChoice(
                name=run.evaluation,
                dataset=dataset.name if dataset else None,
                versions=[],
                metrics=[],
            ),
        )
        _count(one, run)
        for scorer, path in metrics_of(run.output):
            metric = MetricChoice(scorer=scorer, path=path)
            if metric not in one.metrics and len(one.metrics) < _METRICS:
                one.metrics.append(metric)
    return list(found.values())


def _count(choice: EvaluationChoice, run: Run) -> None:
    for version in choice.versions:
        if version.ref == run.evaluation_ref:
            version.runs += 1
            return
    ref = find_ref(run.evaluation_ref)
    digest = ref.digest if ref is not None else ""
    choice.versions.append(
        VersionChoice(
            ref=run.evaluation_ref,
            digest=digest,
            version=digest[:6],
            runs=1,
            last_run_at=from_us(run.started_at_us),
        )
    )


def _wire(spec: Spec) -> BoardWire:
    dynamic = spec.dynamic
    return BoardWire.model_construct(
        title=spec.title,
        description=spec.description,
        columns=[
            ColumnWire.model_construct(
                evaluation_object_ref=one.evaluation_ref,
                scorer_name=one.scorer,
                summary_metric_path=one.path,
                should_minimize=one.should_minimize,
            )
            for one in spec.columns
        ],
        dynamic=None
        if dynamic is None
        else DynamicWire.model_construct(
            evaluations=list(dynamic.evaluations),
            hidden_models=list(dynamic.hidden_models),
            hidden_datasets=list(dynamic.hidden_datasets),
            hidden_scorers=list(dynamic.hidden_scorers),
            model_labels=dict(dynamic.model_labels),
            columns=[_said(one) for one in dynamic.columns],
            newest_versions=dynamic.newest_versions,
        ),
    )


def _said(one: DynamicColumn) -> DynamicColumnWire:
    return DynamicColumnWire.model_construct(
        evaluation=one.evaluation,
        scorer=one.scorer,
        path=one.path,
        label=one.label,
        should_minimize=one.should_minimize,
        hidden=one.hidden,
    )


def _found(found: Found) -> FoundAnswer:
    return FoundAnswer(
        evaluations=list(found.evaluations),
        models=list(found.models),
        datasets=list(found.datasets),
        scorers=list(found.scorers),
        columns=[
            FoundColumn(column=_said(one), is_shown=is_shown) for one, is_shown in found.columns
        ],
    )


def _column(column: BoardColumn, place: int) -> ColumnAnswer:
    spec, ranking = column.spec, column.ranking
    evaluation = name_of(spec.evaluation_ref)
    return ColumnAnswer(
        key=f"{place}/{evaluation}/{spec.scorer}/{spec.path}",
        label=spec.label or _label(spec),
        evaluation=evaluation,
        evaluation_ref=spec.evaluation_ref,
        dataset=column.dataset,
        scorer=spec.scorer,
        path=spec.path,
        should_minimize=spec.minimizes,
        is_share=ranking.is_share if ranking else spec.path.endswith("true_fraction"),
        rows=ranking.rows if ranking else None,
        shared_rows=ranking.shared_rows if ranking else None,
        other_version_runs=column.other_version_runs,
        warnings=list(column.warnings),
    )


def _label(spec: ColumnSpec) -> str:
    """`exact_match` of `mean`; `judge.helpful` of `helpful.true_fraction`: what sums up goes without saying."""
    parts = [part for part in spec.path.split(".") if part]
    if parts and parts[-1] in {"mean", "true_fraction"}:
        parts.pop()
    return ".".join([spec.scorer, *(part for part in parts if part != spec.scorer)])


def _model(model: BoardModel, columns: Sequence[BoardColumn]) -> ModelAnswer:
    answers = sum(one.answers for one in model.efforts)
    return ModelAnswer(
        ref=model.ref,
        name=model.name,
        version=model.version,
        label=model.label,
        detail=model.detail,
        seconds_per_row=_seconds(model.efforts, answers),
        cost_per_row_nusd=_cost(model.efforts, answers),
        cells=[_cell(column.cells.get(model.ref)) for column in columns],
    )


def _seconds(efforts: Sequence[Effort], answers: int) -> float | None:
    known = [one.seconds for one in efforts if one.seconds is not None]
    return sum(known) / answers if known and answers else None


def _cost(efforts: Sequence[Effort], answers: int) -> str | None:
    known = [one.cost_nusd for one in efforts if one.cost_nusd is not None]
    if not known or not answers:
        return None
    return str((sum(known, Decimal(0)) / answers).to_integral_value(ROUND_HALF_UP))


def _cell(cell: Cell | None) -> CellAnswer | None:
    if cell is None:
        return None
    standing = cell.standing
    interval = standing.interval if standing else None
    return CellAnswer.model_construct(
        run_id=cell.run.id,
        runs=cell.runs,
        state=cell.run.state,
        started_at=from_us(cell.run.started_at_us),
        value=cell.value,
        text=cell.text,
        n=standing.rows if standing else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        method=interval.method.value if interval else None,
        rank=standing.rank if standing else None,
        is_tied=standing.is_tied if standing else False,
        is_best=standing.is_best if standing else False,
    )
