"""Prices that administrators add while servers run: judged, recorded in the book, and in force on every server.

Invariants: a price is in force from 00:00 UTC of a day to come, so that what was charged stays as it was and every
server knows of it by then; it goes into the book as those of the catalog's files do, and never changes. One that looks
like a slip (`catalog/safety.py`) is refused unless whoever adds it says why it is meant. Each server looks every
`LOOK_EVERY_S` whether another one added or withdrew something.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from weft.catalog.catalog import Catalog
from weft.catalog.prices import MAX_USD_PER_MTOK
from weft.catalog.safety import FIGURES, Doubt, find_doubts, find_steps
from weft.catalog.types import Modality, ModelCard, Price, price_in_force
from weft.kit.clock import Clock, to_us
from weft.kit.db import Database
from weft.kit.errors import InvalidRequest, NotFound, WeftError
from weft.kit.money import NUSD_PER_USD, NanoUsdPerMtok
from weft.ledger.posting import Head
from weft.ledger.prices.added import (
    Added,
    State,
    added_prices,
    find_added,
    insert_added,
    list_added,
    price_of_book,
    read_state,
    withdraw_added,
)
from weft.ledger.prices.store import book_price, find_price, insert_prices, list_prices

LOOK_EVERY_S = 15.0
LEAD = timedelta(seconds=4 * LOOK_EVERY_S)
"""Before a price is in force every server has to have heard of it."""
MAX_AHEAD = timedelta(days=3660)
_UNPRICED = "@unpriced"
_SPACE = re.compile(r"\s+")

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class PriceInDoubt(InvalidRequest):
    """The price looks like a slip, and nobody said that it is meant; the metadata names each doubt."""

    code = "price_in_doubt"
    remedy = "mend the figure; or, if it is meant, say why in `override_reason`"


class PriceSettled(WeftError):
    """There is a price from that day, or the price is in force and what was charged by it stays."""

    status = 409
    type = "invalid_request_error"
    code = "price_settled"
    remedy = "add a price from another day"


@dataclass(frozen=True, slots=True)
class NewPrice:
    """A price that somebody wants to add."""

    model_id: str
    effective_on: date
    input_nusd_per_mtok: int
    output_nusd_per_mtok: int
    cached_input_nusd_per_mtok: int
    source: str
    note: str = ""
    override_reason: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be said of a price before it is added."""

    card: ModelCard
    price: Price
    before: Price | None
    """The price that it follows; None where the model has cost nothing so far."""
    after: Price | None
    """The price that follows it already."""
    doubts: tuple[Doubt, ...]


class PriceDesk:
    """Adds and withdraws prices, and lets the cards of the catalog have them."""

    def __init__(self, database: Database, catalog: Catalog, clock: Clock) -> None:
        self._database = database
        self._catalog = catalog
        self._clock = clock
        self._seen: tuple[State, int] = ((0, 0), len(catalog.cards))
        """What was last looked at, and for how many models: some are added while a server runs."""

    def load(self) -> None:
        """Let the cards have what was added, if there is news."""
        with self._database.read() as connection:
            state = read_state(connection), len(self._catalog.cards)
            if state == self._seen:
                return
            added = added_prices(connection)
        for card in self._catalog.cards:
            card.live.take(card.prices, added.get(card.id, ()))
        self._seen = state

    async def run(self) -> None:
        """Look for news until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await asyncio.to_thread(self.load)
            except SQLAlchemyError as error:
                _log.warning("prices_not_looked_at", error=str(error)[:200])

    @property
    def earliest(self) -> date:
        """The first day that a price can be added for."""
        return (self._clock.now() + LEAD).date() + timedelta(days=1)

    def judge(self, wanted: NewPrice) -> Judged:
        """What the safety check says to a price.

        Raises:
            ModelNotFound: there is no such model.
            InvalidRequest: its day has begun, or is too far away.
        """
        card = self._catalog.get(wanted.model_id)
        if not self.earliest <= wanted.effective_on <= self.earliest + MAX_AHEAD:
            raise InvalidRequest(
                f"{wanted.effective_on} is no day that a price can begin on; the first one is"
                f" {self.earliest}, and {self.earliest + MAX_AHEAD} the last",
                param="effective_on",
            )
        _check_bounds(wanted)
        price = _price(card, wanted)
        before = price_in_force(
            [one for one in card.history if not one.version.endswith(_UNPRICED)],
            price.effective_at - timedelta(microseconds=1),
        )
        if before is not None and before.effective_at >= price.effective_at:
            before = None  # the model has no price before that day
        after = next((one for one in card.history if one.effective_at > price.effective_at), None)
        input_only = card.modalities_output == (Modality.EMBEDDING,)
        doubts = [*find_doubts(price, before, input_only=input_only)]
        if after is not None:
            doubts += [
                Doubt(one.figure, f"from {after.effective_at:%Y-%m-%d} on {one.what}")
                for one in find_steps(after, price)
            ]
        return Judged(card, price, before, after, tuple(doubts))

    def add(self, connection: Connection, wanted: NewPrice, by: str) -> Price:
        """Record a price, within one write transaction; `load` lets it hold once that is committed.

        Raises:
            PriceInDoubt: the safety check is against it, and there is no reason why it is meant.
            PriceSettled: there is a price from that day.
            ModelNotFound, InvalidRequest: as `judge` does.
        """
        judged = self.judge(wanted)
        reason = _words(wanted.override_reason)
        if judged.doubts and not reason:
            raise PriceInDoubt(
                f"this price looks like a slip: {'; '.join(one.what for one in judged.doubts)}",
                param=judged.doubts[0].figure,
                metadata={"doubts": [one.what for one in judged.doubts]},
            )
        now = self._clock.now()
        head = Head(connection, to_us(now))
        price = Price(
            version=_version(connection, judged.price, judged.card.id),
            effective_at=judged.price.effective_at,
            input_nusd_per_mtok=judged.price.input_nusd_per_mtok,
            output_nusd_per_mtok=judged.price.output_nusd_per_mtok,
            cached_input_nusd_per_mtok=judged.price.cached_input_nusd_per_mtok,
            source=judged.price.source,
            override_by=by if judged.doubts else "",
            override_reason=reason if judged.doubts else "",
        )
        insert_prices(connection, head, [book_price(judged.card.id, price, now)])
        head.save()
        insert_added(connection, Added(price.version, by, _words(wanted.note), to_us(now)))
        return price

    def withdraw(self, connection: Connection, version: str, by: str, reason: str) -> Price:
        """Take a price back that is not in force yet, within one write transaction.

        Raises:
            NotFound: nobody added such a price, or it was withdrawn.
            PriceSettled: it is in force, or about to be.
        """
        found, recorded = find_added(connection, version), find_price(connection, version)
        if found is None or recorded is None or found.withdrawn_at_us is not None:
            raise NotFound(
                f"no price {version[:300]} that was added here waits for its day",
                remedy="prices of the catalog's files are changed there; see docs/guides/add-a-model.md",
            )
        price = price_of_book(recorded)
        if price.effective_at <= self._clock.now() + LEAD:
            raise PriceSettled(f"{version} is in force, or will be within a minute")
        if not _words(reason):
            raise InvalidRequest("say why the price is withdrawn", param="reason")
        now_us = to_us(self._clock.now())
        withdraw_added(connection, version, by=by, reason=_words(reason), now_us=now_us)
        return price


def _check_bounds(wanted: NewPrice) -> None:
    for figure in FIGURES:
        if not 0 <= getattr(wanted, figure) <= MAX_USD_PER_MTOK * NUSD_PER_USD:
            raise InvalidRequest(
                f"a price is from 0 to {MAX_USD_PER_MTOK} dollars; the unit is dollars per million tokens",
                param=figure,
            )


def _price(card: ModelCard, wanted: NewPrice) -> Price:
    return Price(
        version=f"{card.id}@{wanted.effective_on.isoformat()}",
        effective_at=datetime.combine(wanted.effective_on, time(), tzinfo=UTC),
        input_nusd_per_mtok=NanoUsdPerMtok(wanted.input_nusd_per_mtok),
        output_nusd_per_mtok=NanoUsdPerMtok(wanted.output_nusd_per_mtok),
        cached_input_nusd_per_mtok=NanoUsdPerMtok(wanted.cached_input_nusd_per_mtok),
        source=_words(wanted.source),
    )


def _version(connection: Connection, price: Price, model_id: str) -> str:
    """The name of a price; with a number behind it where an earlier one from that day was withdrawn."""
    added = list_added(connection)
    same: Sequence[str] = [
        one.version
        for one in list_prices(connection, model_id)
        if one.effective_at_us == to_us(price.effective_at)
    ]
    for version in same:
        known = added.get(version)
        if known is None or known.withdrawn_at_us is None:
            raise PriceSettled(f"there is a price from that day already: {version}")
    return f"{price.version}.{len(same) + 1}" if same else price.version


def _words(text: str) -> str:
    """On one line, with single spaces."""
    return _SPACE.sub(" ", text).strip()
