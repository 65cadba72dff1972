import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.catalog.prices import MAX_USD_PER_MTOK, NO_PRICE_SOURCE, read_prices
from weft.catalog.shape import PriceTable
from weft.catalog.source import CardSources, read_source
from weft.catalog.types import ModelCard, Price
from weft.kit.errors import CannotStart

OWN = 'id = "our/own"\ncontext_window_tokens = 4096\n'
NUSD = 1_000_000_000
EMPTY = CardSources((read_source(Path("x.toml"), b'id = "our/own"\n'),))


def price_toml(
    day: str = "2026-01-01", cost: str = '"1"', output: str = '"2"', cached: str | None = None
) -> str:
    lines = [
        "[[prices]]",
        f"effective_on = {day}",
        f"input_usd_per_mtok = {cost}",
        f"output_usd_per_mtok = {output}",
        'source = "here"',
    ]
    if cached is not None:
        lines.append(f"cached_input_usd_per_mtok = {cached}")
    return "\n".join(lines) + "\n"


def read_one(text: str, cached: str | None = None) -> Price:
    day = datetime(2026, 1, 1, tzinfo=UTC).date()
    row = PriceTable(
        effective_on=day, input_usd_per_mtok=text, output_usd_per_mtok=text, source="here"
    )
    if cached is not None:
        row = PriceTable(
            effective_on=day,
            input_usd_per_mtok=text,
            output_usd_per_mtok=text,
            cached_input_usd_per_mtok=cached,
            source="here",
        )
    return read_prices("our/own", (row,), EMPTY)[0]


@given(st.integers(min_value=0, max_value=MAX_USD_PER_MTOK * NUSD))
def test_read_prices_when_a_figure_has_up_to_nine_decimals_then_exact(nusd: int) -> None:
    text = f"{nusd // NUSD}.{nusd % NUSD:09d}"
    assert Decimal(text) * NUSD == nusd
    price = read_one(text)
    assert price.input_nusd_per_mtok == price.output_nusd_per_mtok == nusd


@given(st.text(max_size=20) | st.text("0123456789.-", max_size=12))
def test_read_prices_when_the_text_is_anything_then_exact_or_refused(text: str) -> None:
    try:
        price: Price | None = read_one(text)
    except CannotStart:
        price = None
    if price is not None:
        assert price.input_nusd_per_mtok == Decimal(text) * NUSD
    else:
        assert not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,9})?", text)


@given(st.integers(0, NUSD), st.integers(0, NUSD))
def test_read_prices_when_cached_is_given_then_never_dearer_than_input(
    cost: int, cached: int
) -> None:
    def text(nusd: int) -> str:
        return f"{nusd // NUSD}.{nusd % NUSD:09d}"

    if cached <= cost:
        assert read_one(text(cost), text(cached)).cached_input_nusd_per_mtok == cached
    else:
        with pytest.raises(CannotStart, match="a cached token never costs more"):
            read_one(text(cost), text(cached))


def test_read_prices_when_no_cached_price_is_named_then_that_of_the_input(
    load_card: Callable[..., ModelCard],
) -> None:
    (price,) = load_card(OWN + price_toml(cost='"0.55"')).prices
    assert price.cached_input_nusd_per_mtok == 550_000_000
    assert price.version == "our/own@2026-01-01"
    assert price.effective_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert price.source == "here"


def test_read_prices_when_there_are_none_then_free_and_says_so(
    load_card: Callable[..., ModelCard],
) -> None:
    (price,) = load_card(OWN).prices
    assert price.source == NO_PRICE_SOURCE
    assert price.input_nusd_per_mtok == price.output_nusd_per_mtok == 0
    assert price.version == "our/own@unpriced"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            price_toml(cost='"-1"'),
            "card.toml:5: '-1' is negative; a price is zero or more",
        ),
        (
            price_toml(cost='"0,5"'),
            (
                "card.toml:5: '0,5' is not a dollar amount with at most nine decimals;"
                ' write dollars per million tokens, such as "0.55"'
            ),
        ),
        (
            price_toml(output='"1e3"'),
            (
                "card.toml:6: '1e3' is not a dollar amount with at most nine decimals;"
                ' write dollars per million tokens, such as "0.55"'
            ),
        ),
        (
            price_toml(cost="0.5"),
            (
                "card.toml:5: `prices[0].input_usd_per_mtok`: expected `str`, got `float`;"
                ' write dollars per million tokens in quotes, such as "0.55"'
            ),
        ),
        (
            price_toml(output='"1000.1"'),
            "card.toml:6: '1000.1' is over 1000 dollars; the unit is dollars per million tokens",
        ),
        (
            price_toml(cached='"1.5"'),
            (
                "card.toml:8: cached input at 1.5 is dearer than input at 1;"
                " a cached token never costs more; if it is meant, say who wants it and why:"
                " `override_by` and `override_reason` in this [[prices]]"
            ),
        ),
        (
            price_toml() + price_toml(),
            "card.toml:9: a second price from 2026-01-01; keep one of them",
        ),
        (
            price_toml() + price_toml("2025-12-31"),
            "card.toml:9: 2025-12-31 is before the price above it; put the oldest first",
        ),
    ],
)
def test_load_when_a_price_is_wrong_then_one_line_says_where_and_why(
    refusal_of: Callable[[str], str], text: str, message: str
) -> None:
    assert refusal_of(OWN + text) == message
