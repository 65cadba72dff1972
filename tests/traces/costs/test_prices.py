"""Which price is in force, and what a call costs by it."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import insert

from weft.catalog.load import load_catalog
from weft.kit.clock import to_us
from weft.kit.db import Database
from weft.kit.money import NanoUsdPerMtok
from weft.ledger.prices.store import BookPrice
from weft.traces.calls.facts import Usage
from weft.traces.costs.book import PriceBook
from weft.traces.costs.prices import costs_of, price_at, prices_of
from weft.traces.costs.schema import PRICE
from weft.traces.types import ProjectKey

MINE, THEIRS = ProjectKey(1), ProjectKey(2)
MODEL = "openai/gpt-oss-20b"
BOOK = PriceBook(load_catalog().cards)
ONE = NanoUsdPerMtok(1)
EARLY = to_us(datetime(2026, 1, 1, tzinfo=UTC))
LATE = to_us(datetime(2026, 10, 1, tzinfo=UTC))


def add_price(
    database: Database, project: ProjectKey, id_: str, effective_at_us: int, prompt: float
) -> None:
    with database.write() as connection:
        connection.execute(
            insert(PRICE).values(
                project=project,
                id=id_,
                llm_id=MODEL,
                provider_id="default",
                effective_at_us=effective_at_us,
                prompt_token_cost=prompt,
                completion_token_cost=2 * prompt,
                cache_read_input_token_cost=0,
                cache_creation_input_token_cost=0,
                prompt_token_cost_unit="USD",
                completion_token_cost_unit="USD",
                created_by="someone",
                created_at_us=effective_at_us,
            )
        )


@pytest.mark.parametrize(
    "spelling",
    [MODEL, "wandb/openai/gpt-oss-20b", "gpt-oss-20b", "OpenAI/GPT-OSS-20B", "wandb/gpt-oss-20b"],
)
def test_book_when_a_client_spells_a_model_its_way_then_its_price_is_found(spelling: str) -> None:
    assert {price.llm_id for price in BOOK.prices_of(spelling)} == {MODEL}


def test_book_when_a_name_means_two_models_then_it_has_no_price() -> None:
    first, second = (
        BookPrice(f"{team}/m@1", f"{team}/m", 0, ONE, ONE, ONE, "", 0, "", "")
        for team in ("a", "b")
    )
    book = PriceBook((), [first, second])
    assert not book.prices_of("m")
    assert book.prices_of("a/m")[0].id == first.version


def test_costs_when_prices_changed_then_each_call_has_that_of_its_day() -> None:
    prices = {MODEL: BOOK.prices_of(MODEL)}
    usage = {MODEL: Usage(1, 1_000_000, 3_000_000)}
    early = costs_of(usage, EARLY, prices)[MODEL]
    late = costs_of(usage, LATE, prices)[MODEL]
    assert (early["prompt_tokens_total_cost"], early["completion_tokens_total_cost"]) == (0.05, 0.6)
    assert (late["prompt_tokens_total_cost"], late["completion_tokens_total_cost"]) == (0.03, 0.39)
    assert late["effective_date"] == datetime(2026, 9, 3, tzinfo=UTC)
    assert (late["pricing_level"], late["pricing_level_id"]) == ("default", "default")
    assert late["provider_id"] == "OpenAI"


def test_price_when_the_project_has_its_own_then_it_counts_from_its_day_on(
    database: Database,
) -> None:
    middle = to_us(datetime(2026, 5, 1, tzinfo=UTC))
    add_price(database, MINE, "own", middle, 0.25)
    with database.read() as connection:
        prices = prices_of(connection, MINE, [MODEL], BOOK)[MODEL]
    before, after = price_at(prices, EARLY), price_at(prices, LATE)
    assert before is not None
    assert after is not None
    assert before.id == f"{MODEL}@2025-08-05"
    assert after.id == "own"  # though the book has a newer one by then
    cost = costs_of({MODEL: Usage(1, 4, 2)}, LATE, {MODEL: prices}, "team/project")[MODEL]
    assert cost["prompt_tokens_total_cost"] == 1.0
    assert cost["completion_tokens_total_cost"] == 1.0
    assert (cost["pricing_level"], cost["pricing_level_id"]) == ("project", "team/project")


def test_price_when_none_was_in_force_yet_then_the_first_one_counts(database: Database) -> None:
    add_price(database, MINE, "first", 1000, 1.0)
    add_price(database, MINE, "second", 2000, 2.0)
    with database.read() as connection:
        found = price_at(prices_of(connection, MINE, [MODEL])[MODEL], 10)
    assert found is not None
    assert found.id == "first"


def test_prices_when_another_project_has_some_then_they_are_not_found(database: Database) -> None:
    add_price(database, THEIRS, "theirs", 1000, 1.0)
    with database.read() as connection:
        assert prices_of(connection, MINE, [MODEL]) == {MODEL: []}


def test_costs_when_a_price_is_a_binary_fraction_on_the_wire_then_sums_are_exact(
    database: Database,
) -> None:
    add_price(database, MINE, "fine", 0, 1.5e-7)
    with database.read() as connection:
        price = prices_of(connection, MINE, [MODEL])[MODEL][0]
    assert price.prompt == Decimal("1.5E-7")
    cost = costs_of({MODEL: Usage(1, 3_000_000, 0)}, 1, {MODEL: [price]})[MODEL]
    assert cost["prompt_tokens_total_cost"] == 0.45


@pytest.mark.parametrize(("told", "fresh"), [(1000, 300), (400, 400)])
def test_costs_when_input_was_cached_then_it_has_its_own_price(told: int, fresh: int) -> None:
    """Some clients count cached tokens as input too; what is more than the input was counted apart."""
    prices = {MODEL: BOOK.prices_of(MODEL)}
    cost = costs_of({MODEL: Usage(1, told, 0, 700, 0)}, LATE, prices)[MODEL]
    assert cost["prompt_tokens_total_cost"] == pytest.approx(fresh * 0.03e-6)
    assert cost["cache_read_input_tokens_total_cost"] == pytest.approx(700 * 0.03e-6)


def test_costs_when_a_model_is_unknown_then_there_are_none() -> None:
    assert costs_of({"gpt-nowhere": Usage(1, 5, 5)}, LATE, {"gpt-nowhere": ()}) == {}
