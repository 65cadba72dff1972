"""`/api/billing/checkout`, the purchases of a team, and the webhooks of payment providers.

A checkout is a row of ours first and the provider's second: whatever is lost on the way, what is paid later finds its
purchase. The webhook takes the body as it came, since that is what was signed; it answers 200 to every event that it
understood, also to those that do not matter, because any other status would have the provider send it again for days.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from weft.billing.purchases.provider import PaymentProvider, PaymentProviderFailed, PaymentsOff
from weft.billing.purchases.settle import apply_event, new_purchase
from weft.billing.purchases.store import (
    LIST_LIMIT,
    insert_purchase,
    list_purchases,
    set_reference,
    set_status,
)
from weft.billing.purchases.types import Purchase, PurchaseStatus, read_amount
from weft.identity.audit.store import record
from weft.identity.types import User
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.errors import PayloadTooLarge
from weft.kit.money import NanoUsd
from weft.ledger.rights import team_to_read

MAX_EVENT_BYTES = 1_048_576
SIGNATURE = "stripe-signature"

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class CheckoutRequest(BaseModel):
    """How much credit to buy for whom."""

    model_config = ConfigDict(extra="forbid")

    team: Annotated[str, Field(max_length=128)]
    usd: Annotated[str, Field(max_length=40)]
    """Decimal dollars in whole cents: `"25"` or `"99.50"`."""


class Checkout(BaseModel):
    """Where to pay."""

    purchase_id: str
    url: str


class PurchaseInfo(BaseModel):
    """One purchase of credit; money as nano-dollars."""

    id: str
    amount_nusd: str
    refunded_nusd: str
    status: PurchaseStatus
    method: str
    """`manual`: an admin recorded it; otherwise the payment provider."""
    reference: str
    note: str
    made_by: str
    created_at: datetime
    settled_at: datetime | None


class PurchaseList(BaseModel):
    """The latest purchases of a team, newest first."""

    team: str
    purchases: list[PurchaseInfo]


class Received(BaseModel):
    """What became of an event."""

    outcome: str


@dataclass(frozen=True, slots=True)
class _Cashier:
    database: Database
    provider: PaymentProvider
    clock: Clock

    async def open(self, user: User, wanted: CheckoutRequest) -> Checkout:
        amount = read_amount(wanted.usd)
        now = self.clock.now()
        purchase = await self.database.write_soon(
            lambda c: self._insert(c, user, wanted.team, amount_nusd=amount, now=now)
        )
        try:
            page = await self.provider.start_checkout(purchase, wanted.team, user.email)
        except (PaymentProviderFailed, PaymentsOff):
            failed = PurchaseStatus.FAILED
            await self.database.write_soon(
                lambda c: set_status(c, purchase, failed, now=self.clock.now())
            )
            raise
        await self.database.write_soon(lambda c: set_reference(c, purchase.id, page.reference))
        _log.info("checkout_started", purchase=purchase.id, reference=page.reference)
        return Checkout(purchase_id=purchase.id, url=page.url)

    def _insert(
        self, connection: Connection, user: User, team: str, *, amount_nusd: NanoUsd, now: datetime
    ) -> Purchase:
        found = team_to_read(connection, user, team, as_admin=True)
        purchase = new_purchase(
            found,
            amount_nusd,
            method=self.provider.name,
            made_by=user.username,
            now=now,
        )
        insert_purchase(connection, purchase)
        record(
            connection,
            by=user,
            action="purchase.checkout",
            subject=found.name,
            team=found.id,
            detail={"purchase": purchase.id, "amount_nusd": str(amount_nusd)},
            now=now,
        )
        return purchase

    async def receive(self, body: bytes, signature: str) -> Received:
        event = self.provider.read_event(body, signature)
        now = self.clock.now()
        outcome = await self.database.write_soon(
            lambda c: apply_event(c, self.provider.name, event, now)
        )
        _log.info("payment_event_received", event_id=event.id, kind=event.kind, outcome=outcome)
        return Received(outcome=outcome)


def router(
    database: Database,
    signed_in: Callable[..., Awaitable[User]],
    provider: PaymentProvider | None,
    clock: Clock,
) -> APIRouter:
    """The routes; without a provider they say so."""
    routes = APIRouter(prefix="/api/billing", tags=["billing"])
    cashier = None if provider is None else _Cashier(database, provider, clock)

    def cashier_here() -> _Cashier:
        if cashier is None:
            raise PaymentsOff("No payment provider is set up on this server")
        return cashier

    @routes.post("/checkout", status_code=201)
    async def start_checkout(
        caller: Annotated[User, Depends(signed_in)], wanted: CheckoutRequest
    ) -> Checkout:
        """Buy credit for a team, as one of its admins: answers with the page to pay on."""
        return await cashier_here().open(caller, wanted)

    @routes.post(
        "/webhooks/stripe",
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}
        },
    )
    async def receive_stripe_event(request: Request) -> Received:
        """For Stripe: what happened to a payment, signed by Stripe. Takes no key."""
        here = cashier_here()
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_EVENT_BYTES:
                raise PayloadTooLarge(f"An event has at most {MAX_EVENT_BYTES} bytes")
        return await here.receive(bytes(body), request.headers.get(SIGNATURE, ""))

    _ = (start_checkout, receive_stripe_event)
    _add_list(routes, database, signed_in)
    return routes


def _add_list(
    routes: APIRouter, database: Database, signed_in: Callable[..., Awaitable[User]]
) -> None:
    @routes.get("/{team}/purchases")
    async def show_purchases(
        caller: Annotated[User, Depends(signed_in)],
        team: Annotated[str, Path(max_length=128)],
        limit: Annotated[int, Query(ge=1, le=LIST_LIMIT)] = 100,
    ) -> PurchaseList:
        """What a team bought, and how far each purchase has come; for its admins."""

        def work(connection: Connection) -> PurchaseList:
            found = team_to_read(connection, caller, team, as_admin=True)
            purchases = list_purchases(connection, found.id, limit)
            return PurchaseList(team=found.name, purchases=[_info(one) for one in purchases])

        return await database.read_soon(work)

    _ = show_purchases


def _info(purchase: Purchase) -> PurchaseInfo:
    return PurchaseInfo(
        id=purchase.id,
        amount_nusd=str(purchase.amount_nusd),
        refunded_nusd=str(purchase.refunded_nusd),
        status=purchase.status,
        method=purchase.method,
        reference=purchase.reference,
        note=purchase.note,
        made_by=purchase.made_by,
        created_at=purchase.created_at,
        settled_at=purchase.settled_at,
    )
