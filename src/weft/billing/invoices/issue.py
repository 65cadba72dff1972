"""Makes and issues invoices. A month that is over is issued once, by whoever asks first; an open month gives a draft.

Issuing takes three steps, so that gathering a month of many requests holds nobody up:

1. the month is closed: the ledger's head is moved to the present, so that no process, whatever its clock says, can post
   into the month any more;
2. the invoice is gathered, in one snapshot of what cannot change now;
3. it gets its number and is kept, unless somebody else was faster.
"""

from datetime import datetime

from sqlalchemy import Connection

from weft.billing.invoices.gather import Frame, gather
from weft.billing.invoices.store import find_invoice, insert_invoice
from weft.billing.invoices.types import Invoice
from weft.billing.purchases.types import NUSD_PER_CENT
from weft.billing.terms import TermsBook
from weft.identity.audit.store import record
from weft.identity.audit.types import Actor
from weft.identity.names import NoSuchThing
from weft.identity.types import Team
from weft.kit import bulk
from weft.kit.clock import to_us
from weft.kit.db import Database
from weft.kit.errors import InvalidRequest
from weft.kit.settings import Settings
from weft.ledger.posting import Head
from weft.ledger.proof.statement import Month, find_month
from weft.ledger.windows import days_of_month, start_us

_ACTIVE = (
    "SELECT DISTINCT team_id FROM ledger_transaction WHERE seq <= ? AND team_id <> ''"
    " ORDER BY team_id"
)


class Invoices:
    """Invoices of all teams."""

    def __init__(self, database: Database, settings: Settings, terms: TermsBook) -> None:
        self._database = database
        self._settings = settings
        self._terms = terms

    def get(self, team: Team, month: str, *, by: Actor, now: datetime) -> Invoice:
        """The invoice of a month: as it was issued, issued now, or a draft. Runs in a thread.

        Raises:
            InvalidRequest: it is no month, it has not begun, or nobody said who sends invoices.
            NoSuchThing: nothing happened in that month.
        """
        with self._database.read() as connection:
            issued = find_invoice(connection, team.id, month)
            if issued is not None:
                return issued
            span = find_month(connection, month, now)
            if to_us(now) < span.until_us:
                return self._gather(connection, team, span, now)
        return self._issue(team, month, by=by, now=now)

    def active_teams(self, month: str) -> list[str]:
        """The ids of teams that have moved money before the end of a month."""
        with self._database.read() as connection:
            try:
                ends_at_us = start_us(days_of_month(month)[1] + 1)
            except ValueError as error:
                raise InvalidRequest(f"{month[:20]!r} is no month; write 2026-11") from error
            last = "SELECT COALESCE(MAX(seq), 0) FROM ledger_transaction WHERE posted_at_us < ?"
            seq = int(bulk.run(connection, last, (ends_at_us,))[0][0])
            return [str(row[0]) for row in bulk.run(connection, _ACTIVE, (seq,))]

    def _issue(self, team: Team, month: str, *, by: Actor, now: datetime) -> Invoice:
        if not self._settings.invoice_seller:
            raise InvalidRequest(
                "An invoice has to say who sends it, and nobody has said so",
                param="invoice_seller",
                remedy="set invoice_seller: name, address and tax number; drafts go without",
            )
        with self._database.write() as connection:
            Head(connection, to_us(now)).save()
        with self._database.read() as connection:
            invoice = self._gather(connection, team, find_month(connection, month, now), now)
        if not _has_content(invoice):
            raise NoSuchThing(f"nothing was used, bought or owed by {team.name} in {month}")
        with self._database.write() as connection:
            known = find_invoice(connection, team.id, month)
            if known is not None:
                return known
            issued = insert_invoice(connection, invoice, by.name)
            record(
                connection,
                by=by,
                action="invoice.issue",
                subject=issued.number,
                team=team.id,
                detail={"month": month, "due_nusd": str(issued.due_cents * NUSD_PER_CENT)},
                now=now,
            )
            return issued

    def _gather(self, connection: Connection, team: Team, month: Month, now: datetime) -> Invoice:
        settings = self._settings
        base = settings.public_url
        frame = Frame(
            number="",
            issued_at=now,
            seller=settings.invoice_seller,
            note=settings.invoice_note,
            plan=self._terms.of(connection, team.id).plan.label,
            statement_url=f"{base}/api/statements/{team.name}/{month.name}" if base else "",
        )
        return gather(connection, team, month, frame)


def _has_content(invoice: Invoice) -> bool:
    return bool(
        invoice.lines
        or invoice.movements
        or invoice.purchases
        or invoice.owed_nusd
        or any(line.added_nusd or line.ended_nusd for line in invoice.credits)
    )
