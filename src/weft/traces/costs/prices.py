"""Which price is in force for a call, and what the call cost by it.

The price: of those in force when the call began, a project's own before the price book's, the newest before older
ones. That is the hosted service's order (`summary.weave.costs` of its calls; read in its public server, 2026-11).
Where none was in force yet, it is the first that came, as in the ledger.

Sums are exact decimals; floats are made once, for the wire.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import Connection, select

from weft.kit.clock import from_us
from weft.traces.calls.facts import Usage
from weft.traces.costs.book import EMPTY_BOOK, PriceBook
from weft.traces.costs.schema import PRICE
from weft.traces.costs.types import DEFAULT_LEVEL, PROJECT_LEVEL, LlmPrice
from weft.traces.types import ProjectKey

Prices = Mapping[str, Sequence[LlmPrice]]
"""By the model's name as usage has it; in any order."""
_CHUNK = 500


def prices_of(
    connection: Connection,
    project: ProjectKey,
    llm_ids: Iterable[str],
    book: PriceBook = EMPTY_BOOK,
) -> dict[str, list[LlmPrice]]:
    """Every price that a project's calls of these models may have: its own, and those of the book."""
    ids = list(dict.fromkeys(llm_ids))
    found = {llm_id: list(book.prices_of(llm_id)) for llm_id in ids}
    for start in range(0, len(ids), _CHUNK):
        wanted = select(PRICE).where(
            PRICE.c.project == project, PRICE.c.llm_id.in_(ids[start : start + _CHUNK])
        )
        for row in connection.execute(wanted):
            found[row.llm_id].append(
                LlmPrice(
                    id=row.id,
                    llm_id=row.llm_id,
                    provider_id=row.provider_id,
                    level=PROJECT_LEVEL,
                    effective_at_us=row.effective_at_us,
                    prompt=exact(row.prompt_token_cost),
                    completion=exact(row.completion_token_cost),
                    cache_read=exact(row.cache_read_input_token_cost),
                    cache_creation=exact(row.cache_creation_input_token_cost),
                    created_by=row.created_by,
                    created_at_us=row.created_at_us,
                    prompt_unit=row.prompt_token_cost_unit,
                    completion_unit=row.completion_token_cost_unit,
                )
            )
    return found


def price_at(prices: Sequence[LlmPrice], moment_us: int) -> LlmPrice | None:
    """The price of a call that began at `moment_us`; None only where there are none."""

    def rank(price: LlmPrice) -> tuple[bool, bool, int, int]:
        in_force = price.effective_at_us <= moment_us
        own = price.level == PROJECT_LEVEL
        recency = price.effective_at_us if in_force else -price.effective_at_us
        return in_force, own, recency, price.created_at_us

    return max(prices, key=rank, default=None)


def costs_of(
    usage_by_model: Mapping[str, Usage], started_at_us: int, prices: Prices, project_name: str = ""
) -> dict[str, dict[str, object]]:
    """`summary.weave.costs` of a call that began then; models without a price are left out.

    `project_name` is `team/project`, for the level of prices that are its own.
    """
    costs: dict[str, dict[str, object]] = {}
    for model, usage in usage_by_model.items():
        price = price_at(prices.get(model, ()), started_at_us)
        if price is not None:
            costs[model] = _entry(usage, price, project_name)
    return costs


def amounts(usage: Usage, price: LlmPrice) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """What was paid for fresh input, output, and input read from and written to a cache, exactly.

    Most clients count cached tokens as input tokens too; where they are more than those, they were counted apart.
    """
    cached = usage.cache_read_tokens + usage.cache_write_tokens
    fresh = usage.input_tokens - cached if cached <= usage.input_tokens else usage.input_tokens
    return (
        fresh * price.prompt,
        usage.output_tokens * price.completion,
        usage.cache_read_tokens * price.cache_read,
        usage.cache_write_tokens * price.cache_creation,
    )


def exact(number: float) -> Decimal:
    """What was meant by a number from the wire: 1e-7, not the binary fraction next to it."""
    return Decimal(repr(number))


def _entry(usage: Usage, price: LlmPrice, project_name: str) -> dict[str, object]:
    prompt, completion, cache_read, cache_creation = amounts(usage, price)
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "cache_read_input_tokens": usage.cache_read_tokens,
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "requests": usage.requests,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_total_cost": float(prompt),
        "completion_tokens_total_cost": float(completion),
        "cache_read_input_tokens_total_cost": float(cache_read),
        "cache_creation_input_tokens_total_cost": float(cache_creation),
        "prompt_token_cost": float(price.prompt),
        "completion_token_cost": float(price.completion),
        "cache_read_input_token_cost": float(price.cache_read),
        "cache_creation_input_token_cost": float(price.cache_creation),
        "prompt_token_cost_unit": price.prompt_unit,
        "completion_token_cost_unit": price.completion_unit,
        "effective_date": from_us(price.effective_at_us),
        "provider_id": price.provider_id,
        "pricing_level": price.level,
        "pricing_level_id": project_name if price.level == PROJECT_LEVEL else DEFAULT_LEVEL,
        "created_by": price.created_by,
        "created_at": from_us(price.created_at_us),
    }
