"""How fast bytes come, and how long the rest will take: by the last seconds."""

from collections import deque

LATELY_S = 5.0
EVERY_S = 0.1
"""Closer readings say nothing new."""


class Meter:
    """Takes readings of a count that grows."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def restart(self) -> None:
        """Forget the readings: what comes now has nothing to do with them."""
        self._seen.clear()

    def read(self, now_s: float, done: int) -> bool:
        """Take note that `done` bytes were there at `now_s`; tells whether that is news."""
        if self._seen and now_s - self._seen[-1][0] < EVERY_S:
            return False
        self._seen.append((now_s, done))
        while now_s - self._seen[0][0] > LATELY_S and len(self._seen) > 2:
            self._seen.popleft()
        return True

    @property
    def bytes_per_s(self) -> float:
        """Of the last seconds; 0 where nothing is known."""
        if len(self._seen) < 2:
            return 0.0
        (since, had), (now, done) = self._seen[0], self._seen[-1]
        return max(0.0, (done - had) / (now - since)) if now > since else 0.0

    def eta_s(self, left: int) -> float | None:
        """Until `left` more bytes are there; None where nobody can tell."""
        speed = self.bytes_per_s
        return left / speed if speed > 0 else None
