"""The mean of a score with its interval: Wilson's for passes, the bootstrap's for numbers."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from weft.evals.statistics.closed import MANY, skewed_interval
from weft.evals.statistics.scores import Rows, Scores
from weft.evals.statistics.types import LEVEL, Estimate, Interval, Method

RESAMPLES = 9_999
FEWEST = 999
"""Of so many rows that more would take too long."""
_DRAWS = 20_000_000
"""Rows drawn for one interval."""
_CHUNK_CELLS = 4_000_000
"""Values drawn at once: 32 MiB."""


def estimate(scores: Rows) -> Estimate | None:
    """The mean of one score over its rows; None for no rows.

    Booleans are passes and get Wilson's interval; numbers get the bootstrap's, in closed form where there are many.
    """
    told = Scores.of(scores)
    values: list[float] = sorted(told.known.tolist())  # the same rows in another order are the same
    n = len(values)
    if n == 0:
        return None
    mean = math.fsum(values) / n
    if told.are_passes:
        return Estimate(n, mean, wilson(round(math.fsum(values)), n))
    if n < 2 or min(values) == max(values):
        return Estimate(n, mean, None)
    ends = skewed_interval(values, LEVEL) if n >= MANY else None
    if ends is not None:
        return Estimate(n, mean, Interval(*ends, Method.BCA))
    draws = max(FEWEST, min(RESAMPLES, _DRAWS // n))
    return Estimate(n, mean, bca(values, resamples=draws))


def wilson(passed: int, n: int, level: float = LEVEL) -> Interval:
    """The interval of a share of `n` > 0 rows (Wilson 1927, "Probable inference", JASA 22; not corrected)."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = passed / n
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    whole = 1 + z * z / n
    low = 0.0 if passed == 0 else (middle - half) / whole
    high = 1.0 if passed == n else (middle + half) / whole
    return Interval(low, high, Method.WILSON)


def bca(
    values: Sequence[float],
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int | None = None,
) -> Interval:
    """The bias-corrected and accelerated bootstrap interval of the mean of at least two different values.

    Efron 1987, "Better bootstrap confidence intervals", JASA 82. `seed` is the data's own if not given, so that the
    same rows give the same interval.
    """
    data = np.asarray(values, dtype=np.float64)
    mean = data.mean()
    means = _resampled_means(data, resamples, seed_of(values) if seed is None else seed)
    normal = NormalDist()
    below = (float((means < mean).mean()) + float((means <= mean).mean())) / 2
    bias = normal.inv_cdf(min(max(below, 0.5 / resamples), 1 - 0.5 / resamples))
    # The jackknife of a mean pulls by how far each value is from it.
    pull = data - mean
    acceleration = float((pull**3).sum() / (6 * (pull**2).sum() ** 1.5))
    ends: list[float] = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        z = bias + normal.inv_cdf(tail)
        ends.append(100 * normal.cdf(bias + z / (1 - acceleration * z)))
    low, high = np.percentile(means, ends)
    return Interval(float(low), float(high), Method.BCA)


def _resampled_means(data: NDArray[np.float64], resamples: int, seed: int) -> NDArray[np.float64]:
    """Means of `resamples` draws of len(data) rows with replacement, in pieces that fit into memory."""
    n = len(data)
    random = np.random.default_rng(seed)
    step = max(1, _CHUNK_CELLS // n)
    parts = [
        data[random.integers(0, n, (min(step, resamples - start), n))].mean(axis=1)
        for start in range(0, resamples, step)
    ]
    return np.concatenate(parts)


def seed_of(values: Sequence[float]) -> int:
    """A seed that is the same for the same values in the same order."""
    return crc32(",".join(map(repr, values)).encode())
