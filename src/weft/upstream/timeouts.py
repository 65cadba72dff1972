"""How long each stage of an exchange may take.

Owns the bounds and their defaults. They are measured by one coarse sweep per pool, so a timeout is
noticed up to half a second late, never early.
"""

from dataclasses import dataclass

__all__ = ["Timeouts"]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Bounds on every wait; all in seconds and above zero."""

    connect_s: float = 5.0
    """Name resolution, TCP and TLS together."""
    first_byte_s: float = 600.0
    """From the request's last byte to the end of the response head: a queueing engine is slow."""
    idle_s: float = 120.0
    """Between two reads of the body, while this side is reading."""
    write_s: float = 30.0
    """How long the peer may take no byte of a request that waits to be written."""

    def __post_init__(self) -> None:
        if min(self.connect_s, self.first_byte_s, self.idle_s, self.write_s) <= 0:
            raise ValueError("timeouts are above zero")
