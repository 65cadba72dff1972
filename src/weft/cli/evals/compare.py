"""`weft eval compare`: runs held against a baseline, as the console shows it."""

from typing import Annotated

import typer
from sqlalchemy import Connection

from weft.cli.evals.ground import ProjectOption, open_local
from weft.cli.output import JsonOption, echo_json
from weft.cli.store import ConfigOption, DataOption
from weft.cli.table import Column, table
from weft.evals.comparisons.metrics import Kind
from weft.evals.comparisons.read import Ground, NoSuchRun, RunReader
from weft.evals.comparisons.wire import RUNS, ComparisonTold, Figure, Verdict
from weft.kit.errors import InvalidRequest
from weft.traces.types import ProjectKey

_SHOWN = {
    Verdict.BETTER: "better",
    Verdict.WORSE: "worse",
    Verdict.SAME: "no significant difference",
    Verdict.NOT_COMPARABLE: "not comparable",
}


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(metavar="RUN RUN...", help="Runs, by their ids.", show_default=False),
    ],
    *,
    project: ProjectOption,
    baseline: Annotated[
        str | None,
        typer.Option(help="The run that others are held against; the first if not given."),
    ] = None,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Hold runs against a baseline: means with 95 % intervals, paired tests, warnings."""
    if len(runs) > RUNS:
        raise InvalidRequest(f"at most {RUNS} runs at a time", param="runs")
    local = open_local(project, data, config)
    on, reader = Ground(local.project_id, local.name), RunReader(local.book)

    def read(connection: Connection, key: ProjectKey) -> ComparisonTold:
        return reader.compare(connection, key, on, runs, baseline=baseline)

    found = local.read(read)
    if found is None:
        raise NoSuchRun(runs[0])
    if as_json:
        echo_json(found.model_dump(mode="json"))
    else:
        typer.echo(_text(found))


def _text(found: ComparisonTold) -> str:
    names = {
        one.run.id: one.run.model.name if one.run.model else one.run.name for one in found.runs
    }
    columns = (
        *(Column("metric", shrinks=True), Column("run", shrinks=True), Column("mean", right=True)),
        *(Column("95 % interval", right=True), Column("n", right=True)),
        *(Column("difference", right=True), Column("p", right=True), Column("beside the baseline")),
    )
    rows = [
        (metric.label, names[figure.run], *_cells(metric.kind, figure))
        for metric in found.metrics
        for figure in metric.figures
    ]
    warnings = [f"{one.title}: {one.text}" for one in found.warnings]
    return "\n".join([*warnings, *([""] if warnings else []), table(columns, rows)])


def _cells(kind: Kind, figure: Figure) -> tuple[str, ...]:
    estimate, versus = figure.estimate, figure.versus
    verdict = _SHOWN[figure.verdict] if figure.verdict is not None else "baseline"
    if estimate is None:
        return ("", "", "0", "", "", verdict)
    ends = estimate.interval
    return (
        _value(kind, estimate.mean),
        f"{_value(kind, ends.low)} to {_value(kind, ends.high)}" if ends else "",
        f"{estimate.n:,}",
        ("+" if versus.difference > 0 else "") + _value(kind, versus.difference) if versus else "",
        f"{versus.p_corrected:.3f}" if versus else "",
        verdict,
    )


def _value(kind: Kind, value: float) -> str:
    return f"{value * 100:.1f} %" if kind is Kind.PASSES else f"{value:.4g}"
