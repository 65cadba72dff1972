"""The text that a parser reads, in whatever pieces it comes.

Owns what has come and was not yet read, and the waiting for more: a parser is a generator that yields when it needs
more text, so that each format reads like its grammar. Knows no format. Invariants: what a step gives depends on the
text alone, never on where it was cut; only what may be the beginning of a marker stays unread.
"""

import re
from collections.abc import Callable, Generator
from typing import TypeVar

T = TypeVar("T")
Steps = Generator[None, None, T]
"""A piece of a parser: it yields when it needs more text, and returns what it found."""
Sink = Callable[[str], None]

WHITE = " \t\r\n"
_WHITE_RUN = re.compile(r"[ \t\r\n]+")


class Stops:
    """Markers that end a run of text; of two at the same place, the first in order counts."""

    def __init__(self, *markers: str) -> None:
        self.markers = markers
        self.pattern = re.compile("|".join(map(re.escape, markers)) or r"(?!)")
        self._longest = max(map(len, markers), default=1)

    def tail(self, text: str, start: int) -> int:
        """Where the part of `text` begins that may be the beginning of a marker; its end if there is none."""
        for at in range(max(start, len(text) - self._longest + 1), len(text)):
            if any(marker.startswith(text[at:]) for marker in self.markers):
                return at
        return len(text)


class Source:
    """Text that is read from front to back, and may be kept until it is clear what it is."""

    def __init__(self) -> None:
        self._text = ""
        self._at = 0
        self._ended = False
        self._kept: list[str] | None = None

    def add(self, text: str) -> None:
        """The next piece has come."""
        self._text = self._text[self._at :] + text
        self._at = 0

    def end(self) -> None:
        """No more comes."""
        self._ended = True

    def keep(self) -> None:
        """Keep what is read from here on."""
        self._kept = []

    def kept(self) -> str:
        """What was read since `keep`; from here on nothing is kept."""
        kept, self._kept = self._kept, None
        return "".join(kept or ())

    def peek(self) -> Steps[str]:
        """The next character, unread; empty at the end."""
        while self._at == len(self._text):
            if self._ended:
                return ""
            yield
        return self._text[self._at]

    def take(self) -> Steps[str]:
        """Read the next character; empty at the end."""
        there = yield from self.peek()
        return self._read(len(there))

    def see(self, *markers: str) -> Steps[str]:
        """The first of `markers` that the text goes on with, unread; empty if none."""
        while True:
            is_open = False
            rest = len(self._text) - self._at
            for marker in markers:
                if self._text.startswith(marker, self._at):
                    return marker
                if rest < len(marker) and marker.startswith(self._text[self._at :]):
                    is_open = not self._ended
                    if is_open:
                        break
            if not is_open:
                return ""
            yield

    def accept(self, *markers: str) -> Steps[str]:
        """Read the first of `markers` that the text goes on with; empty if none."""
        found = yield from self.see(*markers)
        return self._read(len(found))

    def run(self, pattern: re.Pattern[str], sink: Sink) -> Steps[None]:
        """Read characters as long as they fit `pattern`, which must be a class of characters with a `+`."""
        while True:
            if found := pattern.match(self._text, self._at):
                sink(self._read(found.end() - self._at))
            if self._at < len(self._text) or self._ended:
                return
            yield

    def word(self, pattern: re.Pattern[str]) -> Steps[str]:
        """The same, as one string."""
        pieces: list[str] = []
        yield from self.run(pattern, pieces.append)
        return "".join(pieces)

    def white(self) -> Steps[None]:
        """Read white space."""
        yield from self.run(_WHITE_RUN, _nowhere)

    def until(self, stops: Stops, sink: Sink) -> Steps[str]:
        """Read to the first of `stops`, which stays unread and is returned; empty at the end of the text."""
        while True:
            if found := stops.pattern.search(self._text, self._at):
                self._pass_on(found.start(), sink)
                return found.group()
            if self._ended:
                self._pass_on(len(self._text), sink)
                return ""
            self._pass_on(stops.tail(self._text, self._at), sink)
            yield

    def _pass_on(self, end: int, sink: Sink) -> None:
        if end > self._at:
            sink(self._read(end - self._at))

    def _read(self, count: int) -> str:
        piece = self._text[self._at : self._at + count]
        self._at += count
        if self._kept is not None and piece:
            self._kept.append(piece)
        return piece


def _nowhere(_: str) -> None:
    pass
