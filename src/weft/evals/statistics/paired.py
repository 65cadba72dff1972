"""Whether two models differ, row by row: exact where that can be counted out, by random signs where it cannot."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from weft.evals.statistics.closed import MANY, flip_p_value, half_binomial
from weft.evals.statistics.intervals import seed_of
from weft.evals.statistics.scores import Rows, Scores
from weft.evals.statistics.types import Comparison, Method

EXACT_ROWS = 14
"""Rows that differ, up to which all 2^n patterns of signs are looked at."""
FLIPS = 9_999
SIZES = 64
"""Different sizes of differences, up to which patterns of signs are drawn size by size."""
_CHUNK_CELLS = 4_000_000
_TOLERANCE = 1e-12
"""Relative: sums in another order are the same sum."""


def compare(first: Rows, second: Rows) -> Comparison | None:
    """`first` against `second`, whose places are the same rows; None where no row has both.

    Raises:
        ValueError: they are of different lengths.
    """
    one, other = Scores.of(first), Scores.of(second)
    if len(one.values) != len(other.values):
        raise ValueError("rows of different lengths cannot be paired")
    apart = one.values - other.values
    apart = apart[~np.isnan(apart)]
    n = len(apart)
    if n == 0:
        return None
    differences: list[float] = apart.tolist()
    difference = math.fsum(differences) / n
    if one.are_passes and other.are_passes:
        better, worse = int((apart > 0).sum()), int((apart < 0).sum())
        return Comparison(n, difference, mcnemar(better, worse), Method.MCNEMAR)
    p_value, method = sign_flip(differences)
    return Comparison(n, difference, p_value, method)


def mcnemar(better: int, worse: int) -> float:
    """The exact two-sided test of rows that only one side passes (McNemar 1947; the binomial form of Cochran 1950)."""
    n = better + worse
    if n == 0:
        return 1.0
    if n >= MANY:
        return min(1.0, 2 * half_binomial(min(better, worse), n))
    tail = sum(math.comb(n, k) for k in range(min(better, worse) + 1))
    return min(1.0, 2 * tail / 2**n)


def sign_flip(differences: Sequence[float], *, flips: int = FLIPS) -> tuple[float, Method]:
    """The two-sided permutation test of a mean of paired differences: without an effect each sign is a coin's.

    Fisher 1935, "The Design of Experiments", section 21. Exact up to `EXACT_ROWS` rows that differ; above, by `flips`
    random patterns with the observed one among them (Phipson and Smyth 2010: never 0); in closed form for `MANY`.
    """
    moved = np.asarray([one for one in differences if one != 0.0], dtype=np.float64)
    n = len(moved)
    if n == 0:
        return 1.0, Method.SIGN_FLIP_EXACT
    observed = abs(moved.sum()) * (1 - _TOLERANCE)
    if n <= EXACT_ROWS:
        numbers: NDArray[np.int64] = np.arange(2**n, dtype=np.int64)
        patterns = np.bitwise_and(np.right_shift.outer(numbers, np.arange(n)), 1)
        sums = np.abs((1 - 2 * patterns) @ moved)
        return float((sums >= observed).mean()), Method.SIGN_FLIP_EXACT
    sizes, counts = np.unique(np.abs(moved), return_counts=True)
    if len(sizes) <= min(SIZES, n // 2):
        # As many heads of a size as a binomial says: the same draws, without a coin for each row.
        heads = np.random.default_rng(seed_of(differences)).binomial(
            counts, 0.5, (flips, len(sizes))
        )
        beyond = int((np.abs((2 * heads - counts) @ sizes) >= observed).sum())
        return (beyond + 1) / (flips + 1), Method.SIGN_FLIP
    p_value = flip_p_value(moved) if n >= MANY else None
    if p_value is not None:
        return p_value, Method.SIGN_FLIP_NORMAL
    random = np.random.default_rng(seed_of(differences))
    total = moved.sum()
    step = max(1, _CHUNK_CELLS // n)
    beyond = 0
    for start in range(0, flips, step):
        count = min(step, flips - start)
        drawn = np.frombuffer(random.bytes((count * n + 7) // 8), np.uint8)
        kept = np.unpackbits(drawn, count=count * n).reshape(count, n).astype(np.float64)
        beyond += int((np.abs(2 * (kept @ moved) - total) >= observed).sum())
    return (beyond + 1) / (flips + 1), Method.SIGN_FLIP
