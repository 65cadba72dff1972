"""What a parser has made of the text, and the parser that runs a format's script.

Owns the deltas on their way out, and the white space that may turn out to belong to a marker: it is held back until
what follows is known. Knows no format. Invariant: white space is dropped only where a marker that counted is next to
it; everything else that was given to `content` and `think` goes out, in order.
"""

from collections.abc import Callable, Sequence

from weft.engines.formats.source import WHITE, Sink, Source, Steps
from weft.engines.formats.types import CallArguments, CallStart, Content, Delta, Reasoning

LINE_ENDS = "\r\n"


class Trimmed:
    """Text that loses the blanks at its beginning or its end where a marker stands there.

    Blanks before a marker part the text before it from the text behind it, if there is both.
    """

    def __init__(self, blanks: str, sink: Sink) -> None:
        self._blanks = blanks
        self._sink = sink
        self._skipped = ""
        self._has_begun = False
        self._pending: list[str] = []

    def add(self, text: str) -> None:
        """Text comes."""
        if self._skipped:
            text = text.lstrip(self._skipped)
        if not text:
            return
        self._skipped = ""
        body = text.rstrip(self._blanks)
        if body:
            self.flush()
            self._has_begun = True
            self._sink(body)
        if len(body) < len(text):
            self._pending.append(text[len(body) :])

    def flush(self) -> None:
        """What follows is no marker: the blanks are text."""
        if self._pending and not self._skipped:
            self._sink("".join(self._pending))
            self._pending.clear()

    def trim(self, following: str) -> None:
        """A marker stands here: blanks before it are dropped, and those of `following` behind it."""
        if not self._has_begun or not following:
            self._pending.clear()
        self._skipped = following


class Output:
    """The deltas of one answer."""

    def __init__(self) -> None:
        self._deltas: list[Delta] = []
        self._content = Trimmed(WHITE, lambda text: self._deltas.append(Content(text)))
        self._reasoning = Trimmed(LINE_ENDS, lambda text: self._deltas.append(Reasoning(text)))
        self._calls = 0

    def content(self, text: str) -> None:
        """Text for the reader."""
        self._reasoning.flush()
        self._content.add(text)

    def think(self, text: str) -> None:
        """Text that the model thinks."""
        self._content.flush()
        self._reasoning.add(text)

    def begin_thought(self) -> None:
        """The marker that opens reasoning was read."""
        self._content.trim("")
        self._reasoning.trim(LINE_ENDS)

    def end_thought(self) -> None:
        """The marker that closes reasoning was read."""
        self._reasoning.trim("")
        self._content.trim(LINE_ENDS)

    def mark(self) -> None:
        """A marker was read that is neither text nor call."""
        self._content.trim(WHITE)

    def call(self, name: str, call_id: str = "") -> Sink:
        """A call begins; returns where its arguments go."""
        self._reasoning.flush()
        self._content.trim(WHITE)
        index = self._calls
        self._calls += 1
        self._deltas.append(CallStart(index, call_id, name))

        def arguments(text: str) -> None:
            self._deltas.append(CallArguments(index, text))

        return arguments

    def finish(self) -> None:
        """The text has ended: what was held back is text."""
        self._reasoning.flush()
        self._content.flush()

    def take(self) -> Sequence[Delta]:
        """The deltas since the last time, neighbours of one kind as one."""
        taken: list[Delta] = []
        pieces: list[str] = []
        for place, delta in enumerate(self._deltas):
            if isinstance(delta, CallStart):
                taken.append(delta)
                continue
            pieces.append(delta.text)
            following = self._deltas[place + 1] if place + 1 < len(self._deltas) else None
            if not _is_same_kind(delta, following):
                taken.append(_with_text(delta, "".join(pieces)))
                pieces.clear()
        self._deltas.clear()
        return taken


Script = Callable[[Source, Output], Steps[None]]
"""A format's grammar: reads a text to its end."""


class ScriptParser:
    """A `Parser` that follows a script."""

    def __init__(self, script: Script) -> None:
        self._source = Source()
        self._output = Output()
        self._steps = script(self._source, self._output)
        self._is_done = False

    def feed(self, text: str, /) -> Sequence[Delta]:
        """Take in the next piece of the raw text."""
        self._source.add(text)
        self._advance()
        return self._output.take()

    def finish(self) -> Sequence[Delta]:
        """Say what was still held back."""
        self._source.end()
        self._advance()
        assert self._is_done, "a script ends with its text"
        self._output.finish()
        return self._output.take()

    def _advance(self) -> None:
        if not self._is_done:
            self._is_done = next(self._steps, self) is self


def _is_same_kind(one: Reasoning | Content | CallArguments, other: Delta | None) -> bool:
    if isinstance(one, CallArguments):
        return isinstance(other, CallArguments) and other.index == one.index
    return type(one) is type(other)


def _with_text(
    delta: Reasoning | Content | CallArguments, text: str
) -> Reasoning | Content | CallArguments:
    if isinstance(delta, CallArguments):
        return CallArguments(delta.index, text)
    return type(delta)(text)
