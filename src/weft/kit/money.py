"""Money as integer nano-dollars, prices as integer nano-dollars per million tokens.

1 USD = 1,000,000,000 nUSD. A price of $0.0025 per million tokens is 2,500,000 nUSD per million: whole, where
nano-dollars per token would not be. A request is rounded up once, after its parts are added. A 64-bit integer holds
$9.2 billion; a JavaScript number only $9.0 million, so money crosses JSON as a string.
"""

import re
from decimal import Decimal
from typing import NewType

NanoUsd = NewType("NanoUsd", int)
"""An amount in nano-dollars."""

NanoUsdPerMtok = NewType("NanoUsdPerMtok", int)
"""A price in nano-dollars per million tokens."""

NUSD_PER_USD = 1_000_000_000
TOKENS_PER_MTOK = 1_000_000
_DECIMAL = re.compile(r"-?\d{1,10}(\.\d{1,9})?")


def parse_usd(text: str) -> NanoUsd:
    """Read a decimal dollar figure such as `"0.55"` exactly.

    Raises:
        ValueError: if it is no plain decimal, or finer than a nano-dollar.
    """
    if not _DECIMAL.fullmatch(text):
        msg = f"{text!r} is not a dollar amount with at most nine decimals"
        raise ValueError(msg)
    return NanoUsd(int(Decimal(text) * NUSD_PER_USD))


def format_usd(amount: int) -> str:
    """Write nano-dollars as plain decimal dollars, without trailing zeros: `1_500_000` -> `"0.0015"`."""
    sign = "-" if amount < 0 else ""
    whole, nano = divmod(abs(amount), NUSD_PER_USD)
    fraction = f"{nano:09d}".rstrip("0")
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def cost_of(*parts: tuple[int, NanoUsdPerMtok]) -> NanoUsd:
    """The cost of `(tokens, price)` parts, rounded up once to the nano-dollar."""
    total = 0
    for tokens, price in parts:
        total += tokens * price
    return NanoUsd(-(-total // TOKENS_PER_MTOK))
