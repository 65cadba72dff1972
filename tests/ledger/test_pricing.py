"""What a request costs: nothing counts twice, nothing is lost, more never costs less."""

from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from weft.catalog.types import Price
from weft.kit.money import NanoUsdPerMtok
from weft.ledger.pricing import charge, note_cap
from weft.ledger.types import Tokens

prices = st.integers(0, 10**12)
counts = st.integers(0, 10**7)


def a_price(input_: int, cached: int, output: int) -> Price:
    return Price(
        version="m@2026-01-01",
        effective_at=datetime(2026, 1, 1, tzinfo=UTC),
        input_nusd_per_mtok=NanoUsdPerMtok(input_),
        output_nusd_per_mtok=NanoUsdPerMtok(output),
        cached_input_nusd_per_mtok=NanoUsdPerMtok(cached),
        source="a test",
    )


any_price = st.builds(a_price, prices, prices, prices)


@st.composite
def any_tokens(draw: st.DrawFn) -> Tokens:
    input_, output = draw(counts), draw(counts)
    return Tokens(
        input=input_,
        cached_input=draw(st.integers(0, input_)),
        output=output,
        reasoning=draw(st.integers(0, output)),
    )


def test_charge_when_a_figure_is_worked_by_hand_then_it_agrees() -> None:
    price = a_price(600_000_000, 60_000_000, 1_200_000_000)  # $0.60, $0.06, $1.20 per million
    # 900 x 600 + 100 x 60 + 50 x 1200 nano-dollars
    assert charge(Tokens(input=1000, cached_input=100, output=50), price) == 606_000


def test_charge_when_a_part_of_a_nano_dollar_remains_then_it_is_rounded_up_once() -> None:
    price = a_price(1, 1, 1)
    assert charge(Tokens(input=2, cached_input=1, output=1), price) == 1


@given(price=any_price)
def test_charge_when_there_are_no_tokens_then_nothing(price: Price) -> None:
    assert charge(Tokens(), price) == 0


@given(tokens=any_tokens(), price=any_price)
def test_charge_when_exact_then_it_is_less_than_a_nano_dollar_above(
    tokens: Tokens, price: Price
) -> None:
    exact = Fraction(
        (tokens.input - tokens.cached_input) * price.input_nusd_per_mtok
        + tokens.cached_input * price.cached_input_nusd_per_mtok
        + tokens.output * price.output_nusd_per_mtok,
        1_000_000,
    )
    assert 0 <= charge(tokens, price) - exact < 1


@given(tokens=any_tokens(), input_price=prices, output_price=prices)
def test_charge_when_cached_costs_the_same_then_the_split_does_not_matter(
    tokens: Tokens, input_price: int, output_price: int
) -> None:
    price = a_price(input_price, input_price, output_price)
    whole = Tokens(input=tokens.input, output=tokens.output)
    assert charge(tokens, price) == charge(whole, price)


@given(tokens=any_tokens(), price=any_price, more=st.tuples(counts, counts, counts))
def test_charge_when_tokens_are_added_then_it_never_falls(
    tokens: Tokens, price: Price, more: tuple[int, int, int]
) -> None:
    uncached, cached, output = more
    larger = Tokens(
        input=tokens.input + uncached + cached,
        cached_input=tokens.cached_input + cached,
        output=tokens.output + output,
        reasoning=tokens.reasoning,
    )
    assert charge(larger, price) >= charge(tokens, price) >= 0


@given(tokens=any_tokens(), price=any_price)
def test_charge_when_output_was_reasoning_then_it_costs_as_output(
    tokens: Tokens, price: Price
) -> None:
    plain = Tokens(tokens.input, tokens.cached_input, tokens.output)
    assert charge(tokens, price) == charge(plain, price)


def test_note_cap_when_something_was_noted_before_then_it_stays() -> None:
    assert note_cap("", 5) == '{"capped_from_nusd":"5"}'
    assert note_cap('{"limit":"spend"}', 5) == '{"limit":"spend","capped_from_nusd":"5"}'
