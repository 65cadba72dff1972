"""The price book as costs see it: what this server asks for its models, by any spelling that clients use for them.

A card's prices come from its file, from the ledger's book where the file no longer has them, and from administrators
who add some while servers run. Clients write a model as they asked for it: `openai/gpt-oss-20b`,
`wandb/openai/gpt-oss-20b` (LiteLLM), `gpt-oss-20b`.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from weft.catalog.types import ModelCard, Price
from weft.kit.clock import to_us
from weft.kit.money import NUSD_PER_USD, TOKENS_PER_MTOK
from weft.ledger.prices.store import BookPrice
from weft.traces.costs.types import DEFAULT_LEVEL, LlmPrice

_PREFIX = "wandb/"
_NUSD_PER_MTOK_IN_USD = Decimal(NUSD_PER_USD) * TOKENS_PER_MTOK
SYSTEM = "system"
"""Who made the default prices, in the hosted service's word."""


class PriceBook:
    """Default prices. What comes in while the server runs is found at the cards; nothing else changes."""

    def __init__(self, cards: Iterable[ModelCard] = (), recorded: Iterable[BookPrice] = ()) -> None:
        self._cards = {card.id: card for card in cards}
        by_id: dict[str, dict[str, LlmPrice]] = {}
        names: dict[str, set[str]] = {}
        providers: dict[str, str] = {}
        for card in self._cards.values():
            providers[card.id] = card.provider
            by_id[card.id] = {price.version: _card_price(card, price) for price in card.prices}
            for name in (card.id, *card.aliases):
                names.setdefault(name.lower(), set()).add(card.id)
        for row in recorded:
            by_id.setdefault(row.model_id, {})[row.version] = _price(
                row.model_id,
                row.version,
                row.effective_at_us,
                (row.input_nusd_per_mtok, row.output_nusd_per_mtok, row.cached_input_nusd_per_mtok),
                providers.get(row.model_id, ""),
                created_at_us=row.recorded_at_us,
            )
            names.setdefault(row.model_id.lower(), set()).add(row.model_id)
        short: dict[str, set[str]] = {}
        for name, ids in names.items():
            short.setdefault(name.rpartition("/")[2], set()).update(ids)
        self._prices = {model_id: tuple(prices.values()) for model_id, prices in by_id.items()}
        self._ids = {
            name: min(ids) for name, ids in (*short.items(), *names.items()) if len(ids) == 1
        }

    def prices_of(self, llm_id: str) -> Sequence[LlmPrice]:
        """Every price of the model that goes by this name; none if no model does, or two do."""
        name = llm_id.lower().removeprefix(_PREFIX)
        model_id = self._ids.get(name)
        if model_id is None:
            return ()
        card = self._cards.get(model_id)
        if card is None or not card.live.history:
            return self._prices[model_id]
        known = {price.id: price for price in self._prices[model_id]}
        return tuple(
            {**known, **{one.version: _card_price(card, one) for one in card.history}}.values()
        )


def _card_price(card: ModelCard, price: Price) -> LlmPrice:
    figures = (
        price.input_nusd_per_mtok,
        price.output_nusd_per_mtok,
        price.cached_input_nusd_per_mtok,
    )
    at_us = to_us(price.effective_at)
    return _price(card.id, price.version, at_us, figures, card.provider)


def _price(
    model_id: str,
    version: str,
    effective_at_us: int,
    figures: tuple[int, int, int],
    provider: str,
    *,
    created_at_us: int | None = None,
) -> LlmPrice:
    prompt, completion, cached = (Decimal(figure) / _NUSD_PER_MTOK_IN_USD for figure in figures)
    return LlmPrice(
        id=version,
        llm_id=model_id,
        provider_id=provider,
        level=DEFAULT_LEVEL,
        effective_at_us=effective_at_us,
        prompt=prompt,
        completion=completion,
        cache_read=cached,
        cache_creation=prompt,
        created_by=SYSTEM,
        created_at_us=effective_at_us if created_at_us is None else created_at_us,
    )


EMPTY_BOOK = PriceBook()
