"""A month as a finance person meets it: two projects, two models, a price that changed, credit, a payment."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from billing.ledgers import USD, Books
from identity.house import HandClock, House
from weft.billing.invoices.issue import Invoices
from weft.billing.terms import TermsBook
from weft.identity.teams import list_projects
from weft.identity.types import Team
from weft.kit.clock import to_us
from weft.kit.db import Database
from weft.kit.money import NanoUsdPerMtok, cost_of
from weft.kit.settings import Settings
from weft.ledger.accounts import GrantKind
from weft.ledger.grants import Cause, record_payment
from weft.ledger.posting import Head
from weft.ledger.prices.store import BookPrice, insert_prices
from weft.ledger.types import Tokens
from weft.limits.plans.load import load_plans

SELLER = "Weft Hosting GmbH\nBeispielweg 1\n10115 Berlin\nVAT DE123456789"
TINY, BIG = "weft/tiny", "meta-llama/Llama-3.3-70B-Instruct"


def price(model: str, day: str, *figures: int) -> BookPrice:
    input_, cached, output = (NanoUsdPerMtok(figure) for figure in figures)
    return BookPrice(
        version=f"{model}@{day}",
        model_id=model,
        effective_at_us=to_us(datetime.fromisoformat(day).replace(tzinfo=UTC)),
        input_nusd_per_mtok=input_,
        output_nusd_per_mtok=output,
        cached_input_nusd_per_mtok=cached,
        source="test",
        recorded_at_us=1,
        override_by="",
        override_reason="",
    )


PRICES = {
    one.version: one
    for one in (
        price(TINY, "2026-01-01", 30_000_000, 30_000_000, 170_000_000),
        price(BIG, "2026-01-01", 710_000_000, 355_000_000, 710_000_000),
        price(BIG, "2026-11-15", 650_000_000, 325_000_001, 690_000_000),
    )
}


@pytest.fixture
def team(house: House) -> Team:
    return house.team("red", "inference", "search")


@pytest.fixture
def book(books: Books) -> None:
    with books.database.write() as connection:
        head = Head(connection, 1)
        insert_prices(connection, head, list(PRICES.values()))
        head.save()


Use = Callable[..., int]


@pytest.fixture
def use(books: Books, team: Team, house: House) -> Use:
    """One request, charged by the price of its day as the door does."""
    del house
    with books.database.read() as connection:
        projects = {one.name: one.id for one in list_projects(connection, team.id)}

    def make(project: str, version: str, tokens: Tokens) -> int:
        book_price = PRICES[version]
        cost = cost_of(
            (tokens.input - tokens.cached_input, book_price.input_nusd_per_mtok),
            (tokens.cached_input, book_price.cached_input_nusd_per_mtok),
            (tokens.output, book_price.output_nusd_per_mtok),
        )
        books.charge(
            team.id,
            cost,
            project_id=projects[project],
            model_id=book_price.model_id,
            tokens=tokens,
            price_version=version,
        )
        return cost

    return make


@pytest.fixture
def month(book: None, books: Books, team: Team, use: Use) -> int:
    """November 2026 in full; returns what it cost. The clock stands in December after it."""
    del book
    end_us = to_us(datetime(2026, 12, 1, tzinfo=UTC))
    books.give(team.id, 20 * USD, kind=GrantKind.PLAN, expires_at_us=end_us)
    books.give(team.id, 50 * USD, kind=GrantKind.PURCHASED)
    cost = 0
    for number in range(5):
        cost += use(
            "inference",
            f"{TINY}@2026-01-01",
            Tokens(input=1_234_567 + number, cached_input=1001, output=7_654_321),
        )
        cost += use("search", f"{BIG}@2026-01-01", Tokens(input=9_000_001, output=2_000_003))
    books.clock.advance(15 * 86_400)
    for number in range(4):
        cost += use(
            "search",
            f"{BIG}@2026-11-15",
            Tokens(input=12_345_678, cached_input=5_000_007 + number, output=3_141_593),
        )
    with books.database.write() as connection:
        head = Head(connection, books.now_us())
        paid = record_payment(
            connection, head, team.id, 2 * USD, cause=Cause("bank:1", "ada", "Transfer of 16 Nov")
        )
        assert paid
        head.save()
    books.clock.advance(16 * 86_400)
    return cost


@pytest.fixture
def invoices(database: Database) -> Invoices:
    settings = Settings(
        invoice_seller=SELLER,
        invoice_note="Payable within 30 days to IBAN DE02 1203 0000 0000 2020 51.",
        public_url="https://weft.example.com",
    )
    return Invoices(database, settings, TermsBook(load_plans(), "pro"))


@pytest.fixture
def now(clock: HandClock) -> Callable[[], datetime]:
    return clock.now
