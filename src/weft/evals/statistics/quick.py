"""Estimates for lists of many runs: every interval is of closed form, so that hundreds take no time that is felt.

Passes have Wilson's interval, as everywhere; numbers of many rows the bootstrap's in closed form, where it can say it;
all others Student's, which takes means for normal. A run's own page draws for those.
"""

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from weft.evals.statistics.closed import MANY, skewed_interval
from weft.evals.statistics.intervals import wilson
from weft.evals.statistics.scores import Scores
from weft.evals.statistics.types import LEVEL, Estimate, Interval, Method


def quick_estimate(scores: Scores) -> Estimate | None:
    """The mean of one score over its rows; None for no rows."""
    values = np.sort(scores.known)  # the same rows in another order are the same
    n = len(values)
    if n == 0:
        return None
    mean = math.fsum(values) / n
    if scores.are_passes:
        return Estimate(n, mean, wilson(round(math.fsum(values)), n))
    if n < 2 or values.min() == values.max():
        return Estimate(n, mean, None)
    ends = skewed_interval(values.tolist(), LEVEL) if n >= MANY else None
    if ends is not None:
        return Estimate(n, mean, Interval(*ends, Method.BCA))
    half = student(n - 1) * float(values.std(ddof=1)) / math.sqrt(n)
    return Estimate(n, mean, Interval(mean - half, mean + half, Method.STUDENT))


@lru_cache(maxsize=1024)
def student(freedom: int, level: float = LEVEL) -> float:
    """How many standard errors from the mean the ends of Student's interval lie.

    One and two degrees of freedom are exact; from three on it is the expansion around the normal quantile
    (Abramowitz and Stegun 1964, 26.7.5), within 0.2 % at three and far nearer beyond.
    """
    tail = (1 + level) / 2
    if freedom == 1:
        return math.tan(math.pi * (tail - 0.5))
    if freedom == 2:
        return (2 * tail - 1) * math.sqrt(2 / (4 * tail * (1 - tail)))
    z = NormalDist().inv_cdf(tail)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return sum(term / freedom**power for power, term in enumerate(terms))
