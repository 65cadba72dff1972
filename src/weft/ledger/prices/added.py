"""All SQL of the prices that administrators added while servers run: who, why, and whether they were taken back.

The figures themselves stand in the book (`store.py`), where nothing changes. Of a row here only the last three fields
ever change, once: a price that is not in force yet can be withdrawn.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, insert, select, update

from weft.catalog.types import Price
from weft.kit.clock import from_us
from weft.ledger.prices.store import BookPrice, list_prices
from weft.ledger.schema import price_added


@dataclass(frozen=True, slots=True)
class Added:
    """Who added a price, and what became of it."""

    version: str
    added_by: str
    note: str
    added_at_us: int
    withdrawn_at_us: int | None = None
    withdrawn_by: str = ""
    withdraw_reason: str = ""


State = tuple[int, int]
"""How many prices were added, and how many withdrawn: another one means that there is news."""


def read_state(connection: Connection) -> State:
    """Of the prices added so far."""
    counts = select(func.count(), func.count(price_added.c.withdrawn_at_us))
    added, withdrawn = connection.execute(counts).one()
    return int(added), int(withdrawn)


def list_added(connection: Connection) -> dict[str, Added]:
    """All that were added, by their version."""
    return {row.version: _added(row) for row in connection.execute(select(price_added))}


def find_added(connection: Connection, version: str) -> Added | None:
    """What is known of one price, if somebody added it."""
    found = connection.execute(select(price_added).where(price_added.c.version == version))
    row = found.one_or_none()
    return None if row is None else _added(row)


def insert_added(connection: Connection, one: Added) -> None:
    """Keep who added a price."""
    connection.execute(
        insert(price_added).values(
            version=one.version,
            added_by=one.added_by,
            note=one.note,
            added_at_us=one.added_at_us,
            withdrawn_by="",
            withdraw_reason="",
        )
    )


def withdraw_added(
    connection: Connection, version: str, *, by: str, reason: str, now_us: int
) -> None:
    """A price is not to come into force."""
    connection.execute(
        update(price_added)
        .where(price_added.c.version == version, price_added.c.withdrawn_at_us.is_(None))
        .values(withdrawn_at_us=now_us, withdrawn_by=by, withdraw_reason=reason)
    )


def added_prices(connection: Connection) -> dict[str, list[Price]]:
    """Those that hold beside the catalog's files, by model and oldest first."""
    by_model: dict[str, list[Price]] = {}
    known = {version for version, one in list_added(connection).items() if not one.withdrawn_at_us}
    for price in list_prices(connection) if known else ():
        if price.version in known:
            by_model.setdefault(price.model_id, []).append(price_of_book(price))
    return by_model


def prices_of_files(connection: Connection) -> list[BookPrice]:
    """The book without what was added: what files of the catalog say, or said."""
    added = list_added(connection)
    return [price for price in list_prices(connection) if price.version not in added]


def price_of_book(price: BookPrice) -> Price:
    """A recorded price as the catalog has it."""
    return Price(
        version=price.version,
        effective_at=from_us(price.effective_at_us),
        input_nusd_per_mtok=price.input_nusd_per_mtok,
        output_nusd_per_mtok=price.output_nusd_per_mtok,
        cached_input_nusd_per_mtok=price.cached_input_nusd_per_mtok,
        source=price.source,
        override_by=price.override_by,
        override_reason=price.override_reason,
    )


def _added(row: Row[*tuple[object, ...]]) -> Added:
    return Added(
        version=row.version,
        added_by=row.added_by,
        note=row.note,
        added_at_us=row.added_at_us,
        withdrawn_at_us=row.withdrawn_at_us,
        withdrawn_by=row.withdrawn_by,
        withdraw_reason=row.withdraw_reason,
    )
