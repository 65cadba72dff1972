"""`/api/invoices`: invoices as JSON, HTML, PDF and CSV, for the admins of a team and of the server."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel
from sqlalchemy import Connection

from weft.billing.invoices.csv import render_csv
from weft.billing.invoices.html import render_html
from weft.billing.invoices.issue import Invoices
from weft.billing.invoices.store import Issued, list_invoices
from weft.billing.invoices.types import Invoice
from weft.identity.audit.types import Actor
from weft.identity.teams import team_names
from weft.identity.types import User
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.errors import InvalidRequest
from weft.ledger.rights import team_to_read


class Format(StrEnum):
    """How an invoice is written."""

    HTML = "html"
    PDF = "pdf"
    CSV = "csv"


def _render_pdf(invoice: Invoice) -> bytes:
    from weft.billing.invoices.pdf import render_pdf  # noqa: PLC0415 - slow to import

    return render_pdf(invoice)


_RENDER: dict[Format, Callable[[Invoice], bytes]] = {
    Format.HTML: render_html,
    Format.PDF: _render_pdf,
    Format.CSV: render_csv,
}
_TYPES = {
    Format.HTML: "text/html; charset=utf-8",
    Format.PDF: "application/pdf",
    Format.CSV: "text/csv; charset=utf-8",
}
_CONTENT: dict[str, dict[str, dict[str, str]]] = {
    kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in _TYPES.values()
}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""A page of text and one style sheet of its own: nothing in it runs, nothing is loaded."""


class InvoiceLine(BaseModel):
    """An invoice in a list; money as nano-dollars."""

    number: str
    team_id: str
    team: str
    month: str
    issued_at: datetime
    cost_nusd: str
    owed_nusd: str
    due_nusd: str
    """What is to be paid: whole cents."""


class InvoiceList(BaseModel):
    """Invoices that were issued, the newest first."""

    invoices: list[InvoiceLine]


def render(invoice: Invoice, wanted: Format) -> bytes:
    """An invoice as a file."""
    return _RENDER[wanted](invoice)


def file_name(invoice: Invoice, wanted: Format) -> str:
    """What the file is called."""
    number = invoice.number or f"draft-{invoice.month}"
    return f"invoice-{invoice.team}-{number}.{wanted.value}"


def invoice_line(issued: Issued, team: str) -> InvoiceLine:
    """An invoice for a list."""
    return InvoiceLine(
        number=issued.number,
        team_id=issued.team_id,
        team=team,
        month=issued.month,
        issued_at=issued.issued_at,
        cost_nusd=str(issued.invoice.cost_nusd),
        owed_nusd=str(issued.invoice.owed_nusd),
        due_nusd=str(issued.invoice.due_cents * 10_000_000),
    )


def router(
    database: Database,
    signed_in: Callable[..., Awaitable[User]],
    invoices: Invoices,
    clock: Clock,
) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/invoices", tags=["billing"])

    @routes.get("")
    async def list_issued(
        caller: Annotated[User, Depends(signed_in)],
        team: Annotated[str | None, Query(max_length=128)] = None,
    ) -> InvoiceList:
        """Invoices that were issued; of one team, or for administrators of the server of all."""

        def work(connection: Connection) -> list[InvoiceLine]:
            team_id = None
            if team is not None:
                team_id = team_to_read(connection, caller, team, as_admin=True).id
            elif not caller.is_admin:
                raise InvalidRequest(
                    "Say of which team", param="team", remedy="add ?team=NAME, a team of yours"
                )
            found = list_invoices(connection, team_id)
            names = team_names(connection, {one.team_id for one in found})
            return [invoice_line(one, names.get(one.team_id, one.team_id)) for one in found]

        return InvoiceList(invoices=await database.read_soon(work))

    @routes.get("/{team}/{month}", response_class=Response, responses={200: {"content": _CONTENT}})
    async def show_invoice(
        caller: Annotated[User, Depends(signed_in)],
        team: str,
        month: str,
        format: Format = Format.HTML,  # noqa: A002 - the query's word
    ) -> Response:
        """The invoice of a month such as `2026-11`, issued when it is first asked for; a draft of an open month."""
        found = await database.read_soon(lambda c: team_to_read(c, caller, team, as_admin=True))

        def make() -> tuple[Invoice, bytes]:
            made = invoices.get(found, month, by=Actor(caller.username, caller.id), now=clock.now())
            return made, render(made, format)

        invoice, body = await asyncio.to_thread(make)
        name = file_name(invoice, format)
        place = "inline" if format is Format.HTML else "attachment"
        headers = {
            "content-disposition": f'{place}; filename="{name}"',
            "content-security-policy": _POLICY,
            "cache-control": "private, no-store",
        }
        return Response(body, headers=headers, media_type=_TYPES[format])

    _ = (list_issued, show_invoice)
    return routes
