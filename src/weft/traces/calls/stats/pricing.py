"""What uses of models cost at a time, with the prices looked up once each."""

from decimal import Decimal

from sqlalchemy import Connection

from weft.traces.costs.book import PriceBook
from weft.traces.costs.prices import price_at, prices_of
from weft.traces.costs.types import LlmPrice
from weft.traces.types import ProjectKey

_NOTHING = Decimal(0)


class Pricer:
    """The prices of one project, for one answer."""

    def __init__(self, connection: Connection, project: ProjectKey, book: PriceBook) -> None:
        self._connection = connection
        self._project = project
        self._book = book
        self._prices: dict[str, list[LlmPrice]] = {}

    def costs(self, model: str, moment_us: int, tokens: dict[str, int]) -> tuple[Decimal, Decimal]:
        """What input and output cost that calls of `moment_us` used; nothing where there is no price."""
        price = price_at(self._of(model), moment_us)
        if price is None:
            return _NOTHING, _NOTHING
        paid = (
            tokens["fresh_input_tokens"] * price.prompt
            + tokens["cache_read_tokens"] * price.cache_read
            + tokens["cache_write_tokens"] * price.cache_creation
        )
        return paid, tokens["output_tokens"] * price.completion

    def changes_within(self, model: str, start_us: int, end_us: int) -> bool:
        """Whether a price of the model comes into force after `start_us` and before `end_us`."""
        return any(start_us < price.effective_at_us < end_us for price in self._of(model))

    def _of(self, model: str) -> list[LlmPrice]:
        if model not in self._prices:
            self._prices.update(prices_of(self._connection, self._project, [model], self._book))
        return self._prices[model]
