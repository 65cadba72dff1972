"""What goes into the price book at a start, and what keeps a server from starting."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from weft.catalog.load import load_catalog
from weft.catalog.types import ModelCard
from weft.kit.db import Database
from weft.kit.errors import CannotStart
from weft.ledger.prices.book import record_prices
from weft.ledger.prices.store import BookPrice, find_price, list_prices

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CardOf = Callable[..., ModelCard]
STAND_BY = 'override_by = "ada"\noverride_reason = "an offer"\n'


@pytest.fixture
def card_of(tmp_path: Path) -> CardOf:
    """A card with these prices: (day, input, output) each, or with more lines."""

    def make(*prices: tuple[str, str, str], more: str = "") -> ModelCard:
        folder = tmp_path / "cards"
        folder.mkdir(exist_ok=True)
        text = 'id = "our/own"\ncontext_window_tokens = 4096\n'
        for day, cost, output in prices:
            text += (
                f'[[prices]]\neffective_on = {day}\ninput_usd_per_mtok = "{cost}"\n'
                f'output_usd_per_mtok = "{output}"\nsource = "here"\n'
            )
        (folder / "own.toml").write_text(text + more)
        return load_catalog(folder).get("our/own")

    return make


def book(database: Database) -> list[BookPrice]:
    with database.read() as connection:
        return list_prices(connection, "our/own")


def head_seq(database: Database) -> int:
    with database.read() as connection:
        return connection.exec_driver_sql("SELECT seq FROM ledger_head").scalar_one()


def test_record_when_the_shipped_cards_are_new_then_all_go_in_once(database: Database) -> None:
    cards = load_catalog().cards
    new = record_prices(database, cards, NOW)
    assert len(new) == sum(len(card.prices) for card in cards) == head_seq(database)
    assert record_prices(database, cards, NOW) == []
    with database.read() as connection:
        assert sorted(list_prices(connection), key=lambda p: p.version) == sorted(
            new, key=lambda p: p.version
        )


def test_record_when_a_price_is_added_then_only_it_goes_in(
    database: Database, card_of: CardOf
) -> None:
    record_prices(database, [card_of(("2026-01-01", "1", "2"))], NOW)
    later = card_of(("2026-01-01", "1", "2"), ("2026-12-01", "2", "3"))
    assert [price.version for price in record_prices(database, [later], NOW)] == [
        "our/own@2026-12-01"
    ]
    with database.read() as connection:
        found = find_price(connection, "our/own@2026-12-01")
        assert found is not None
        assert found.output_nusd_per_mtok == 3_000_000_000
        assert find_price(connection, "our/own@1999-01-01") is None


@pytest.mark.parametrize(
    "changed", [("2026-01-01", "1.5", "2"), ("2026-01-01", "1", "2.000000001")]
)
def test_record_when_a_recorded_price_changed_then_the_start_is_refused_with_the_way_out(
    database: Database, card_of: CardOf, changed: tuple[str, str, str]
) -> None:
    record_prices(database, [card_of(("2026-01-01", "1", "2"))], NOW)
    with pytest.raises(CannotStart) as refused:
        record_prices(database, [card_of(changed)], NOW)
    message = refused.value.message
    assert "own.toml: the price our/own@2026-01-01 is in the book since 2026-11-01" in message
    assert f"the file says input {changed[1]}, output {changed[2]}" in message
    assert "later effective_on" in str(refused.value.metadata["remedy"])
    assert len(book(database)) == 1


def test_record_when_the_source_was_reworded_then_the_book_keeps_the_first(
    database: Database, card_of: CardOf
) -> None:
    record_prices(database, [card_of(("2026-01-01", "1", "2"))], NOW)
    card = card_of(("2026-01-01", "1", "2"))
    card.path.write_text(card.path.read_text().replace('"here"', '"there"'))
    assert record_prices(database, load_catalog(card.path.parent).cards[-1:], NOW) is not None
    assert [price.source for price in book(database)] == ["here"]


def test_record_when_the_file_forgot_its_history_then_the_book_remembers_it(
    database: Database, card_of: CardOf
) -> None:
    record_prices(database, [card_of(("2026-01-01", "1", "2"))], NOW)
    with pytest.raises(
        CannotStart, match="output at 30 is a step of more than 10 times"
    ) as refused:
        record_prices(database, [card_of(("2026-12-01", "1", "30"))], NOW)
    assert "our/own@2026-12-01" in refused.value.message
    record_prices(database, [card_of(("2026-12-01", "1", "30"), more=STAND_BY)], NOW)
    assert [(p.version, p.override_by, p.override_reason) for p in book(database)] == [
        ("our/own@2026-01-01", "", ""),
        ("our/own@2026-12-01", "ada", "an offer"),
    ]


def test_record_when_a_model_had_no_price_then_the_first_one_may_be_any(
    database: Database, card_of: CardOf
) -> None:
    assert [p.version for p in record_prices(database, [card_of()], NOW)] == ["our/own@unpriced"]
    record_prices(database, [card_of(("2026-12-01", "100", "300"))], NOW)
    assert len(book(database)) == 2


def test_record_when_one_of_two_is_refused_then_nothing_goes_in(
    database: Database, card_of: CardOf
) -> None:
    card = card_of(("2026-01-01", "1", "2"))
    record_prices(database, [card], NOW)
    before = head_seq(database)
    shipped = load_catalog().cards
    with pytest.raises(CannotStart):
        record_prices(database, [*shipped, card_of(("2026-01-01", "9", "9"))], NOW)
    assert head_seq(database) == before
