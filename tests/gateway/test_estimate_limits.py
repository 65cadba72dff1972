"""What a hold pays for, and what the engine is told of it."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gateway.estimates import CONTEXT, a_price, a_route, estimated, user

from weft.catalog.types import Price
from weft.gateway import estimate as module
from weft.gateway.estimate import LEAST_OUTPUT_TOKENS
from weft.ledger.pricing import charge
from weft.ledger.types import Tokens


def test_open_when_the_prompt_is_short_then_the_rest_of_the_window_is_held() -> None:
    made = estimated(user("hello"), a_route())
    assert made.is_open
    assert made.sends_limit
    assert made.prompt_tokens + made.output_tokens == CONTEXT
    price = a_price(1_000_000_000, 2_000_000_000)
    assert made.limit_for(made.cost_nusd(price), price) == made.output_tokens


def test_open_when_the_prompt_may_fill_most_of_the_window_then_no_limit_is_sent() -> None:
    price = a_price(1_000_000_000, 2_000_000_000)
    made = estimated(user("x" * 5400), a_route())
    assert made.prompt_tokens > CONTEXT * module.ROOM
    assert made.is_open
    assert made.limit_for(made.cost_nusd(price), price) is None
    assert made.output_tokens == CONTEXT
    assert made.least_nusd(price) == made.cost_nusd(price)


def test_open_when_the_prompt_was_counted_then_a_limit_is_sent() -> None:
    price = a_price(1_000_000_000, 2_000_000_000)
    made = estimated(user("x" * 6000), a_route()).with_prompt(1500)
    assert made.sends_limit
    assert (made.prompt_tokens, made.output_tokens) == (1500, CONTEXT - 1500)
    assert made.least_nusd(price) == 1500 * 1000 + LEAST_OUTPUT_TOKENS * 2000


def test_limit_when_the_caller_named_one_then_none_is_sent_and_it_is_held_in_full() -> None:
    price = a_price(1_000_000_000, 2_000_000_000)
    for name in ("max_tokens", "max_completion_tokens"):
        made = estimated({**user("hello"), name: 100, "n": 3}, a_route())
        assert made.limit_for(1 << 60, price) is None
        assert made.cost_nusd(price) == made.prompt_tokens * 1000 + 3 * 100 * 2000
        assert made.least_nusd(price) == made.cost_nusd(price)
        assert made.with_prompt(9).cost_nusd(price) == 9 * 1000 + 3 * 100 * 2000


def test_limit_when_larger_than_the_window_then_the_window_is_held() -> None:
    made = estimated({**user("hello"), "max_tokens": 2**62}, a_route())
    assert made.output_tokens == CONTEXT


def test_window_when_the_engine_s_slots_are_smaller_then_theirs_counts() -> None:
    route = a_route()
    route = replace(route, plan=replace(route.plan, context_tokens=2048))
    made = estimated(user("hello"), route)
    assert made.prompt_tokens + made.output_tokens == 2048


def test_prices_when_all_are_zero_then_nothing_is_held_and_no_limit_sent() -> None:
    free = a_price(0, 0)
    made = estimated(user("hello"), a_route())
    assert made.cost_nusd(free) == made.least_nusd(free) == 0
    assert made.limit_for(0, free) is None


def test_prices_when_only_the_prompt_costs_then_the_answer_is_not_cut_short() -> None:
    price = a_price(1_000_000_000, 0)
    made = estimated(user("hello"), a_route())
    assert made.limit_for(made.least_nusd(price), price) == made.output_tokens


prices = st.builds(
    a_price,
    st.integers(0, 10**12),
    st.integers(0, 10**12),
    st.none() | st.integers(0, 10**12),
)


@given(
    price=prices,
    choices=st.integers(1, 16),
    words=st.integers(0, 9000),
    share=st.fractions(0, 1),
    counted=st.none() | st.integers(1, 9000),
)
@settings(max_examples=150)
def test_hold_when_the_engine_keeps_to_the_limit_then_pays_for_everything(
    price: Price, choices: int, words: int, share: Any, counted: int | None
) -> None:
    made = estimated({**user("x" * words), "n": choices}, a_route())
    if counted is not None:
        made = made.with_prompt(counted)
    want, least = made.cost_nusd(price), made.least_nusd(price)
    assert least <= want
    held = least + int((want - least) * share)
    limit = made.limit_for(held, price)
    if limit is None:
        assert held == want
        limit = made.output_tokens
    assert min(made.output_tokens, LEAST_OUTPUT_TOKENS) <= limit <= made.output_tokens
    for cached in (0, made.prompt_tokens):
        used = Tokens(made.prompt_tokens, cached, limit * choices)
        assert charge(used, price) <= held


@given(price=prices, words=st.integers(0, 9000), left=st.integers(0, 10**14))
def test_may_fit_when_false_then_no_count_would_help(price: Price, words: int, left: int) -> None:
    made = estimated(user("x" * words), a_route())
    if not made.may_fit(left, price):
        for counted in (1, 7, made.prompt_tokens):
            assert made.with_prompt(counted).least_nusd(price) > left
            assert made.with_prompt(counted).affordable(left, price) < 1


# What is likely.


def test_likely_when_the_caller_named_a_limit_then_it_counts_with_the_prompt() -> None:
    made = estimated({**user("x" * 400), "max_tokens": 50, "n": 2}, a_route())
    assert 100 + 100 <= made.likely_tokens <= 130 + 100
    assert 100 <= estimated(user("x" * 400), a_route()).likely_tokens < 130


def test_text_when_longer_than_the_window_then_is_told_as_what_the_window_holds() -> None:
    made = estimated(user(" " * 100_000), a_route())
    assert made.text_bytes == 4 * CONTEXT
    assert made.likely_tokens == CONTEXT
