"""What a server does with the books at its start and once a minute."""

from pathlib import Path

import pytest

from identity.house import HandClock
from ledger.proof.books import DAY_US, NOVEMBER_US, give
from weft.app.books import Books
from weft.catalog.load import load_catalog
from weft.kit.clock import from_us
from weft.kit.db import Database
from weft.kit.errors import CannotStart
from weft.kit.settings import Settings
from weft.ledger.accounts import EXPIRED
from weft.ledger.prices.store import list_prices
from weft.ledger.proof.keys import list_keys
from weft.ledger.proof.verify import verify


@pytest.fixture
def clock() -> HandClock:
    return HandClock(from_us(NOVEMBER_US))


@pytest.fixture
def books(database: Database, tmp_path: Path, clock: HandClock) -> Books:
    return Books(Settings(data_dir=tmp_path), database, clock)


def test_open_when_started_twice_then_prices_and_key_are_there_once(
    database: Database, books: Books
) -> None:
    catalog = load_catalog()
    books.open(catalog)
    books.open(catalog)
    with database.read() as connection:
        assert len(list_prices(connection)) == sum(len(card.prices) for card in catalog.cards)
        assert len(list_keys(connection)) == 1
        assert verify(connection).findings == ()


def test_open_when_a_recorded_price_changed_then_the_server_does_not_start(
    books: Books, tmp_path: Path
) -> None:
    card = tmp_path / "own.toml"
    text = 'id = "our/own"\ncontext_window_tokens = 4096\n[[prices]]\neffective_on = 2026-01-01\n'
    text += 'input_usd_per_mtok = "1"\noutput_usd_per_mtok = "{}"\nsource = "here"\n'
    card.write_text(text.format("2"))
    books.open(load_catalog(tmp_path))
    card.write_text(text.format("3"))
    with pytest.raises(CannotStart, match="is in the book since"):
        books.open(load_catalog(tmp_path))


async def test_expire_when_credit_ran_out_then_it_is_posted_once(
    database: Database, books: Books, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weft.ledger.grants.MAX_EXPIRIES", 2)
    monkeypatch.setattr("weft.app.books.MAX_EXPIRIES", 2)
    for number in range(5):
        give(database, 10, f"promo:{number}", expires_at_us=NOVEMBER_US + DAY_US)
    assert await books.expire() == 0
    clock.advance(86_400)
    assert await books.expire() == 5
    assert await books.expire() == 0
    with database.read() as connection:
        left = connection.exec_driver_sql(
            f"SELECT balance_nusd FROM ledger_balance WHERE account_id = '{EXPIRED}'"
        ).scalar_one()
        assert left == 50
        assert verify(connection).findings == ()
