"""What time it is, as a part that can be handed in, so that tests and simulations own their clock."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall-clock and monotonic time."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        ...

    def monotonic_s(self) -> float:
        """Seconds since an arbitrary point; never goes backwards."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Seconds since an arbitrary point; never goes backwards."""
        return time.perf_counter()


def to_us(moment: datetime) -> int:
    """Microseconds since the Unix epoch: how moments are stored."""
    return int(moment.timestamp() * 1_000_000)


def from_us(stamp_us: int) -> datetime:
    """The moment of a stored stamp, aware, in UTC."""
    return datetime.fromtimestamp(stamp_us / 1_000_000, UTC)
