"""Which rows of results are shown, and in which order.

Filters of one evaluation hold together, for one trial of it. Those that name no evaluation are asked of every one.
Over evaluations, `and` wants a match in each, `or` in any; both kinds of filters have to be content with a row.
A field's value in an evaluation, for sorting, is the mean of its trials' numbers, or else the first value.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from weft.evals.results.fields import NUMERIC, BadField, check_field, field_of
from weft.evals.results.shapes import FilterWire, ResultsWire, SortWire
from weft.evals.results.types import ResultRow, Trial
from weft.traces.query.ast import Condition, paths_of
from weft.traces.query.evaluate import evaluate, sort_key
from weft.traces.query.parse import BadQuery, parse_query


def asked_fields(wire: ResultsWire) -> set[str]:
    """Every field that filters and sorting name.

    Raises:
        BadField: results have no such field, or it has no difference.
        BadQuery: a filter is no query.
    """
    fields: set[str] = set()
    for one in wire.filters or ():
        fields |= paths_of(_condition(one))
    for sort in wire.sort_by or ():
        if sort.mode == "difference" and not sort.field.startswith(NUMERIC):
            raise BadField(sort.field, " that has a difference; scores have")
        fields.add(sort.field)
    for field in fields:
        check_field(field)
    return fields


def matching(rows: Iterable[ResultRow], wire: ResultsWire) -> list[ResultRow]:
    """The rows that the filters let through."""
    if not wire.filters:
        return list(rows)
    scoped: dict[str, list[Condition]] = {}
    open_to_all: list[Condition] = []
    for one in wire.filters:
        named = one.evaluation_call_id
        conditions = scoped.setdefault(named, []) if named else open_to_all
        conditions.append(_condition(one))
    over = all if wire.filter_logic_operator == "and" else any
    roots = wire.roots

    def lets_through(row: ResultRow) -> bool:
        return (not open_to_all or over(_matches(row, root, open_to_all) for root in roots)) and (
            not scoped or over(_matches(row, root, wanted) for root, wanted in scoped.items())
        )

    return [row for row in rows if lets_through(row)]


def in_order(rows: Sequence[ResultRow], sorts: Sequence[SortWire]) -> list[ResultRow]:
    """Rows sorted; those without a value come last, and rows that are alike go by their digest."""
    ordered = sorted(rows, key=lambda row: row.digest)
    for sort in reversed(sorts):
        ascending = sort.direction == "asc"
        keys = {row.digest: sort_key(_value(row, sort), ascending=ascending) for row in ordered}
        ordered.sort(key=lambda row, keys=keys: keys[row.digest])
    return ordered


def _matches(row: ResultRow, root: str, conditions: Sequence[Condition]) -> bool:
    return any(
        all(evaluate(one, partial(field_of, trial)) for one in conditions)
        for trial in row.trials.get(root, ())
    )


def _value(row: ResultRow, sort: SortWire) -> Any:
    by_root = {root: _of_trials(trials, sort.field) for root, trials in row.trials.items()}
    if sort.mode == "difference":
        numbers = [value for value in by_root.values() if isinstance(value, int | float)]
        return max(numbers) - min(numbers) if numbers else None
    if sort.evaluation_call_id:
        return by_root.get(sort.evaluation_call_id)
    return _middle(list(by_root.values()))


def _of_trials(trials: Sequence[Trial], field: str) -> Any:
    return _middle([field_of(trial, field) for trial in trials])


def _middle(values: Sequence[Any]) -> Any:
    """The mean of numbers; where something else is among them, the first value that is one."""
    told = [value for value in values if value is not None]
    if told and all(isinstance(value, bool | int | float) for value in told):
        return sum(told) / len(told)
    return told[0] if told else None


def _condition(one: FilterWire) -> Condition:
    condition = parse_query(one.query)
    if condition is None:
        raise BadQuery("a filter's query is an object with the one key $expr")
    return condition
