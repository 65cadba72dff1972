"""Builds the routes of the console's Inference pages, and the downloads behind them."""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, Request

from weft.app.inference.adopt import Adoption
from weft.catalog import routes as catalog_routes
from weft.catalog.catalog import Catalog
from weft.engines import routes as engine_routes
from weft.engines.adding import routes as adding_routes
from weft.engines.adding.jobs import Downloads
from weft.engines.adding.work import Shop
from weft.engines.pool import Engines
from weft.engines.probes.schedule import Prober, badges_of
from weft.identity.audit.trail import Trail
from weft.identity.types import User
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.settings import Settings
from weft.ledger.usage.speed import routes as speed_routes


@dataclass(frozen=True, slots=True)
class InferencePages:
    """What the pages about models need of the rest of the server."""

    settings: Settings
    catalog: Catalog
    engines: Engines
    prober: Prober
    database: Database
    clock: Clock

    def routers(
        self,
        stack: contextlib.AsyncExitStack,
        signed_in: Callable[[Request], Awaitable[User]],
        local_token: str,
    ) -> Sequence[APIRouter]:
        """The routes; downloads end with `stack`."""
        catalog, engines = self.catalog, self.engines
        adoption = Adoption(catalog, engines, self.database, self.clock)
        downloads = Downloads(Shop.of(self.settings, catalog), adoption.adopt, self.clock)
        stack.push_async_callback(downloads.close)
        trail = Trail(self.database, self.clock)
        return (
            catalog_routes.router(catalog, engines.state_of, partial(badges_of, engines)),
            engine_routes.router(
                engines, catalog, signed_in, local_token, self.prober.probe, trail
            ),
            adding_routes.router(engines, catalog, downloads, signed_in, trail),
            speed_routes.router(self.database, signed_in, self.clock),
        )
