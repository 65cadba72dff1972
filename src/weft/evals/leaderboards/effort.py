"""What a run's answers took: seconds and money of the model's own calls. What judges cost is not in it.

Calls are summed in the database and told apart by their ops, as `results.children` does it call by call.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select

from weft.evals.results.children import predict_among
from weft.evals.results.read import PREDICT_AND_SCORE, chunks
from weft.kit.money import NUSD_PER_USD
from weft.traces.calls.facts import Usage
from weft.traces.costs.book import PriceBook
from weft.traces.costs.prices import amounts, price_at, prices_of
from weft.traces.schema import CALL, USAGE
from weft.traces.types import US_PER_S, ProjectKey

_SUMS = ("requests", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")


@dataclass(frozen=True, slots=True)
class Effort:
    """Of one run."""

    answers: int = 0
    """The model's calls."""
    seconds: float | None = None
    """All of them together; None where none has ended."""
    cost_nusd: Decimal | None = None
    """All of them together; None where no model used has a price."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A run whose effort is asked for."""

    id: str
    model_ref: str
    scorers: Iterable[str]
    started_at_us: int


def read_efforts(
    connection: Connection, project: ProjectKey, runs: Sequence[Asked], book: PriceBook
) -> dict[str, Effort]:
    """The effort of each run, by its id."""
    asked = {run.id: run for run in runs}
    below: dict[str, list[Any]] = {}
    used: dict[tuple[str, str], list[Any]] = {}
    for some in chunks(list(asked)):
        for row in connection.execute(_times(project, some)):
            below.setdefault(row.run, []).append(row)
        for row in connection.execute(_usage(project, some)):
            used.setdefault((row.run, row.op_name), []).append(row)
    models = {row.model for rows in used.values() for row in rows}
    prices = prices_of(connection, project, models, book)
    found: dict[str, Effort] = {}
    for id_, rows in below.items():
        run = asked[id_]
        scorers = {name.lower() for name in run.scorers}
        others = [row for row in rows if row.op.removesuffix(".score").lower() not in scorers]
        own = predict_among(others, run.model_ref)
        if own is None:
            continue
        mine = [row for row in others if row.op == own.op]
        ended = sum(row.ended for row in mine)
        seconds = sum(int(row.took_us or 0) for row in mine) / US_PER_S if ended else None
        spent = _cost(
            (row for one in mine for row in used.get((id_, one.op_name), ())),
            prices,
            run.started_at_us,
        )
        found[id_] = Effort(sum(row.calls for row in mine), seconds, spent)
    return found


def _cost(rows: Iterable[Any], prices: Mapping[str, Any], moment_us: int) -> Decimal | None:
    costs = [
        sum(amounts(Usage(*(int(getattr(row, name)) for name in _SUMS)), price), Decimal(0))
        for row in rows
        if (price := price_at(prices.get(row.model, ()), moment_us)) is not None
    ]
    return sum(costs, Decimal(0)) * NUSD_PER_USD if costs else None


_CHILD, _TRIAL = CALL.alias("child"), CALL.alias("trial")


def _times(project: ProjectKey, runs: Sequence[str]) -> Any:
    took = _CHILD.c.ended_at_us - _CHILD.c.started_at_us
    return (
        select(
            _TRIAL.c.parent_id.label("run"),
            _CHILD.c.op,
            _CHILD.c.op_name,
            func.count().label("calls"),
            func.count(_CHILD.c.ended_at_us).label("ended"),
            func.sum(took).label("took_us"),
        )
        .join(_TRIAL, _TRIAL.c.id == _CHILD.c.parent_id)
        .where(*_are_of(project, runs))
        .group_by(_TRIAL.c.parent_id, _CHILD.c.op, _CHILD.c.op_name)
        .order_by(func.min(_CHILD.c.started_at_us), _CHILD.c.op_name)
    )


def _usage(project: ProjectKey, runs: Sequence[str]) -> Any:
    return (
        select(
            _TRIAL.c.parent_id.label("run"),
            _CHILD.c.op_name,
            USAGE.c.model,
            *(func.sum(USAGE.c[name]).label(name) for name in _SUMS),
        )
        .join(_TRIAL, _TRIAL.c.id == _CHILD.c.parent_id)
        .join(USAGE, USAGE.c.seq == _CHILD.c.seq)
        .where(*_are_of(project, runs))
        .group_by(_TRIAL.c.parent_id, _CHILD.c.op_name, USAGE.c.model)
    )


def _are_of(project: ProjectKey, runs: Sequence[str]) -> tuple[Any, ...]:
    return (
        _CHILD.c.project == project,
        _TRIAL.c.project == project,
        _TRIAL.c.parent_id.in_(runs),
        _TRIAL.c.op.in_(PREDICT_AND_SCORE),
    )
