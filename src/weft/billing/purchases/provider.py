"""What a payment provider does for us, and the words in which it tells what happened.

A provider starts a checkout, of which it tells the URL, and later posts events, each signed. `read_event` verifies and
translates; what follows from an event is decided in `settle.py`, the same for every provider. Events come at least
once, in any order, days later, and some are not about us at all.
"""

from dataclasses import dataclass
from typing import Protocol

from weft.billing.purchases.types import Purchase, PurchaseStatus
from weft.kit.errors import InvalidRequest, NotFound, WeftError


class PaymentsOff(NotFound):
    """No payment provider is set up here, or it is not set up fully."""

    code = "payments_off"
    remedy = "ask an administrator of the server to record the purchase: `weft purchase record`"


class PaymentProviderFailed(WeftError):
    """The payment provider did not answer, or refused."""

    status = 502
    code = "payment_provider_failed"
    remedy = "retry after a short wait; nothing was charged"


class InvalidSignature(InvalidRequest):
    """An event was not signed with the secret that is set here, or too long ago."""

    code = "invalid_signature"
    remedy = "set stripe_webhook_secret to the signing secret of this webhook, and check the clocks"


@dataclass(frozen=True, slots=True)
class CheckoutPage:
    """Where somebody pays."""

    reference: str
    """The provider's id of the checkout."""
    url: str


@dataclass(frozen=True, slots=True)
class Paid:
    """A checkout was paid in full."""

    purchase_id: str
    reference: str
    payment_id: str
    amount_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class NotPaid:
    """A checkout ended without money."""

    purchase_id: str
    reference: str
    status: PurchaseStatus


@dataclass(frozen=True, slots=True)
class Refunded:
    """Money was paid back. Names the sum of all refunds of this payment, not the last one."""

    purchase_id: str
    payment_id: str
    refunded_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us to do."""

    why: str


Happening = Paid | NotPaid | Refunded | Ignored


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """One event, verified."""

    id: str
    kind: str
    """The provider's word for it."""
    happening: Happening


class PaymentProvider(Protocol):
    """A way to pay."""

    name: str
    """The `method` of its purchases."""

    async def start_checkout(self, purchase: Purchase, team: str, email: str) -> CheckoutPage:
        """Open a page where `purchase` can be paid; the same purchase twice is one checkout.

        Raises:
            PaymentProviderFailed: it did not work, or took too long.
        """
        ...

    def read_event(self, body: bytes, signature: str) -> PaymentEvent:
        """Verify and read what was posted.

        Raises:
            InvalidSignature: it was not signed by the provider.
            InvalidRequest: it cannot be read.
        """
        ...

    async def close(self) -> None:
        """Close connections. Idempotent."""
        ...
