"""The price book's table: rows are inserted once, with a transaction of the chain each, and never changed."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from weft.catalog.types import Price
from weft.kit import bulk
from weft.kit.clock import to_us
from weft.kit.money import NanoUsdPerMtok
from weft.ledger.accounts import TransactionKind
from weft.ledger.posting import Head, digest_of

PRICE_COLUMNS = (
    "version",
    "model_id",
    "effective_at_us",
    "input_nusd_per_mtok",
    "output_nusd_per_mtok",
    "cached_input_nusd_per_mtok",
    "source",
    "recorded_at_us",
    "override_by",
    "override_reason",
)
_SELECT = f"SELECT {','.join(PRICE_COLUMNS)} FROM ledger_price"  # noqa: S608 - our own names
_encode = msgspec.json.Encoder().encode


class BookPrice(msgspec.Struct, frozen=True):
    """One dated price of one model, as it was recorded."""

    version: str
    """`<model id>@<effective date>`, as usage records name it."""
    model_id: str
    effective_at_us: int
    input_nusd_per_mtok: NanoUsdPerMtok
    output_nusd_per_mtok: NanoUsdPerMtok
    cached_input_nusd_per_mtok: NanoUsdPerMtok
    source: str
    recorded_at_us: int
    override_by: str
    override_reason: str

    @property
    def figures(self) -> tuple[int, ...]:
        """What may never change once it is recorded."""
        return (
            self.effective_at_us,
            self.input_nusd_per_mtok,
            self.output_nusd_per_mtok,
            self.cached_input_nusd_per_mtok,
        )


def book_price(model_id: str, price: Price, now: datetime) -> BookPrice:
    """A price of the catalog, as it would be recorded now."""
    return BookPrice(
        version=price.version,
        model_id=model_id,
        effective_at_us=to_us(price.effective_at),
        input_nusd_per_mtok=price.input_nusd_per_mtok,
        output_nusd_per_mtok=price.output_nusd_per_mtok,
        cached_input_nusd_per_mtok=price.cached_input_nusd_per_mtok,
        source=price.source,
        recorded_at_us=to_us(now),
        override_by=price.override_by,
        override_reason=price.override_reason,
    )


def insert_prices(connection: Connection, head: Head, prices: Sequence[BookPrice]) -> None:
    """Record `prices`, each with its place in the chain."""
    rows = [msgspec.structs.astuple(price) for price in prices]
    bulk.insert(connection, "ledger_price", PRICE_COLUMNS, rows)
    for price in prices:
        digest = price_digest(price)
        head.append(TransactionKind.PRICE, price_key(price.version), "", [], content_hash=digest)


def price_key(version: str) -> str:
    """The idempotency key of a price's transaction."""
    return f"price:{version}"


def price_digest(price: BookPrice) -> str:
    """SHA-256 of the price's columns as a canonical JSON list: the `content_hash` of its transaction."""
    return digest_of(_encode(msgspec.structs.astuple(price)))


def list_prices(connection: Connection, model_id: str | None = None) -> list[BookPrice]:
    """The book, by model and then oldest first."""
    where, values = (" WHERE model_id = ?", (model_id,)) if model_id is not None else ("", ())
    rows = bulk.run(connection, f"{_SELECT}{where} ORDER BY model_id, effective_at_us", values)
    return [price_of(row) for row in rows]


def find_price(connection: Connection, version: str) -> BookPrice | None:
    """The price that usage records call `version`."""
    rows = bulk.run(connection, f"{_SELECT} WHERE version = ?", (version,))
    return price_of(rows[0]) if rows else None


def price_of(row: Sequence[object]) -> BookPrice:
    """A row of `PRICE_COLUMNS`, as it was read."""
    return msgspec.convert(dict(zip(PRICE_COLUMNS, row, strict=True)), BookPrice)
