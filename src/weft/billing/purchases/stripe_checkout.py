"""Stripe Checkout as a payment provider, by Stripe's own library.

Source: Stripe API reference, checkout sessions, events and webhook signatures (library 16.1, API version as the library
pins it). The library verifies signatures and talks to the API; what is in an event is read by our own shapes, so that
an event of another shape is refused rather than half understood.

Invariants: amounts are whole cents of US dollars, and the page shows and takes exactly that (no conversion, no
promotion codes); our purchase's id travels with the session, with the payment and so with the charge; a call is sent
with the purchase's id as its idempotency key, and ends within `CALL_TIMEOUT_S` whatever Stripe does.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import httpx
import msgspec
import stripe
import structlog

from weft.billing.purchases.provider import (
    CheckoutPage,
    Happening,
    Ignored,
    InvalidSignature,
    NotPaid,
    Paid,
    PaymentEvent,
    PaymentProviderFailed,
    PaymentsOff,
    Refunded,
)
from weft.billing.purchases.types import Purchase, PurchaseStatus, cents_of
from weft.kit.errors import InvalidRequest
from weft.kit.settings import Settings

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams

NAME = "stripe"
CURRENCY = "usd"
TOLERANCE_S = 300
"""How old a signature may be: Stripe's own recommendation."""
CALL_TIMEOUT_S = 30.0
_ATTEMPT_TIMEOUT_S = 10.0
_RETRIES = 2
_PURCHASE = "weft_purchase"

_verify = cast(
    "Callable[[bytes, str, str, int], object]",
    stripe.WebhookSignature.verify_header,  # pyright: ignore[reportUnknownMemberType] - half of its types are missing
)

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class _Reference(msgspec.Struct, frozen=True):
    id: str


class _Session(msgspec.Struct, frozen=True):
    """Of a checkout session, what we read."""

    id: str
    amount_total: int | None = None
    currency: str | None = None
    payment_status: str = ""
    client_reference_id: str | None = None
    payment_intent: str | _Reference | None = None


class _Charge(msgspec.Struct, frozen=True):
    """Of a charge, what we read."""

    amount_refunded: int
    currency: str
    payment_intent: str | _Reference | None = None
    metadata: dict[str, str] = {}


class _Data(msgspec.Struct, frozen=True):
    object: msgspec.Raw


class _Event(msgspec.Struct, frozen=True):
    id: str
    type: str
    data: _Data


class StripeCheckout:
    """Stripe. `close` it when done."""

    name = NAME

    def __init__(self, settings: Settings) -> None:
        self._webhook_secret = settings.stripe_webhook_secret.get_secret_value()
        self._base = settings.public_url
        self._http = stripe.HTTPXClient(timeout=httpx.Timeout(_ATTEMPT_TIMEOUT_S))
        self._client = stripe.StripeClient(
            settings.stripe_secret_key.get_secret_value(),
            base_addresses={"api": settings.stripe_api_base},
            max_network_retries=_RETRIES,
            http_client=self._http,
        )

    async def start_checkout(self, purchase: Purchase, team: str, email: str) -> CheckoutPage:
        """Open a page where `purchase` can be paid; the same purchase twice is one checkout."""
        if not self._base:
            raise PaymentsOff("public_url is not set, so nobody would find back from the checkout")
        wanted = self._wanted(purchase, team, email)
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                session = await self._client.v1.checkout.sessions.create_async(
                    wanted, {"idempotency_key": purchase.id}
                )
        except (stripe.StripeError, TimeoutError) as error:
            said = error.code if isinstance(error, stripe.StripeError) else "no answer in time"
            _log.warning(
                "checkout_not_started",
                purchase=purchase.id,
                error=type(error).__name__,
                code=said,
            )
            raise PaymentProviderFailed("Stripe did not open a checkout") from error
        if not session.url:
            raise PaymentProviderFailed("Stripe opened a checkout without a page")
        return CheckoutPage(session.id, session.url)

    def _wanted(self, purchase: Purchase, team: str, email: str) -> "SessionCreateParams":
        back = f"{self._base}/billing/{team}?purchase={purchase.id}"
        wanted: SessionCreateParams = {
            "mode": "payment",
            "client_reference_id": purchase.id,
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": CURRENCY,
                        "unit_amount": cents_of(purchase.amount_nusd),
                        "product_data": {"name": f"Inference credit for {team}"},
                    },
                }
            ],
            "metadata": {_PURCHASE: purchase.id},
            "payment_intent_data": {"metadata": {_PURCHASE: purchase.id}},
            "adaptive_pricing": {"enabled": False},
            "success_url": f"{back}&checkout=done",
            "cancel_url": f"{back}&checkout=cancelled",
        }
        if email:
            wanted["customer_email"] = email
        return wanted

    def read_event(self, body: bytes, signature: str) -> PaymentEvent:
        """Verify and read what was posted."""
        if not self._webhook_secret:
            raise PaymentsOff("stripe_webhook_secret is not set, so no event can be believed")
        try:
            _verify(body, signature, self._webhook_secret, TOLERANCE_S)
        except stripe.SignatureVerificationError as error:
            raise InvalidSignature("The signature of this event is not valid") from error
        except ValueError as error:
            raise InvalidRequest("The event is no text in UTF-8") from error
        try:
            event = msgspec.json.decode(body, type=_Event)
            return PaymentEvent(event.id, event.type, _happening(event))
        except msgspec.DecodeError as error:  # ValidationError is one
            raise InvalidRequest(f"The event has another shape than expected: {error}") from error

    async def close(self) -> None:
        """Close connections. Idempotent."""
        await self._http.close_async()


def _happening(event: _Event) -> Happening:
    match event.type:
        case "checkout.session.completed" | "checkout.session.async_payment_succeeded":
            session = msgspec.json.decode(event.data.object, type=_Session)
            if session.payment_status != "paid":
                return Ignored(f"not paid yet ({session.payment_status})")
            return Paid(
                purchase_id=session.client_reference_id or "",
                reference=session.id,
                payment_id=_id_of(session.payment_intent),
                amount_cents=session.amount_total or 0,
                currency=session.currency or "",
            )
        case "checkout.session.async_payment_failed" | "checkout.session.expired":
            session = msgspec.json.decode(event.data.object, type=_Session)
            expired = event.type.endswith("expired")
            status = PurchaseStatus.EXPIRED if expired else PurchaseStatus.FAILED
            return NotPaid(session.client_reference_id or "", session.id, status)
        case "charge.refunded":
            charge = msgspec.json.decode(event.data.object, type=_Charge)
            return Refunded(
                purchase_id=charge.metadata.get(_PURCHASE, ""),
                payment_id=_id_of(charge.payment_intent),
                refunded_cents=charge.amount_refunded,
                currency=charge.currency,
            )
        case _:
            return Ignored("of no kind that matters here")


def _id_of(reference: str | _Reference | None) -> str:
    if isinstance(reference, _Reference):
        return reference.id
    return reference or ""
