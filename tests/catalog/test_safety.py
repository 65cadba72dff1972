"""Prices that look like a mistake are refused where they stand, unless somebody stands by them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.catalog.load import load_catalog
from weft.catalog.safety import FIGURES, MAX_STEP, find_doubt
from weft.catalog.types import ModelCard, Price
from weft.kit.errors import CannotStart
from weft.kit.money import NanoUsdPerMtok

OWN = 'id = "our/own"\ncontext_window_tokens = 4096\n'
STAND_BY = 'override_by = "ada"\noverride_reason = "a gift"\n'
figure = st.integers(0, 10**12)


def price(cost: int, output: int, cached: int | None = None) -> Price:
    return Price(
        version="m@1",
        effective_at=datetime(2026, 1, 1, tzinfo=UTC),
        input_nusd_per_mtok=NanoUsdPerMtok(cost),
        output_nusd_per_mtok=NanoUsdPerMtok(output),
        cached_input_nusd_per_mtok=NanoUsdPerMtok(cost if cached is None else cached),
        source="here",
    )


def toml(day: str, cost: str, output: str, *more: str) -> str:
    return (
        f'[[prices]]\neffective_on = {day}\ninput_usd_per_mtok = "{cost}"\n'
        f'output_usd_per_mtok = "{output}"\nsource = "here"\n' + "".join(more)
    )


@given(figure, figure, figure, figure)
def test_doubt_when_a_figure_makes_a_step_then_only_beyond_ten_times(
    old_in: int, old_out: int, new_in: int, new_out: int
) -> None:
    doubt = find_doubt(price(new_in, new_out), price(old_in, old_out))
    steps = [
        max(old, new) > MAX_STEP * min(old, new)
        for old, new in ((old_in, new_in), (old_out, new_out))
    ]
    assert (doubt is not None) is (any(steps) or new_in > 20 * new_out)


@pytest.mark.parametrize("name", FIGURES)
def test_doubt_when_one_figure_alone_makes_a_step_then_it_is_named(name: str) -> None:
    before, after = price(1000, 1000, 1000), price(1000, 1000, 99)
    if name == "input_nusd_per_mtok":
        after = price(10_001, 1000, 1000)
    elif name == "output_nusd_per_mtok":
        after = price(1000, 10_001, 1000)
    doubt = find_doubt(after, before)
    assert doubt is not None
    assert doubt.figure == name


def test_doubt_when_answers_are_not_sold_then_only_input_may_cost() -> None:
    assert find_doubt(price(100, 0), None) is not None
    assert find_doubt(price(100, 0), None, input_only=True) is None
    assert find_doubt(price(100, 1), None, input_only=True) is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            toml("2026-01-01", "1", "2") + toml("2026-02-01", "1", "20.1"),
            "card.toml:11: output at 20.1 is a step of more than 10 times from the 2 before it",
        ),
        (
            toml("2026-01-01", "1", "2") + toml("2026-02-01", "0", "2"),
            "card.toml:10: input at 0 is a step",
        ),
        (
            toml("2026-01-01", "21", "1"),
            "card.toml:5: input at 21 is over 20 times the output at 1",
        ),
        (
            toml("2026-01-01", "1", "1", 'override_by = "ada"\n'),
            "card.toml:8: `override_by` goes with `override_reason`; write both",
        ),
        (
            toml("2026-01-01", "1", "1", 'override_reason = "why"\n'),
            "card.toml:8: `override_reason` goes with `override_by`; write both",
        ),
    ],
)
def test_load_when_a_price_is_in_doubt_then_one_line_says_where(
    refusal_of: Callable[[str], str], text: str, message: str
) -> None:
    assert refusal_of(OWN + text).startswith(message)


def test_load_when_somebody_stands_by_a_price_then_it_is_taken_with_the_name(
    load_card: Callable[..., ModelCard],
) -> None:
    card = load_card(OWN + toml("2026-01-01", "1", "2") + toml("2026-02-01", "0", "0", STAND_BY))
    assert (card.prices[1].override_by, card.prices[1].override_reason) == ("ada", "a gift")
    assert card.prices[0].override_by == ""


@pytest.mark.parametrize(
    ("cost", "output", "refused"),
    [("0.04", "0.16", False), ("0.6", "0.16", True), ("1", "3", True)],
)
def test_overlay_when_it_changes_a_shipped_price_then_that_one_is_what_it_is_judged_by(
    tmp_path: Path, cost: str, output: str, refused: bool
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('id = "openai/gpt-oss-20b"\n' + toml("2027-01-01", cost, output))
    if refused:
        with pytest.raises(CannotStart, match=r"mine.toml:4: input at .* is a step of more than"):
            load_catalog(tmp_path)
        file.write_text(file.read_text() + STAND_BY)
    assert load_catalog(tmp_path).cards
