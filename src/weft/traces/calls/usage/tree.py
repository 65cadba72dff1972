"""Adds up what calls and all below them used.

Clients that trace whole programs tell in every call what all below it used; others (OpenTelemetry) tell it in the calls
that did the work. So a call's use, with everything below, is what it tells or what its children come to, whichever is
more: the same for both kinds.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from weft.kit.errors import InvalidRequest
from weft.traces.calls.counting import FIELDS, chunks
from weft.traces.calls.facts import Usage
from weft.traces.calls.table import SQL_TABLE, CallTable
from weft.traces.costs.book import PriceBook
from weft.traces.costs.prices import amounts, price_at, prices_of
from weft.traces.types import ProjectKey

CALLS_LIMIT = 200_000
NO_COSTS = (Decimal(0),) * 4

Costs = tuple[Decimal, ...]
"""For fresh input, output, input read from a cache, input written to one."""


class TooManyCalls(InvalidRequest):
    """More calls than the request lets be looked at."""

    code = "too_many_calls"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"more than {limit} calls would have to be added up",
            param="limit",
            remedy=f"ask for fewer calls, or send a larger limit (at most {CALLS_LIMIT})",
        )


@dataclass(frozen=True, slots=True)
class Used:
    """What one model was used for, with costs where it has prices."""

    usage: Usage
    costs: Costs | None


@dataclass(slots=True)
class _Node:
    id: str
    parent_id: str | None
    started_at_us: int
    told: dict[str, Usage] = field(default_factory=dict[str, Usage])
    children: list["_Node"] = field(default_factory=list["_Node"])


@dataclass(frozen=True, slots=True)
class UsageTree:
    """Calls with what they used."""

    used: Mapping[str, Mapping[str, Used]]
    """By call and model."""
    unfinished: Sequence[str]
    """Calls that have not ended, so that what they use is not known yet."""


def usage_below(
    connection: Connection,
    project: ProjectKey,
    ids: Collection[str],
    *,
    limit: int,
    book: PriceBook | None,
    table: CallTable = SQL_TABLE,
) -> UsageTree:
    """What these calls and all below them used; with a price book, what that cost. `table` is where calls are.

    Raises:
        TooManyCalls: their traces have more calls than `limit`.
    """
    call = table.call
    traces: dict[str, None] = {}
    for some in chunks(ids):
        wanted = select(call.c.trace_id).where(call.c.project == project, call.c.id.in_(some))
        traces.update(dict.fromkeys(row.trace_id for row in table.run(connection, wanted)))
    conditions = [call.c.trace_id.in_(some) for some in chunks(traces)]
    nodes, running = _read(connection, project, conditions, limit, table)
    wanted_nodes = [nodes[id_] for id_ in dict.fromkeys(ids) if id_ in nodes]
    order = _below(wanted_nodes)
    used = _add_up(connection, project, order, book)
    reached = {node.id for node in order}
    return UsageTree(
        {node.id: used[node.id] for node in wanted_nodes},
        [id_ for id_ in running if id_ in reached],
    )


def usage_of_calls(
    connection: Connection,
    project: ProjectKey,
    meant: ColumnElement[bool],
    *,
    limit: int,
    book: PriceBook | None,
    table: CallTable = SQL_TABLE,
) -> UsageTree:
    """What each of the calls that `table.meant` means used, with those below it that are among them.

    Raises:
        TooManyCalls: there are more than `limit`.
    """
    nodes, running = _read(connection, project, [meant], limit, table)
    order = _below(list(nodes.values()))
    return UsageTree(_add_up(connection, project, order, book), running)


def _read(
    connection: Connection,
    project: ProjectKey,
    conditions: Iterable[ColumnElement[bool]],
    limit: int,
    table: CallTable,
) -> tuple[dict[str, _Node], list[str]]:
    nodes: dict[str, _Node] = {}
    running: list[str] = []
    for condition in conditions:
        for found in table.nodes(connection, project, condition, limit - len(nodes) + 1):
            nodes[found.id] = _Node(
                found.id, found.parent_id, found.started_at_us, dict(found.told)
            )
            if found.ended_at_us is None:
                running.append(found.id)
        if len(nodes) > limit:
            raise TooManyCalls(limit)
    for node in nodes.values():
        parent = nodes.get(node.parent_id or "")
        if parent is not None and parent is not node:
            parent.children.append(node)
    return nodes, running


def _below(roots: Sequence[_Node]) -> list[_Node]:
    """These calls and all below them, each once, children before their parents where there is no circle."""
    order: list[_Node] = []
    seen: set[str] = set()
    stack = [(node, False) for node in reversed(roots)]
    while stack:
        node, is_done = stack.pop()
        if is_done:
            order.append(node)
        elif node.id not in seen:
            seen.add(node.id)
            stack.append((node, True))
            stack += [(child, False) for child in node.children]
    return order


def _add_up(
    connection: Connection,
    project: ProjectKey,
    order: Sequence[_Node],
    book: PriceBook | None,
) -> dict[str, dict[str, Used]]:
    prices: Mapping[str, Any] = {}
    if book is not None:
        models = {model for node in order for model in node.told}
        prices = prices_of(connection, project, models, book)
    done: dict[str, dict[str, Used]] = {}
    for node in order:
        below: dict[str, list[Used]] = defaultdict(list)
        for child in node.children:
            for model, used in done.get(child.id, {}).items():
                below[model].append(used)
        done[node.id] = {
            model: _use(
                node.told.get(model, Usage()),
                below.get(model, []),
                price_at(prices.get(model, ()), node.started_at_us),
            )
            for model in {**node.told, **below}
        }
    return done


def _use(told: Usage, below: Sequence[Used], price: Any) -> Used:
    sums = [sum(getattr(used.usage, name) for used in below) for name in FIELDS]
    own = [max(getattr(told, name) - got, 0) for name, got in zip(FIELDS, sums, strict=True)]
    usage = Usage(*(mine + got for mine, got in zip(own, sums, strict=True)))
    if price is None:
        return Used(usage, None)
    paid = [amounts(Usage(*own), price), *(used.costs or NO_COSTS for used in below)]
    return Used(usage, tuple(sum(parts, Decimal(0)) for parts in zip(*paid, strict=True)))
