"""Books with something of everything in them, made by the verbs that make them in earnest."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from sqlalchemy import Connection

from weft.catalog.types import Price
from weft.kit.clock import from_us
from weft.kit.db import Database
from weft.kit.money import NanoUsd, NanoUsdPerMtok
from weft.ledger.accounts import GrantKind
from weft.ledger.book import Book
from weft.ledger.grants import (
    Cause,
    adjust,
    expire_grants,
    give_grant,
    new_grant,
    record_payment,
    refund,
)
from weft.ledger.holds import Hold, Settlement, open_holds, settle
from weft.ledger.posting import Head
from weft.ledger.prices.store import book_price, insert_prices
from weft.ledger.pricing import charge
from weft.ledger.types import Outcome, Tokens, UsageRecord, UsageSource

TEAM = "team_a"
OTHER = "team_b"
MODEL = "org/model"
NOVEMBER_US = 1_793_491_200_000_000
"""2026-11-01T00:00:00Z."""
DAY_US = 86_400_000_000
PRICE = Price(
    version=f"{MODEL}@2026-01-01",
    effective_at=datetime(2026, 1, 1, tzinfo=UTC),
    input_nusd_per_mtok=NanoUsdPerMtok(600_000_000),
    output_nusd_per_mtok=NanoUsdPerMtok(1_200_000_000),
    cached_input_nusd_per_mtok=NanoUsdPerMtok(60_000_000),
    source="a test",
)
T = TypeVar("T")


def post(database: Database, work: Callable[[Connection, Head], T], now_us: int) -> T:
    """Run `work` as the control plane does."""
    with database.write() as connection:
        head = Head(connection, now_us)
        done = work(connection, head)
        head.save()
    return done


def request(number: int, *, team: str = TEAM, tokens: Tokens | None = None) -> UsageRecord:
    """A request that was answered, not settled yet."""
    tokens = tokens or Tokens(1000 + number, 100, 50 + number, 20)
    return UsageRecord(
        id=f"req_{number:06}",
        started_at_us=NOVEMBER_US + number,
        user_id=f"usr_{number % 3}",
        team_id=team,
        project_id=f"proj_{team}_{number % 2}",
        key_id=f"key_{number % 4}",
        model_id=MODEL,
        served_model_id=MODEL,
        engine="fake",
        status=200,
        outcome=Outcome.COMPLETED,
        error_code="",
        stream=bool(number % 2),
        tokens=tokens,
        usage_source=UsageSource.ENGINE,
        price_version=PRICE.version,
        cost_nusd=charge(tokens, PRICE),
        queue_us=1,
        ttft_us=2,
        total_us=3,
    )


def settle_all(
    database: Database, records: Iterable[UsageRecord], now_us: int, *, held: int | None = None
) -> None:
    """Admit and settle `records` in one transaction; each hold is as large as the cost, or `held`."""
    settlements = [Settlement(record) for record in records]
    holds = [
        Hold(
            id=each.record.id,
            owner="gw",
            team_id=each.record.team_id,
            project_id=each.record.project_id,
            user_id=each.record.user_id,
            key_id=each.record.key_id,
            model_id=MODEL,
            stream=each.record.stream,
            amount_nusd=NanoUsd(each.record.cost_nusd if held is None else held),
            tokens=1,
            started_at_us=each.record.started_at_us,
        )
        for each in settlements
    ]
    with database.write() as connection:
        head, book = Head(connection, now_us), Book()
        open_holds(connection, holds)
        book.open(connection, head)
        settle(connection, book, head, settlements)
        book.close(connection, head)


def give(database: Database, amount: int, source: str, **more: int | str | GrantKind) -> str:
    """Give a team credit on the first of November."""
    expires = more.get("expires_at_us")
    grant = new_grant(
        str(more.get("team", TEAM)),
        GrantKind(str(more.get("kind", GrantKind.PROMOTIONAL))),
        amount,
        cause=Cause(source, "ada", "a reason"),
        now_us=NOVEMBER_US,
        expires_at_us=expires if isinstance(expires, int) else None,
    )
    return post(database, lambda c, h: give_grant(c, h, grant), NOVEMBER_US).id


def record_price(database: Database, *prices: Price) -> None:
    """Put prices into the book."""
    now = from_us(NOVEMBER_US)
    rows = [book_price(MODEL, price, now) for price in prices or (PRICE,)]
    post(database, lambda c, h: insert_prices(c, h, rows), NOVEMBER_US)


def fill(database: Database, charges: int = 12) -> None:
    """One price, three grants, charges of two teams, an expiry, a payment, an adjustment, a refund."""
    record_price(database)
    give(database, 1_500_000, "promo:1", expires_at_us=NOVEMBER_US + 5 * DAY_US)
    give(database, 3_000_000, "stripe:1", kind=GrantKind.PURCHASED)
    give(database, 2_000_000, "promo:b", team=OTHER, expires_at_us=NOVEMBER_US + 6 * DAY_US)
    for number in range(charges):
        team = OTHER if number % 5 == 4 else TEAM
        settle_all(database, [request(number, team=team)], NOVEMBER_US + number * DAY_US // 4)
    late = NOVEMBER_US + 8 * DAY_US
    settle_all(database, [request(900_000)], late, held=1_000)  # cut short by its hold
    settle_all(database, [nothing(900_001)], late)
    post(database, expire_grants, late)
    pay, mend = Cause("invoice:1", "ada", "October"), Cause("ticket:1", "ada", "an outage")
    post(database, lambda c, h: record_payment(c, h, TEAM, 1_000, cause=pay), late)
    post(database, lambda c, h: adjust(c, h, TEAM, 500, cause=mend), late)
    back = Cause("", "ada", "a broken answer")
    post(database, lambda c, h: refund(c, h, "req_000001", cause=back), late)


def nothing(number: int) -> UsageRecord:
    """A request that was admitted and cost nothing."""
    return msgspec.structs.replace(
        request(number), tokens=Tokens(), cost_nusd=NanoUsd(0), price_version=""
    )
