"""The same figures in closed form, for so many rows that drawing them would take seconds and tell no more.

From `MANY` rows on the error of these forms is of the order of 1/rows, far below what 9,999 random draws leave open;
but for values of which a few weigh more than all the others, for which they say None, and draws it has to be.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

MANY = 150
"""Rows from which on figures are of closed form."""
LEAN = 0.1
"""The most skewness of a mean."""
FLAT = 0.03
"""The most that the fourth powers of differences may be of the square of their squares."""
_LEAST_P = 1e-12


def skewed_interval(values: Sequence[float], level: float) -> tuple[float, float] | None:
    """Both ends of the bias-corrected and accelerated interval of a mean, of values that are not all the same.

    Efron 1987, "Better bootstrap confidence intervals", JASA 82, section 4: for a mean, bias correction and
    acceleration are both a sixth of the mean's skewness; the bootstrap's own distribution is taken by its first three
    cumulants (Cornish and Fisher 1938). None where values lean so far to one side that three are too few.
    """
    data = np.asarray(values, dtype=np.float64)
    mean = float(data.mean())
    pull = data - mean
    squares = float((pull**2).sum())
    error = math.sqrt(squares) / len(data)
    skew = float((pull**3).sum()) / (6 * squares**1.5)
    if abs(6 * skew) > LEAN:
        return None
    normal = NormalDist()
    ends: list[float] = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        z = skew + normal.inv_cdf(tail)
        at = skew + z / (1 - skew * z)
        ends.append(mean + error * (at + skew * (at * at - 1)))
    return ends[0], ends[1]


def flip_p_value(moved: NDArray[np.float64]) -> float | None:
    """The two-sided test of random signs, by the Edgeworth expansion of a sum of many terms, none of much weight.

    Such a sum has no odd cumulants, and its fourth is -2 times the sum of fourth powers, so that the first term behind
    the normal one has the weight `flat` / 12 (Feller 1971, volume 2, chapter XVI). None where a few are most of it.
    """
    square = float((moved**2).sum())
    flat = float((moved**4).sum()) / square**2 if square > 0 else 1.0
    if not flat <= FLAT:
        return None
    z = abs(float(moved.sum())) / math.sqrt(square)
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    p_value = math.erfc(z / math.sqrt(2)) - flat / 6 * (z**3 - 3 * z) * density
    return min(1.0, max(_LEAST_P, p_value))


def half_binomial(most: int, n: int) -> float:
    """The chance that at most `most` of `n` fair coins show heads, summed as logarithms: no term is left out."""
    k = np.arange(1, most + 1, dtype=np.float64)
    logs = np.concatenate(([0.0], np.cumsum(np.log((n - k + 1) / k))))
    peak = float(logs.max())
    total = math.log(float(np.exp(logs - peak).sum())) + peak - n * math.log(2)
    return min(1.0, math.exp(total))
