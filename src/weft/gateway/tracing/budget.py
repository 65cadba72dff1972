"""How many bytes of prompts and answers may wait in memory to become traces."""


class Budget:
    """A bound that many share. Whoever took gives back; for one event loop."""

    __slots__ = ("_limit_bytes", "held_bytes")

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self.held_bytes = 0

    def take(self, size_bytes: int) -> bool:
        """Whether there was room; then it is taken."""
        if self.held_bytes + size_bytes > self._limit_bytes:
            return False
        self.held_bytes += size_bytes
        return True

    def give(self, size_bytes: int) -> None:
        """Give back what was taken."""
        self.held_bytes -= size_bytes
