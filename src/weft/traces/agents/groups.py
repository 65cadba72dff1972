"""Spans in groups: `agents/spans/query` with `group_by`, over fields that spans have, with plain figures."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, case, distinct, func

from weft.kit.clock import from_us
from weft.kit.errors import InvalidRequest
from weft.traces.agents.fields import NUMBERS, TEXTS, TIMES, S, Wanted, span_fields, spans
from weft.traces.agents.lists import figures_of, ordered, sums
from weft.traces.agents.wire import Measure, SpansBody
from weft.traces.errors import NotSupported
from weft.traces.query.compile import compile_query
from weft.traces.query.parse import parse_query
from weft.traces.types import ProjectKey

GROUPS = 10_000
KEYS = 8
MEASURES = 32
_SETS = ("agent_names", "agent_versions", "provider_names", "request_models", "conversation_names")
_SET_OF = {
    "agent_names": S.agent_name,
    "agent_versions": S.agent_version,
    "provider_names": S.provider_name,
    "request_models": S.request_model,
    "conversation_names": S.conversation_name,
}
SET_VALUES = 10_000
"""Different values of all groups together that are looked at for one set."""


def list_groups(
    connection: Connection, project: ProjectKey, project_name: str, body: SpansBody
) -> tuple[list[dict[str, Any]], int]:
    """A page of groups, the latest seen first unless an order was asked for, and how many there are.

    Raises:
        InvalidRequest: something cannot be read.
        NotSupported: it groups or measures by what is not supported here.
    """
    limit, offset = body.checked()
    keys = _keys(body)
    measures = {f"m{n}": _measure(one, project_name) for n, one in enumerate(body.measures)}
    some = Wanted(project_name, parse_query(body.query), body.started_after, body.started_before)
    labels = [column.label(f"k{n}") for n, (_, column) in enumerate(keys)]
    columns = [column for _, column in keys]
    more = [
        func.count(distinct(S.conversation_id)).label("conversation_count"),
        func.sum(S.reasoning_tokens).label("reasoning"),
        func.sum(S.cache_read_input_tokens).label("cache_read"),
        func.sum(S.cache_creation_input_tokens).label("cache_write"),
        *(column.label(name) for name, column in measures.items()),
    ]
    wanted = spans(project, *labels, *sums(), *more, wanted=some).group_by(*columns).limit(GROUPS)
    rows = connection.execute(wanted).all()
    groups = [_group(row, keys, body.measures) for row in rows]
    groups = ordered(groups, body.sort_by)
    page = groups[offset : offset + limit]
    if page:
        _add_sets(connection, page, keys, spans(project, *labels, wanted=some))
    return page, len(groups)


def _keys(body: SpansBody) -> list[tuple[str, ColumnElement[Any]]]:
    found: list[tuple[str, ColumnElement[Any]]] = []
    for group in body.group_by or ():
        if group.source not in {"field", "column"} or group.key not in TEXTS:
            raise NotSupported(f"grouping agents' spans by {group.key[:80]}")
        found.append((group.alias or group.key, TEXTS[group.key]))
    if not 0 < len(found) <= KEYS or len(body.measures) > MEASURES:
        raise InvalidRequest(f"at most {KEYS} groups and {MEASURES} measures", param="group_by")
    return found


def _measure(measure: Measure, project_name: str) -> ColumnElement[Any]:
    key = measure.value.key if measure.value else None
    column: ColumnElement[Any] | None = None
    if key is not None:
        column = {**NUMBERS, **TEXTS, **TIMES}.get(key)
        if column is None or (measure.value and measure.value.source not in {"field", "derived"}):
            raise NotSupported(f"measuring {key[:80]} of agents' spans")
    if measure.filter is not None:
        condition = compile_query(parse_query(measure.filter), span_fields(project_name))
        column = case((condition, 1 if column is None else column))
    match measure.aggregation:
        case "count":
            return func.count() if column is None else func.count(column)
        case "count_distinct" if column is not None:
            return func.count(distinct(column))
        case "sum" | "avg" if key in NUMBERS:
            return func.sum(column) if measure.aggregation == "sum" else func.avg(column)
        case "min" | "max" if column is not None:
            return func.min(column) if measure.aggregation == "min" else func.max(column)
        case _:
            raise NotSupported(f"the aggregation {measure.aggregation[:40]} of {key or 'nothing'}")


def _group(
    row: Any, keys: list[tuple[str, ColumnElement[Any]]], measures: list[Measure]
) -> dict[str, Any]:
    metrics: dict[str, Any] = {}
    for n, measure in enumerate(measures):
        value = getattr(row, f"m{n}")
        is_time = measure.value is not None and measure.value.key in TIMES
        if is_time and measure.aggregation in {"min", "max"} and value is not None:
            value = from_us(value)
        metrics[measure.alias] = value if value is None or isinstance(value, str) else _plain(value)
    return {
        "group_keys": {name: getattr(row, f"k{n}") for n, (name, _) in enumerate(keys)},
        **figures_of(row),
        "conversation_count": row.conversation_count,
        "total_reasoning_tokens": int(row.reasoning or 0),
        "total_cache_read_input_tokens": int(row.cache_read or 0),
        "total_cache_creation_input_tokens": int(row.cache_write or 0),
        "metrics": metrics,
        "distributions": {},
        **{name: [] for name in _SETS},
    }


def _plain(value: Any) -> Any:
    """PostgreSQL's sums of integers and averages are decimals."""
    if isinstance(value, int | float) or hasattr(value, "isoformat"):
        return value
    number = float(value)
    return int(number) if number.is_integer() else number


def _add_sets(
    connection: Connection,
    page: list[dict[str, Any]],
    keys: list[tuple[str, ColumnElement[Any]]],
    wanted: Any,
) -> None:
    """The different agents, versions, providers, models and names of conversations of each group."""
    by_key = {tuple(group["group_keys"].values()): group for group in page}
    for name, column in _SET_OF.items():
        some = wanted.add_columns(column.label("value")).where(column.is_not(None)).distinct()
        for row in connection.execute(some.limit(SET_VALUES)):
            group = by_key.get(tuple(getattr(row, f"k{n}") for n in range(len(keys))))
            if group is not None:
                group[name].append(row.value)
