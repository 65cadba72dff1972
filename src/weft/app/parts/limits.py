"""What the routes of limits need, for the composition root."""

from weft.catalog.catalog import Catalog
from weft.identity import routes as identity_routes
from weft.identity.principal import Gate
from weft.kit.clock import SystemClock
from weft.kit.db import Database
from weft.kit.settings import Settings
from weft.limits.country.guard import CountryGuard
from weft.limits.country.view import CountryView
from weft.limits.plans.load import Plans
from weft.limits.routes.parts import Parts


def limit_parts(
    database: Database,
    gate: Gate,
    plans: Plans,
    settings: Settings,
    catalog: Catalog,
    country: CountryGuard | None,
) -> Parts:
    """What the routes of limits need."""
    clock, signed_in = SystemClock(), identity_routes.signed_in(gate)
    view = CountryView(settings, country, clock)
    return Parts(database, plans, settings.default_plan, clock, signed_in, catalog, view)
