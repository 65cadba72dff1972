"""Fills in what the calls below trials tell: the model's call, its seconds, tokens and cost, and the scorers' calls."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from weft.evals.results.children import assign
from weft.evals.results.read import read_payload
from weft.evals.results.types import ResultRow, Root, Trial
from weft.traces.calls.facts import usage_of
from weft.traces.costs.book import PriceBook
from weft.traces.costs.prices import amounts, price_at, prices_of
from weft.traces.types import ProjectKey


def trials_of(rows: Iterable[ResultRow]) -> list[Trial]:
    """Every trial of these rows."""
    return [trial for row in rows for trials in row.trials.values() for trial in trials]


def fill_children(
    rows: Iterable[ResultRow], known: Mapping[str, Root], children: Mapping[str, Sequence[Any]]
) -> None:
    """Fill in what `children`, by the trial's id, tell of each trial."""
    for trial in trials_of(rows):
        assign(trial, children.get(trial.id, ()), known[trial.root].model_ref)


def fill_costs(
    connection: Connection, project: ProjectKey, rows: Iterable[ResultRow], book: PriceBook
) -> None:
    """The cost of each trial's prediction; what judges cost is not in it."""
    by_predict = {trial.predict_id: trial for trial in trials_of(rows) if trial.predict_id}
    usage = {
        id_: usage_of(text)
        for id_, text in read_payload(connection, project, list(by_predict), "summary")
    }
    models = {model for one in usage.values() for model in one}
    prices = prices_of(connection, project, models, book)
    for id_, used in usage.items():
        trial = by_predict[id_]
        costs = [
            sum(amounts(one, price))
            for model, one in used.items()
            if (price := price_at(prices.get(model, ()), trial.predict_started_at_us)) is not None
        ]
        trial.cost = float(sum(costs)) if costs else None
