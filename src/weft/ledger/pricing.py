"""What a request costs. Pure."""

from weft.catalog.types import Price
from weft.kit.money import NanoUsd, cost_of
from weft.ledger.types import Tokens


def charge(tokens: Tokens, price: Price) -> NanoUsd:
    """The cost of `tokens` at `price`: each input token counts once, cached or not; rounded up once, at the end."""
    return cost_of(
        (tokens.input - tokens.cached_input, price.input_nusd_per_mtok),
        (tokens.cached_input, price.cached_input_nusd_per_mtok),
        (tokens.output, price.output_nusd_per_mtok),
    )
