"""What the figures are: an interval, a comparison of two, a place in an order."""

from dataclasses import dataclass
from enum import StrEnum

LEVEL = 0.95
"""Of every interval; 1 - LEVEL is what counts as significant."""


class Method(StrEnum):
    """How a figure was worked out."""

    WILSON = "wilson"
    BCA = "bca_bootstrap"
    STUDENT = "student_t"
    MCNEMAR = "mcnemar_exact"
    SIGN_FLIP_EXACT = "sign_flip_exact"
    SIGN_FLIP = "sign_flip_monte_carlo"
    SIGN_FLIP_NORMAL = "sign_flip_normal"


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true mean lies, with the confidence `LEVEL`."""

    low: float
    high: float
    method: Method


@dataclass(frozen=True, slots=True)
class Estimate:
    """The mean of a score over rows."""

    n: int
    mean: float
    interval: Interval | None
    """None where the rows say nothing about it: fewer than two, or all the same number."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One model against another on the rows that both have."""

    n: int
    difference: float
    """Mean of the first less mean of the second."""
    p_value: float
    """How likely a difference as large as this is when there is none; two-sided."""
    method: Method


@dataclass(frozen=True, slots=True)
class Place:
    """A model's place on a board."""

    name: str
    estimate: Estimate
    rank: int
    """1 + how many models are significantly better; models of one rank are tied."""
    tied_with_best: bool
