"""Reads a trace as columns: tens of thousands of calls are a few megabytes, and no text of theirs is opened.

What calls used is told as they told it, each model's price beside it; whoever draws the tree adds it up, by the rule of
`calls.usage.tree`. A thread of this process that adds up a large trace would keep inference waiting.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, or_, select

from weft.traces.calls.table import SQL_TABLE, CallNode, CallTable
from weft.traces.calls.usage.tree import CALLS_LIMIT, TooManyCalls
from weft.traces.costs.book import PriceBook
from weft.traces.costs.prices import Prices, price_at, prices_of
from weft.traces.costs.types import LlmPrice
from weft.traces.types import ProjectKey

_COLUMNS = (
    *("id", "parent_id", "op_name", "display_name", "started_at_us", "ended_at_us", "status"),
)
_NUSD_PER_MTOK = Decimal(10**15)
"""Nano-dollars for a million tokens, in a dollar for one."""


class Uses(msgspec.Struct):
    """What calls tell of their use of models, by columns: the n-th entry of each belongs to the n-th use."""

    calls: list[int] = []
    """Where the call stands in the outline."""
    models: list[int] = []
    """Which of the outline's models."""
    input_tokens: list[int] = []
    output_tokens: list[int] = []
    cache_read_tokens: list[int] = []
    cache_write_tokens: list[int] = []
    prices: list[int] = []
    """Which of the outline's prices; -1 where the model has none."""


class Price(msgspec.Struct):
    """Nano-dollars for a million tokens, as texts."""

    input: str
    output: str
    cache_read: str
    cache_write: str


class Outline(msgspec.Struct):
    """A trace by columns: the n-th entry of each belongs to the n-th call, the first that began first."""

    trace_id: str
    began_at_us: int
    """When the first one began; `starts_us` count from here."""
    ids: list[str]
    parents: list[int] = []
    """Where the parent stands in `ids`; -1 for none, and for one that is not in the trace."""
    op_names: list[str] = []
    """Each once; `ops` say which."""
    ops: list[int] = []
    display_names: dict[str, str] = {}
    """Of the calls that were given one."""
    starts_us: list[int] = []
    lengths_us: list[int | None] = []
    """None while a call runs."""
    statuses: list[str] = []
    """`success` and so on, each once; `status` says which."""
    status: list[int] = []
    models: list[str] = []
    prices: list[Price] = []
    uses: Uses = msgspec.field(default_factory=Uses)


def read_outline(
    connection: Connection,
    project: ProjectKey,
    call_id: str,
    book: PriceBook,
    table: CallTable = SQL_TABLE,
    limit: int = CALLS_LIMIT,
) -> Outline | None:
    """The trace that a call is in; None if there is no such call.

    Raises:
        TooManyCalls: it has more than `limit` calls.
    """
    call = table.call
    mine = call.c.project == project
    of_one = select(call.c.trace_id).where(mine, call.c.id == call_id).limit(1)
    found = list(table.run(connection, of_one))
    if not found:
        return None
    trace_id = found[0].trace_id
    meant = call.c.trace_id == trace_id
    wanted = (
        select(*(call.c[name] for name in _COLUMNS))
        .where(mine, meant)
        .order_by(call.c.started_at_us, call.c.id)
        .limit(limit + 1)
    )
    rows = list(table.run(connection, wanted))
    if len(rows) > limit:
        raise TooManyCalls(limit)
    outline = _outline(trace_id, rows)
    used = and_(meant, or_(call.c.input_tokens > 0, call.c.output_tokens > 0))
    nodes = table.nodes(connection, project, used, limit + 1)
    models = {model for node in nodes for model in node.told}
    _add_uses(outline, nodes, prices_of(connection, project, models, book))
    return outline


def _outline(trace_id: str, rows: Sequence[Any]) -> Outline:
    place = {row.id: at for at, row in enumerate(rows)}
    ops: dict[str, int] = {}
    statuses: dict[str, int] = {}
    began = rows[0].started_at_us
    outline = Outline(trace_id, began, list(place))
    for row in rows:
        parent, started_at_us, ended_at_us = row.parent_id, row.started_at_us, row.ended_at_us
        outline.parents.append(-1 if parent is None else place.get(parent, -1))
        outline.ops.append(ops.setdefault(row.op_name, len(ops)))
        outline.status.append(statuses.setdefault(row.status, len(statuses)))
        outline.starts_us.append(started_at_us - began)
        # Two machines' clocks may disagree.
        length = None if ended_at_us is None else max(ended_at_us - started_at_us, 0)
        outline.lengths_us.append(length)
        if row.display_name:
            outline.display_names[row.id] = row.display_name
    outline.op_names, outline.statuses = list(ops), list(statuses)
    return outline


def _add_uses(outline: Outline, nodes: Sequence[CallNode], prices: Prices) -> None:
    place = {id_: at for at, id_ in enumerate(outline.ids)}
    models: dict[str, int] = {}
    known: dict[LlmPrice, int] = {}
    uses = outline.uses
    for node in nodes:
        at = place.get(node.id)
        if at is None:  # it came in between the two questions
            continue
        for model, usage in node.told.items():
            price = price_at(prices.get(model, ()), node.started_at_us)
            uses.calls.append(at)
            uses.models.append(models.setdefault(model, len(models)))
            uses.input_tokens.append(usage.input_tokens)
            uses.output_tokens.append(usage.output_tokens)
            uses.cache_read_tokens.append(usage.cache_read_tokens)
            uses.cache_write_tokens.append(usage.cache_write_tokens)
            uses.prices.append(-1 if price is None else known.setdefault(price, len(known)))
    outline.models = list(models)
    outline.prices = [_price(price) for price in known]


def _price(price: LlmPrice) -> Price:
    return Price(
        *(
            _nusd(one)
            for one in (price.prompt, price.completion, price.cache_read, price.cache_creation)
        )
    )


def _nusd(dollars_each: Decimal) -> str:
    return str(int((dollars_each * _NUSD_PER_MTOK).to_integral_value()))
