"""The last lines that a child process wrote, bounded in number and in length.

Owns the cutting of a byte stream into lines. Knows nothing of processes. Invariant: memory stays below
`lines x line_bytes`, whatever the child writes: a line that is too long is cut, and its rest thrown away.
"""

from collections import deque
from collections.abc import Iterator

RING_LINES = 1000
LINE_BYTES = 2000


class LogRing:
    """The newest lines, oldest first."""

    def __init__(self, lines: int = RING_LINES) -> None:
        self._lines: deque[str] = deque(maxlen=lines)
        self.written = 0
        """How many lines there were so far; the newest one is the last of them."""

    def add(self, line: str) -> None:
        """Keep `line` and forget the oldest one if there is no room."""
        self._lines.append(line)
        self.written += 1

    def tail(self, count: int = RING_LINES) -> tuple[str, ...]:
        """The last `count` lines."""
        return tuple(self._lines)[-count:] if count else ()


class LineSplitter:
    """Cuts one stream into lines; bytes that are no UTF-8 become U+FFFD."""

    def __init__(self, line_bytes: int = LINE_BYTES) -> None:
        self._line_bytes = line_bytes
        self._partial = bytearray()

    def feed(self, data: bytes) -> Iterator[str]:
        """The lines that `data` completes."""
        *complete, rest = data.split(b"\n")
        for piece in complete:
            self._keep(piece)
            yield self._take()
        self._keep(rest)

    def finish(self) -> Iterator[str]:
        """The unfinished line, if there is one: the stream has ended."""
        if self._partial:
            yield self._take()

    def _keep(self, piece: bytes) -> None:
        self._partial += piece[: self._line_bytes - len(self._partial)]

    def _take(self) -> str:
        line = self._partial.decode(errors="replace").rstrip("\r")
        self._partial.clear()
        return line
