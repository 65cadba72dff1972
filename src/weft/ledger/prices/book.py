"""Recording prices: at its start a server writes what is new in its catalog into the book, or refuses to start.

Invariant: what is in the book never changes, so that a bill recomputed years later has the figures of its day. A file
that says something else about a recorded price is refused, and so is a price that looks like a slip beside the price
before it in the book (`catalog/safety.py`; the catalog has judged each file by itself by then).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from weft.catalog.safety import OVERRIDE, find_doubt
from weft.catalog.types import Modality, ModelCard, Price
from weft.identity.audit.store import record
from weft.identity.audit.types import Actor
from weft.kit.clock import from_us, to_us
from weft.kit.db import Database
from weft.kit.errors import CannotStart
from weft.kit.money import format_usd
from weft.ledger.posting import Head
from weft.ledger.prices.store import BookPrice, book_price, insert_prices, list_prices

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def record_prices(database: Database, cards: Iterable[ModelCard], now: datetime) -> list[BookPrice]:
    """Record the prices of `cards` that are not in the book yet, and return them.

    Raises:
        CannotStart: a recorded price changed, or a new one looks like a slip and nobody stands by it.
    """
    cards = list(cards)
    with database.read() as connection:
        if not new_prices(cards, list_prices(connection), now):
            return []
    with database.write() as connection:
        head = Head(connection, to_us(now))
        new = new_prices(cards, list_prices(connection), now)  # another server may have been first
        insert_prices(connection, head, new)
        _tell(connection, new, now)
        head.save()
    _log.info("prices_recorded", count=len(new))
    return new


def new_prices(
    cards: Iterable[ModelCard], book: Sequence[BookPrice], now: datetime
) -> list[BookPrice]:
    """The prices of `cards` that `book` does not have yet.

    Raises:
        CannotStart: as `record_prices` does.
    """
    known = {price.version: price for price in book}
    by_model: dict[str, list[BookPrice]] = {}
    for price in book:
        by_model.setdefault(price.model_id, []).append(price)
    new: list[BookPrice] = []
    for card in cards:
        history = by_model.get(card.id, [])
        for price in card.prices:
            wanted = book_price(card.id, price, now)
            recorded = known.get(price.version)
            if recorded is None:
                _check(card, price, history)
                new.append(wanted)
            elif recorded.figures != wanted.figures:
                raise CannotStart(
                    _changed(card, wanted, recorded),
                    remedy="put the old figures back, and add a new [[prices]] table with a later effective_on",
                )
    return new


def _tell(connection: Connection, new: Sequence[BookPrice], now: datetime) -> None:
    if new:
        models = sorted({price.model_id for price in new})
        some = models[0] if len(models) == 1 else f"{len(models)} models"
        detail = {"models": models, "prices": len(new)}
        by = Actor("server (start)")
        record(connection, by=by, action="price.record", subject=some, detail=detail, now=now)


def _check(card: ModelCard, price: Price, history: Sequence[BookPrice]) -> None:
    """Judge a new price by the one before it in the book; those of the file it was judged by already."""
    before = [
        old
        for old in history
        if old.effective_at_us < to_us(price.effective_at) and not old.version.endswith("@unpriced")
    ]
    later = [own for own in card.prices if own.effective_at < price.effective_at]
    if not before or (later and to_us(later[-1].effective_at) >= before[-1].effective_at_us):
        return
    input_only = card.modalities_output == (Modality.EMBEDDING,)
    doubt = find_doubt(price, _price(before[-1]), input_only=input_only)
    if doubt is not None and not price.override_by:
        raise CannotStart(f"{card.path}: {price.version}: {doubt.what} in the book; {OVERRIDE}")


def _price(book: BookPrice) -> Price:
    return Price(
        version=book.version,
        effective_at=from_us(book.effective_at_us),
        input_nusd_per_mtok=book.input_nusd_per_mtok,
        output_nusd_per_mtok=book.output_nusd_per_mtok,
        cached_input_nusd_per_mtok=book.cached_input_nusd_per_mtok,
        source=book.source,
    )


def _changed(card: ModelCard, wanted: BookPrice, recorded: BookPrice) -> str:
    since = from_us(recorded.recorded_at_us)
    return (
        f"{card.path}: the price {wanted.version} is in the book since {since:%Y-%m-%d} as"
        f" {_figures(recorded)}; the file says {_figures(wanted)}"
    )


def _figures(price: BookPrice) -> str:
    return (
        f"input {format_usd(price.input_nusd_per_mtok)},"
        f" output {format_usd(price.output_nusd_per_mtok)},"
        f" cached input {format_usd(price.cached_input_nusd_per_mtok)}"
    )
