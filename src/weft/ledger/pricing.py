"""What a request costs. Pure."""

import msgspec

from weft.catalog.types import Price
from weft.kit.money import NanoUsd, cost_of
from weft.ledger.types import Tokens

CAPPED_FROM = "capped_from_nusd"
"""The name under which a record keeps what it would have cost, had its hold been larger."""


def charge(tokens: Tokens, price: Price) -> NanoUsd:
    """The cost of `tokens` at `price`: each input token counts once, cached or not; rounded up once, at the end."""
    return cost_of(
        (tokens.input - tokens.cached_input, price.input_nusd_per_mtok),
        (tokens.cached_input, price.cached_input_nusd_per_mtok),
        (tokens.output, price.output_nusd_per_mtok),
    )


def note_cap(refusal: str, cost_nusd: int) -> str:
    """`refusal` of a usage record, with a note that it would have cost `cost_nusd` but for its hold.

    The one reason why a charge may be less than tokens times price, so it stands where the chain covers it.
    """
    noted: dict[str, object] = msgspec.json.decode(refusal) if refusal else {}
    return msgspec.json.encode({**noted, CAPPED_FROM: str(cost_nusd)}).decode()
