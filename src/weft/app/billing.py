"""Purchases, alerts and invoices as the composition root builds them."""

from collections.abc import Sequence

from fastapi import APIRouter

from weft.billing import card, request
from weft.billing.alerts import routes as alert_routes
from weft.billing.alerts import team_routes
from weft.billing.alerts.rules import WebhookSeal
from weft.billing.alerts.team_routes import TeamDesk
from weft.billing.alerts.watch import Alerts
from weft.billing.invoices import routes as invoice_routes
from weft.billing.invoices.issue import Invoices
from weft.billing.purchases import routes as purchase_routes
from weft.billing.purchases.provider import PaymentProvider
from weft.billing.request import FindCall
from weft.billing.terms import TermsBook
from weft.identity.routes import SignedIn
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.settings import Settings
from weft.limits.plans.load import Plans
from weft.limits.standing import Standings


class Billing:
    """What the composition root needs of billing. `close` it when done."""

    def __init__(
        self, settings: Settings, database: Database, secret: bytes, plans: Plans, clock: Clock
    ) -> None:
        self._database = database
        self._settings = settings
        self._standings = Standings(plans, settings.default_plan)
        self._clock = clock
        self._terms = TermsBook(plans, settings.default_plan)
        self._invoices = Invoices(database, settings, self._terms)
        key = settings.stripe_secret_key.get_secret_value()
        self._provider = _stripe(settings) if key else None
        self._webhook_seal = WebhookSeal(secret)
        self.alerts = Alerts(database, settings, self._terms, clock, self._webhook_seal)

    def routers(self, signed_in: SignedIn, find_call: FindCall) -> Sequence[APIRouter]:
        """Checkout and webhooks, the card, invoices, single requests with their calls."""
        database, clock = self._database, self._clock
        shop = card.Shop.of(self._settings, can_buy=self._provider is not None)
        return (
            purchase_routes.router(database, signed_in, self._provider, clock),
            card.router(database, signed_in, self._terms, clock, shop),
            invoice_routes.router(database, signed_in, self._invoices, clock),
            alert_routes.router(database, signed_in, self.alerts.senders, self._settings, clock),
            team_routes.router(
                TeamDesk(database, self.alerts.senders, self._settings, clock, self._webhook_seal),
                signed_in,
            ),
            request.router(database, signed_in, self._standings, clock, find_call),
        )

    async def close(self) -> None:
        """Close connections. Idempotent."""
        await self.alerts.close()
        if self._provider is not None:
            await self._provider.close()


def _stripe(settings: Settings) -> PaymentProvider:
    from weft.billing.purchases.stripe_checkout import (  # noqa: PLC0415 - slow to import, and few need it
        StripeCheckout,
    )

    return StripeCheckout(settings)
