"""Prices as a person writes them, read exactly: decimal dollars per million tokens to integer nano-dollars.

A history is a list of versions with the day each takes effect (00:00 UTC). Nothing is rounded and no float is involved.
Each version is judged by the one before it, and the first of an overlay by the shipped price that it replaces.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

import msgspec
from msgspec import UNSET

from weft.catalog.lines import KeyPath
from weft.catalog.safety import OVERRIDE, find_doubt
from weft.catalog.shape import PriceTable
from weft.catalog.source import CardSources
from weft.catalog.types import Price, price_in_force
from weft.kit.money import NanoUsdPerMtok, parse_usd

NO_PRICE_SOURCE = "no price set"
MAX_USD_PER_MTOK = 1_000
"""Dearer than any model sold by the token; a larger figure is in the wrong unit."""


def read_prices(
    model_id: str,
    rows: Sequence[PriceTable],
    sources: CardSources,
    *,
    input_only: bool = False,
) -> tuple[Price, ...]:
    """The price history, oldest first; one free price where the file has none.

    Raises:
        CannotStart: naming the file, the line and the mistake.
    """
    if not rows:
        return (_no_price(model_id),)
    below = _shipped_below(model_id, sources, input_only=input_only)
    prices: list[Price] = []
    for position, row in enumerate(rows):
        at: KeyPath = ("prices", position)
        effective_at = datetime.combine(row.effective_on, time(), tzinfo=UTC)
        if prices and effective_at == prices[-1].effective_at:
            raise sources.error(
                (*at, "effective_on"), f"a second price from {row.effective_on}; keep one of them"
            )
        if prices and effective_at < prices[-1].effective_at:
            raise sources.error(
                (*at, "effective_on"),
                f"{row.effective_on} is before the price above it; put the oldest first",
            )
        price = _price(model_id, row, at, effective_at, sources)
        before = prices[-1] if prices else price_in_force(below, effective_at)
        doubt = find_doubt(price, before, input_only=input_only)
        if doubt is not None and not price.override_by:
            key = doubt.figure.replace("nusd", "usd")
            raise sources.error((*at, key), f"{doubt.what}; {OVERRIDE}")
        prices.append(price)
    return tuple(prices)


def _shipped_below(model_id: str, sources: CardSources, *, input_only: bool) -> tuple[Price, ...]:
    """The prices of the file under an overlay that has prices of its own."""
    lowest = sources.files[0]
    if len(sources.files) < 2 or "prices" not in lowest.table:
        return ()
    if sources.origin_of(("prices",)) is lowest:
        return ()
    rows = msgspec.convert(
        lowest.table["prices"], tuple[PriceTable, ...], builtin_types=(date, datetime, time)
    )
    return read_prices(model_id, rows, CardSources((lowest,)), input_only=input_only)


def _price(
    model_id: str, row: PriceTable, at: KeyPath, effective_at: datetime, sources: CardSources
) -> Price:
    input_price = _usd(row.input_usd_per_mtok, (*at, "input_usd_per_mtok"), sources)
    output_price = _usd(row.output_usd_per_mtok, (*at, "output_usd_per_mtok"), sources)
    cached_at = (*at, "cached_input_usd_per_mtok")
    cached_price = input_price
    if row.cached_input_usd_per_mtok is not UNSET:
        cached_price = _usd(row.cached_input_usd_per_mtok, cached_at, sources)
    by, reason = row.override_by, row.override_reason
    if (by is UNSET) is not (reason is UNSET):
        given, missing = (
            ("override_by", "override_reason")
            if reason is UNSET
            else (
                "override_reason",
                "override_by",
            )
        )
        raise sources.error((*at, given), f"`{given}` goes with `{missing}`; write both")
    return Price(
        version=f"{model_id}@{row.effective_on.isoformat()}",
        effective_at=effective_at,
        input_nusd_per_mtok=input_price,
        output_nusd_per_mtok=output_price,
        cached_input_nusd_per_mtok=cached_price,
        source=row.source,
        override_by="" if by is UNSET else by,
        override_reason="" if reason is UNSET else reason,
    )


def _no_price(model_id: str) -> Price:
    """Free, and saying so: what a card without `[[prices]]` costs."""
    free = NanoUsdPerMtok(0)
    return Price(
        version=f"{model_id}@unpriced",
        effective_at=datetime(1970, 1, 1, tzinfo=UTC),
        input_nusd_per_mtok=free,
        output_nusd_per_mtok=free,
        cached_input_nusd_per_mtok=free,
        source=NO_PRICE_SOURCE,
    )


def _usd(text: str, path: KeyPath, sources: CardSources) -> NanoUsdPerMtok:
    try:
        amount = parse_usd(text)
    except ValueError as error:
        what = f'{error}; write dollars per million tokens, such as "0.55"'
        raise sources.error(path, what) from error
    if amount < 0:
        raise sources.error(path, f"{text!r} is negative; a price is zero or more")
    if amount > parse_usd(str(MAX_USD_PER_MTOK)):
        raise sources.error(
            path,
            f"{text!r} is over {MAX_USD_PER_MTOK} dollars; the unit is dollars per million tokens",
        )
    return NanoUsdPerMtok(amount)
