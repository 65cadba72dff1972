"""From measured requests to the speed of a model. Pure.

Only streams are measured: of an answer that comes in one piece nobody knows when its first token was there. The speed
of output is that of decoding, without the wait for the first token: (tokens - 1) / (total - time to first token).
A percentile is the nearest rank, so each figure is one that was really measured.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_REQUESTS = 10
"""Fewer say nothing about a model, and too much about whoever sent them."""
MOST_REQUESTS = 500
"""The newest; more would not move a percentile."""
LEAST_TOKENS = 8
"""Shorter answers are over before their speed can be told."""
STEPS = (10, 20, 50, 100, 200, 500)
"""What a count of requests is rounded down to: a single request must not be seen by others."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One streamed answer."""

    output_tokens: int
    ttft_us: int
    total_us: int

    @property
    def tells_speed(self) -> bool:
        """Whether it was long enough to tell the speed of output."""
        return self.output_tokens >= LEAST_TOKENS and self.total_us > self.ttft_us

    @property
    def tokens_per_s(self) -> float:
        """The speed of its output after the first token."""
        return (self.output_tokens - 1) * 1e6 / (self.total_us - self.ttft_us)


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of one figure."""

    p5: float
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a model answered."""

    requests: int
    """That it rests on, rounded down to one of `STEPS`; 0 where there were too few."""
    ttft_ms: Spread | None
    output_tokens_per_s: Spread | None


def speed_of(samples: Sequence[Sample]) -> Speed:
    """The figures of at most `MOST_REQUESTS` of `samples`, newest first; None where there are too few."""
    newest = samples[:MOST_REQUESTS]
    speeds = [one.tokens_per_s for one in newest if one.tells_speed]
    return Speed(
        requests=max((step for step in STEPS if step <= len(newest)), default=0),
        ttft_ms=_spread([one.ttft_us / 1000 for one in newest]),
        output_tokens_per_s=_spread(speeds),
    )


def _spread(values: Sequence[float]) -> Spread | None:
    if len(values) < LEAST_REQUESTS:
        return None
    ordered = sorted(values)
    return Spread(*(round(_rank(ordered, share), 1) for share in (0.05, 0.5, 0.95)))


def _rank(ordered: Sequence[float], share: float) -> float:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
