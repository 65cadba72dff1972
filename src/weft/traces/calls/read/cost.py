"""What calls cost, as SQL: to filter and sort by. Floats, where `summary.weave.costs` is exact, at the same prices.

The tokens of a call and all below it, by model (`trace_usage`), times the price that was in force when the call began.
A call whose models have no price has no cost.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, Double, Float, case, func, literal, null, select
from sqlalchemy.types import TypeEngine

from weft.kit.errors import InvalidRequest
from weft.traces.costs.book import PriceBook
from weft.traces.costs.prices import price_at, prices_of
from weft.traces.costs.types import LlmPrice
from weft.traces.schema import CALL, ROLLUP, USAGE
from weft.traces.types import ProjectKey

COST = "summary.weave.cost"
MODELS = 300
"""Priced models of one project that a condition on costs can tell apart."""
_DOUBLE: TypeEngine[float] = Double()


def cost_column(
    connection: Connection, project: ProjectKey, book: PriceBook
) -> ColumnElement[float]:
    """What a call of the project cost, in dollars.

    Raises:
        InvalidRequest: the project used too many models.
    """
    used = select(ROLLUP.c.model).where(ROLLUP.c.project == project, ROLLUP.c.model != "")
    models = sorted(connection.execute(used.distinct()).scalars())
    prices = prices_of(connection, project, models, book)
    priced = [(model, prices[model]) for model in models if prices[model]]
    if len(priced) > MODELS:
        raise InvalidRequest(
            f"calls of more than {MODELS} models are not sorted or filtered by cost",
            param="query",
            remedy="look at tokens instead",
        )
    if not priced:
        return literal(None, Float())
    amount = case(*((USAGE.c.model == model, _dated(own)) for model, own in priced), else_=null())
    total = select(func.sum(amount)).where(USAGE.c.seq == CALL.c.seq, USAGE.c.project == project)
    return total.correlate(CALL).scalar_subquery()


def _dated(prices: Sequence[LlmPrice]) -> ColumnElement[float]:
    """The amount by the price that was in force when the call began."""
    days = sorted({price.effective_at_us for price in prices})
    pieces = [(day, price_at(prices, day)) for day in reversed(days)]
    whens = [(CALL.c.started_at_us >= day, _amount(price)) for day, price in pieces if price]
    before = price_at(prices, days[0] - 1)
    assert before is not None
    return case(*whens, else_=_amount(before))


def _amount(price: LlmPrice) -> ColumnElement[float]:
    """As `costs.prices.amounts`, summed up."""
    cached = USAGE.c.cache_read_tokens + USAGE.c.cache_write_tokens
    tokens = USAGE.c.input_tokens
    fresh = case((cached <= tokens, tokens - cached), else_=tokens)
    return _sum(
        (
            (fresh, price.prompt),
            (USAGE.c.output_tokens, price.completion),
            (USAGE.c.cache_read_tokens, price.cache_read),
            (USAGE.c.cache_write_tokens, price.cache_creation),
        )
    )


def _sum(parts: "Iterable[tuple[ColumnElement[int], object]]") -> ColumnElement[float]:
    total: ColumnElement[float] = literal(0.0, _DOUBLE)
    for count, each in parts:
        total += count * literal(float(str(each)), _DOUBLE)
    return total
