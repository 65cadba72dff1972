"""All SQL of purchases. Plain functions that take a `Connection`; transactions belong to the caller."""

from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from weft.billing.purchases.types import Purchase, PurchaseStatus
from weft.billing.schema import PURCHASE
from weft.kit.clock import from_us, to_us
from weft.kit.money import NanoUsd

LIST_LIMIT = 1_000


def insert_purchase(connection: Connection, purchase: Purchase) -> None:
    """Write a new purchase."""
    connection.execute(
        insert(PURCHASE).values(
            id=purchase.id,
            team_id=purchase.team_id,
            amount_nusd=purchase.amount_nusd,
            status=purchase.status.value,
            method=purchase.method,
            reference=purchase.reference,
            payment_id=purchase.payment_id,
            refunded_nusd=purchase.refunded_nusd,
            taken_back_nusd=purchase.taken_back_nusd,
            note=purchase.note,
            made_by=purchase.made_by,
            created_at_us=to_us(purchase.created_at),
            settled_at_us=None if purchase.settled_at is None else to_us(purchase.settled_at),
        )
    )


def find_purchase(connection: Connection, purchase_id: str) -> Purchase | None:
    """The purchase of this id."""
    row = connection.execute(select(PURCHASE).where(PURCHASE.c.id == purchase_id)).one_or_none()
    return _purchase(row) if row else None


def find_by_reference(connection: Connection, method: str, reference: str) -> Purchase | None:
    """The purchase that the other side calls so."""
    if not reference:
        return None
    found = select(PURCHASE).where(PURCHASE.c.method == method, PURCHASE.c.reference == reference)
    row = connection.execute(found).one_or_none()
    return _purchase(row) if row else None


def find_by_payment(connection: Connection, method: str, payment_id: str) -> Purchase | None:
    """The purchase that was paid by this movement of money."""
    if not payment_id:
        return None
    found = select(PURCHASE).where(PURCHASE.c.method == method, PURCHASE.c.payment_id == payment_id)
    row = connection.execute(found.limit(1)).one_or_none()
    return _purchase(row) if row else None


def list_purchases(
    connection: Connection, team_id: str | None = None, limit: int = LIST_LIMIT
) -> list[Purchase]:
    """Purchases, the newest first; of one team, if one is given."""
    wanted = select(PURCHASE).order_by(PURCHASE.c.created_at_us.desc(), PURCHASE.c.id.desc())
    if team_id is not None:
        wanted = wanted.where(PURCHASE.c.team_id == team_id)
    return [_purchase(row) for row in connection.execute(wanted.limit(min(limit, LIST_LIMIT)))]


def set_reference(connection: Connection, purchase_id: str, reference: str) -> None:
    """Say what the provider calls a purchase whose checkout was opened."""
    connection.execute(
        update(PURCHASE)
        .where(PURCHASE.c.id == purchase_id, PURCHASE.c.reference == "")
        .values(reference=reference)
    )


def set_status(
    connection: Connection,
    purchase: Purchase,
    status: PurchaseStatus,
    *,
    now: datetime,
    reference: str = "",
    payment_id: str = "",
) -> None:
    """Say how a purchase ended."""
    connection.execute(
        update(PURCHASE)
        .where(PURCHASE.c.id == purchase.id)
        .values(
            status=status.value,
            settled_at_us=to_us(now),
            reference=reference or purchase.reference,
            payment_id=payment_id or purchase.payment_id,
        )
    )


def set_refunded(
    connection: Connection, purchase_id: str, *, refunded_nusd: int, taken_back_nusd: int
) -> None:
    """Say how much of a purchase was paid back, and how much of that the ledger knows."""
    connection.execute(
        update(PURCHASE)
        .where(PURCHASE.c.id == purchase_id)
        .values(refunded_nusd=refunded_nusd, taken_back_nusd=taken_back_nusd)
    )


def _purchase(row: Row[*tuple[object, ...]]) -> Purchase:
    return Purchase(
        id=row.id,
        team_id=row.team_id,
        amount_nusd=NanoUsd(row.amount_nusd),
        status=PurchaseStatus(row.status),
        method=row.method,
        reference=row.reference,
        payment_id=row.payment_id,
        refunded_nusd=NanoUsd(row.refunded_nusd),
        taken_back_nusd=NanoUsd(row.taken_back_nusd),
        note=row.note,
        made_by=row.made_by,
        created_at=from_us(row.created_at_us),
        settled_at=None if row.settled_at_us is None else from_us(row.settled_at_us),
    )
