"""`/api/prices`: the price book with its whole history, and adding a price after a look at what is said against it.

Everybody who is signed in may read it: what a model costs is public. Adding and withdrawing is for administrators of
the server.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Connection

from weft.catalog.catalog import Catalog
from weft.identity.audit.store import record
from weft.identity.audit.types import Detail
from weft.identity.rights.teams import require_server_admin
from weft.identity.types import User
from weft.kit.clock import Clock
from weft.kit.db import Database
from weft.ledger.prices.added import find_added, list_added
from weft.ledger.prices.answers import (
    AddPriceRequest,
    DatedPrice,
    ModelPrices,
    PriceBookInfo,
    PriceCheck,
    PriceRequest,
    added_info,
    model_prices,
    price_check,
)
from weft.ledger.prices.desk import PriceDesk
from weft.ledger.prices.store import BookPrice, find_price, list_prices

SignedIn = Callable[..., Awaitable[User]]


def router(
    database: Database, signed_in: SignedIn, desk: PriceDesk, catalog: Catalog, clock: Clock
) -> APIRouter:
    """The routes; `signed_in` is a FastAPI dependency that yields who asks, or refuses."""
    routes = APIRouter(prefix="/api/prices", tags=["prices"])

    @routes.get("")
    async def show_prices(
        caller: Annotated[User, Depends(signed_in)],
        model: Annotated[str | None, Query(max_length=256, description="only this model")] = None,
    ) -> PriceBookInfo:
        """Every price that was ever in the book, by model and the newest first."""
        model_id = None if model is None else _id_of(catalog, model)
        return await database.read_soon(
            lambda c: PriceBookInfo(
                earliest=desk.earliest,
                may_add=caller.is_admin,
                models=_models(c, catalog, clock, model_id),
            )
        )

    @routes.post("/check")
    async def check_price(
        caller: Annotated[User, Depends(signed_in)], wanted: PriceRequest
    ) -> PriceCheck:
        """What the safety check says to a price. Nothing is saved. For administrators of the server."""
        _check_admin(caller)
        return price_check(desk.judge(wanted.wanted()))

    _ = (show_prices, check_price)
    _add_changes(routes, database, signed_in, desk=desk, clock=clock)
    return routes


def _add_changes(
    routes: APIRouter, database: Database, signed_in: SignedIn, *, desk: PriceDesk, clock: Clock
) -> None:
    @routes.post("", status_code=201)
    async def add_price(
        caller: Annotated[User, Depends(signed_in)], wanted: AddPriceRequest
    ) -> DatedPrice:
        """Add a price from a day to come on. For administrators of the server."""
        _check_admin(caller)
        new = wanted.wanted(
            source=wanted.source, note=wanted.note, override_reason=wanted.override_reason
        )

        def add(connection: Connection) -> DatedPrice:
            price = desk.add(connection, new, caller.username)
            detail: Detail = {
                "price": price.version,
                "input_per_mtok_nusd": str(price.input_nusd_per_mtok),
                "output_per_mtok_nusd": str(price.output_nusd_per_mtok),
                "from": price.effective_at.date().isoformat(),
                "note": wanted.note,
                "override_reason": price.override_reason,
            }
            _record(connection, caller, "price.add", wanted.model, detail, clock.now())
            return _told(connection, price.version)

        return await _changed(database, desk, add)

    @routes.delete("/{version:path}")
    async def withdraw_price(
        caller: Annotated[User, Depends(signed_in)],
        version: str,
        reason: Annotated[str, Query(max_length=500)] = "",
    ) -> DatedPrice:
        """Withdraw a price that is not in force yet. For administrators of the server."""
        _check_admin(caller)

        def withdraw(connection: Connection) -> DatedPrice:
            price = desk.withdraw(connection, version, caller.username, reason)
            now = clock.now()
            _record(connection, caller, "price.withdraw", version, {"reason": reason}, now)
            return _told(connection, price.version)

        return await _changed(database, desk, withdraw)

    _ = (add_price, withdraw_price)


async def _changed(
    database: Database, desk: PriceDesk, change: Callable[[Connection], DatedPrice]
) -> DatedPrice:
    told = await database.write_soon(change)
    desk.load()
    return told


def _check_admin(user: User) -> None:
    require_server_admin(user, "change prices")


def _record(
    connection: Connection, caller: User, action: str, subject: str, detail: Detail, now: datetime
) -> None:
    record(connection, by=caller, action=action, subject=subject, detail=detail, now=now)


def _id_of(catalog: Catalog, model: str) -> str:
    card = catalog.find(model)
    return model if card is None else card.id


def _models(
    connection: Connection, catalog: Catalog, clock: Clock, model_id: str | None
) -> list[ModelPrices]:
    by_model: dict[str, list[BookPrice]] = {}
    for row in list_prices(connection, model_id):
        by_model.setdefault(row.model_id, []).append(row)
    added, now = list_added(connection), clock.now()
    return [
        model_prices(name, catalog.find(name), rows, added, now) for name, rows in by_model.items()
    ]


def _told(connection: Connection, version: str) -> DatedPrice:
    row, one = find_price(connection, version), find_added(connection, version)
    assert row is not None
    assert one is not None
    return added_info(row, one)
