"""All SQL of invoices and of the addresses they go to. What was issued is never changed.

Numbers are `<year>-<place>`, counted without gaps over all teams within the year of issue: what tax law asks of whoever
sends invoices is one series without gaps, not one for each customer. The place is taken in the transaction that writes
the invoice, and invoices are not removed, so that nothing can be missing; two indexes keep it so.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, func, insert, select, update

from weft.billing.invoices.types import Invoice
from weft.billing.schema import BUYER, INVOICE
from weft.kit.clock import from_us, to_us
from weft.kit.errors import InternalError
from weft.ledger.posting import digest_of

LIST_LIMIT = 1_000


class InvoiceDamaged(InternalError):
    """What is kept of an invoice is not what was issued."""

    code = "invoice_damaged"


@dataclass(frozen=True, slots=True)
class Issued:
    """An invoice in a list."""

    number: str
    team_id: str
    month: str
    issued_at: datetime
    issued_by: str
    invoice: Invoice


def find_invoice(connection: Connection, team_id: str, month: str) -> Invoice | None:
    """The invoice that was issued for a team's month.

    Raises:
        InvoiceDamaged: it was changed since.
    """
    found = INVOICE.select().where(INVOICE.c.team_id == team_id, INVOICE.c.month == month)
    row = connection.execute(found).one_or_none()
    return None if row is None else _invoice(row)


def insert_invoice(connection: Connection, invoice: Invoice, issued_by: str) -> Invoice:
    """Give `invoice` the next number of its year, and keep it for good."""
    year = invoice.issued_at.year
    taken = select(func.coalesce(func.max(INVOICE.c.place), 0)).where(INVOICE.c.series == year)
    place = int(connection.execute(taken).scalar_one()) + 1
    issued = msgspec.structs.replace(invoice, number=f"{year}-{place:06}")
    content = msgspec.json.encode(issued).decode()
    connection.execute(
        insert(INVOICE).values(
            number=issued.number,
            series=year,
            place=place,
            team_id=issued.team_id,
            month=issued.month,
            issued_at_us=to_us(issued.issued_at),
            issued_by=issued_by,
            content=content,
            content_hash=digest_of(content),
        )
    )
    return issued


def list_invoices(connection: Connection, team_id: str | None = None) -> list[Issued]:
    """Invoices, the newest first; of one team, if one is given."""
    wanted = INVOICE.select().order_by(INVOICE.c.series.desc(), INVOICE.c.place.desc())
    if team_id is not None:
        wanted = wanted.where(INVOICE.c.team_id == team_id)
    return [
        Issued(
            number=row.number,
            team_id=row.team_id,
            month=row.month,
            issued_at=from_us(row.issued_at_us),
            issued_by=row.issued_by,
            invoice=_invoice(row),
        )
        for row in connection.execute(wanted.limit(LIST_LIMIT))
    ]


def set_buyer(
    connection: Connection, team_id: str, address: str, *, set_by: str, now: datetime
) -> None:
    """Say where a team's invoices go; those that were issued stay as they are."""
    values = {"address": address, "set_by": set_by, "set_at_us": to_us(now)}
    changed = connection.execute(update(BUYER).where(BUYER.c.team_id == team_id).values(values))
    if changed.rowcount == 0:
        connection.execute(insert(BUYER).values(team_id=team_id, **values))


def _invoice(row: Row[*tuple[object, ...]]) -> Invoice:
    if digest_of(row.content) != row.content_hash:
        raise InvoiceDamaged(
            f"the invoice {row.number} is not as it was issued",
            remedy="restore it from a backup; `weft ledger verify` tells whether more was changed",
        )
    return msgspec.json.decode(row.content, type=Invoice)
