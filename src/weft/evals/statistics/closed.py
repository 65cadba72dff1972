"""The same figures in closed form, for so many rows that drawing them would take seconds and tell no more.

From `MANY` rows on the error of these forms is of the order of 1/rows, far below what 9,999 random draws leave open.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

MANY = 500
"""Rows from which on figures are of closed form."""


def skewed_interval(values: Sequence[float], level: float) -> tuple[float, float]:
    """Both ends of the bias-corrected and accelerated interval of a mean, of values that are not all the same.

    Efron 1987, "Better bootstrap confidence intervals", JASA 82, section 4: for a mean, bias correction and
    acceleration are both a sixth of the mean's skewness; the bootstrap's own distribution is taken by its first three
    cumulants (Cornish and Fisher 1938).
    """
    data = np.asarray(values, dtype=np.float64)
    mean = float(data.mean())
    pull = data - mean
    squares = float((pull**2).sum())
    error = math.sqrt(squares) / len(data)
    skew = float((pull**3).sum()) / (6 * squares**1.5)
    normal = NormalDist()
    ends: list[float] = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        z = skew + normal.inv_cdf(tail)
        at = skew + z / (1 - skew * z)
        ends.append(mean + error * (at + skew * (at * at - 1)))
    return ends[0], ends[1]


def flip_p_value(moved: NDArray[np.float64]) -> float:
    """The two-sided test of random signs: their sum has mean 0 and just this variance, and many terms."""
    return math.erfc(abs(float(moved.sum())) / math.sqrt(2 * float((moved**2).sum())))


def half_binomial(most: int, n: int) -> float:
    """The chance that at most `most` of `n` fair coins show heads, summed as logarithms: no term is left out."""
    k = np.arange(1, most + 1, dtype=np.float64)
    logs = np.concatenate(([0.0], np.cumsum(np.log((n - k + 1) / k))))
    peak = float(logs.max())
    total = math.log(float(np.exp(logs - peak).sum())) + peak - n * math.log(2)
    return min(1.0, math.exp(total))
