"""Price safety: figures that are most likely a slip of the keyboard or a wrong unit. Pure.

Wrong units and lost zeros have reached public price lists by factors of 10 and of 100,000. So a step of more than ten
times from the price before, an input price out of all proportion to the output price, and a cached price above the
input price are refused, unless the price names who wants it so and why (`override_by`, `override_reason`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from weft.catalog.types import Price
from weft.kit.money import format_usd

MAX_STEP = 10
MAX_INPUT_PER_OUTPUT = 20
FIGURES = ("input_nusd_per_mtok", "output_nusd_per_mtok", "cached_input_nusd_per_mtok")
OVERRIDE = "if it is meant, say who wants it and why: `override_by` and `override_reason` in this [[prices]]"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a price is refused unless somebody stands by it."""

    figure: str
    """The field of `Price` that is in doubt."""
    what: str


def find_doubt(price: Price, before: Price | None, *, input_only: bool = False) -> Doubt | None:
    """The first doubt about `price`, if there is any; arguments as `find_doubts` takes them."""
    return next(find_doubts(price, before, input_only=input_only), None)


def find_doubts(price: Price, before: Price | None, *, input_only: bool = False) -> Iterator[Doubt]:
    """Each doubt about `price`; `before` is the one that it follows, None where there is none.

    `input_only` is for models whose answers are not sold by the token: embeddings.
    """
    cost, output = price.input_nusd_per_mtok, price.output_nusd_per_mtok
    if price.cached_input_nusd_per_mtok > cost:
        yield Doubt(
            "cached_input_nusd_per_mtok",
            f"cached input at {format_usd(price.cached_input_nusd_per_mtok)} is dearer than input at"
            f" {format_usd(cost)}; a cached token never costs more",
        )
    if cost > output * MAX_INPUT_PER_OUTPUT and not (input_only and output == 0):
        yield Doubt(
            "input_nusd_per_mtok",
            f"input at {format_usd(cost)} is over {MAX_INPUT_PER_OUTPUT} times the output at"
            f" {format_usd(output)}",
        )
    if before is not None:
        yield from find_steps(price, before)


def find_steps(price: Price, before: Price) -> Iterator[Doubt]:
    """The figures of `price` that are more than `MAX_STEP` times those before it, or as much less."""
    for figure in FIGURES:
        old, new = getattr(before, figure), getattr(price, figure)
        if new > old * MAX_STEP or old > new * MAX_STEP:
            name = figure.removesuffix("_nusd_per_mtok").replace("_", " ")
            yield Doubt(
                figure,
                f"{name} at {format_usd(new)} is a step of more than {MAX_STEP} times from the"
                f" {format_usd(old)} before it",
            )
