"""Money is exact."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.kit.money import NanoUsdPerMtok, cost_of, format_usd, parse_usd

amounts = st.integers(-(10**18), 10**18)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("1", 1_000_000_000),
        ("0.55", 550_000_000),
        ("0.0025", 2_500_000),
        ("0.000000001", 1),
        ("-12.5", -12_500_000_000),
        ("9999999999.999999999", 9_999_999_999_999_999_999),
    ],
)
def test_parse_when_it_is_a_decimal_then_it_is_exact(text: str, amount: int) -> None:
    assert parse_usd(text) == amount


@pytest.mark.parametrize(
    "text", ["", "1.", ".5", "1e3", "NaN", "1,5", "0.0000000001", "+1", " 1", "1\n", "12345678901"]
)
def test_parse_when_it_is_no_plain_decimal_then_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a dollar amount"):
        parse_usd(text)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0"), (1_500_000, "0.0015"), (-1, "-0.000000001"), (2_000_000_000, "2")],
)
def test_format_when_written_then_there_are_no_needless_zeros(amount: int, text: str) -> None:
    assert format_usd(amount) == text


@given(amounts)
def test_format_when_read_again_then_nothing_is_lost(amount: int) -> None:
    assert parse_usd(format_usd(amount)) == amount


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**13).map(NanoUsdPerMtok))))
def test_cost_when_parts_are_added_then_it_is_rounded_up_once(
    parts: list[tuple[int, NanoUsdPerMtok]],
) -> None:
    exact = sum((Fraction(tokens * price, 1_000_000) for tokens, price in parts), Fraction(0))
    assert 0 <= cost_of(*parts) - exact < 1


def test_cost_when_there_are_no_parts_then_nothing() -> None:
    assert cost_of() == 0
