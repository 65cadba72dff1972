"""A model that was downloaded joins the running server: its prices are recorded, and the catalog has it."""

import asyncio
from dataclasses import dataclass

import structlog

from weft.catalog.catalog import Catalog
from weft.engines.adding.types import Served
from weft.engines.adding.work import Looked
from weft.engines.pool import Engines
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.kit.errors import CannotStart
from weft.ledger.prices.book import record_prices

RESTART = "Restart the server to serve it."

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Adoption:
    """Serves models that came while the server runs. Another gateway on the same database finds them at its start."""

    catalog: Catalog
    engines: Engines
    database: Database
    clock: Clock

    async def adopt(self, looked: Looked) -> Served:
        """Serve what was downloaded, if this server can; never raises for what a restart would mend or tell."""
        card = looked.card
        if looked.draft is not None:
            if self.catalog.find(card.id) is not None:  # somebody was faster
                return Served(now=False, why_not=f"{card.id} changed meanwhile. {RESTART}")
            now = self.clock.now()
            try:
                await asyncio.to_thread(record_prices, self.database, [card], now)
            except CannotStart as error:
                return Served(
                    now=False, why_not=f"{error.message}. Mend it in {looked.draft.file}; {RESTART}"
                )
            self.catalog.add(card)
            _log.info("model_added", model=card.id)
        if self.engines.look_now(card):
            return Served(now=True)
        return Served(
            now=False,
            why_not=f"Its weights are here, and nothing on this machine runs them with {looked.engine}.",
        )
