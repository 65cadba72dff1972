"""The books at the start of a server and while it runs: prices recorded, the signing key there, old credit run out."""

import asyncio
from collections.abc import Sequence

import structlog
from fastapi import APIRouter
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from weft.catalog.catalog import Catalog
from weft.identity.routes import SignedIn
from weft.kit.clock import Clock, to_us
from weft.kit.db import Database
from weft.kit.settings import Settings
from weft.ledger import routes as credit_routes
from weft.ledger.grants import MAX_EXPIRIES, any_run_out, expire_grants
from weft.ledger.posting import Head
from weft.ledger.prices import routes as price_routes
from weft.ledger.prices.book import record_prices
from weft.ledger.prices.desk import PriceDesk
from weft.ledger.proof import routes as proof_routes
from weft.ledger.proof.keys import Signer

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

EXPIRE_EVERY_S = 60.0
"""Nothing hangs on it: what is past its expiry burns no more from that moment on, posted as run out or not."""


class Books:
    """What the composition root needs of the ledger beside requests."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._signer = Signer(database, settings.data_dir)

    def open(self, catalog: Catalog) -> None:
        """Record what is new in the catalog's prices; let those hold that were added; have a signing key.

        Raises:
            CannotStart: a recorded price was changed, one looks like a slip, or the key is damaged.
        """
        now = self._clock.now()
        record_prices(self._database, catalog.cards, now)
        self._catalog = catalog
        self._prices = PriceDesk(self._database, catalog, self._clock)
        self._prices.load()
        self._signer.key(now)

    def routers(self, signed_in: SignedIn) -> Sequence[APIRouter]:
        """Credit, prices, receipts, statements, keys. Called after `open`."""
        database, prices, clock = self._database, self._prices, self._clock
        return (
            price_routes.router(database, signed_in, prices, self._catalog, clock),
            credit_routes.router(self._database, signed_in, self._clock),
            proof_routes.router(self._database, signed_in, self._signer, self._clock),
        )

    async def run(self) -> None:
        """Post what ran out, and look for prices that were added elsewhere, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._expire_forever())
            tasks.create_task(self._prices.run())

    async def _expire_forever(self) -> None:
        while True:
            try:
                await self.expire()
            except SQLAlchemyError as error:
                _log.warning("credit_not_expired", error=str(error)[:200])
            await asyncio.sleep(EXPIRE_EVERY_S)

    async def expire(self) -> int:
        """Post what ran out until now; returns how many grants did."""
        now_us = to_us(self._clock.now())
        count = 0
        while await self._database.read_soon(lambda c: any_run_out(c, now_us)):
            done = await self._database.write_soon(lambda c: _expire(c, now_us))
            count += done
            if done < MAX_EXPIRIES:
                break
        if count:
            _log.info("credit_expired", grants=count)
        return count


def _expire(connection: Connection, now_us: int) -> int:
    head = Head(connection, now_us)
    count = expire_grants(connection, head)
    head.save()
    return count
