"""From tokens to text, piece by piece: whole characters only, and nothing from a stop text on.

Owns the table of what each token stands for. Knows no engine: whoever makes the table hands in what it needs. A table
and not the library's own decoder, because that takes 60 us for each token of each answer.
"""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from weft.engines.formats.source import Stops

_BLANK = "\N{LOWER ONE EIGHTH BLOCK}".encode()
_BYTE_TOKEN = re.compile(rb"<0x([0-9A-F]{2})>")


PIECE_CHARS = 2000
"""The library's tokenizer silently drops what is beyond 8,192 tokens; so many characters are never more."""
_BORDER = re.compile(r"(?<=[^\W\d_])(?= [^\W\d_])|(?<=\n)(?=\S)")
"""Between a word and the blank before the next one, or behind a line: no token of the usual tokenizers goes across."""


def pieces_of(text: str) -> Iterator[str]:
    """`text` in pieces that can be tokenised one by one; without a border in reach, a piece ends anywhere."""
    start = 0
    while len(text) - start > PIECE_CHARS:
        end = start + PIECE_CHARS
        borders = [found.start() for found in _BORDER.finditer(text, start + 1, end + 1)]
        end = borders[-1] if borders else end
        yield text[start:end]
        start = end
    yield text[start:]


class Decode(Protocol):
    """The library's own decoder."""

    def __call__(self, tokens: Sequence[int], *, skip_special_tokens: bool) -> str:
        """The text of `tokens`, with or without those that are no text."""
        ...


class Vocabulary:
    """What tokens stand for."""

    def __init__(self, vocabulary: Mapping[bytes, int], decode: Decode) -> None:
        self._table = {number: text for text, number in vocabulary.items()}
        self._decode = decode
        self._special: dict[int, bool] = {}

    def agrees(self, tokens: Sequence[int]) -> bool:
        """Whether the table says of these tokens what the library says, if need be after a second look at it.

        SentencePiece writes a blank as U+2581 and a byte as `<0x0A>`, and its decoder drops the very first blank.
        """
        expected = self._decode(tokens, skip_special_tokens=False)
        if self._spell(tokens) == expected:
            return True
        self._table = {number: _plain(text) for number, text in self._table.items()}
        return self._spell(tokens).removeprefix(" ") == expected.removeprefix(" ")

    def _spell(self, tokens: Sequence[int]) -> str:
        return b"".join(self.bytes_of(token) for token in tokens).decode(errors="replace")

    def bytes_of(self, token: int) -> bytes:
        """What one token stands for; a part of a character may be all of it."""
        return self._table.get(token, b"")

    def holds(self, token: int) -> bool:
        """Whether there is such a token."""
        return token in self._table

    def is_special(self, token: int) -> bool:
        """Whether it is a marker, and no text."""
        known = self._special.get(token)
        if known is None:
            known = self._special[token] = not self._decode([token], skip_special_tokens=True)
        return known and bool(self.bytes_of(token))

    def id_of(self, text: str) -> int | None:
        """The token that stands for exactly this."""
        wanted = text.encode()
        return next((number for number, known in self._table.items() if known == wanted), None)


def _plain(text: bytes) -> bytes:
    if byte := _BYTE_TOKEN.fullmatch(text):
        return bytes.fromhex(byte[1].decode())
    return text.replace(_BLANK, b" ")


class Speller:
    """The text of one answer."""

    def __init__(
        self, vocabulary: Vocabulary, *, keeps_markers: bool, stops: Sequence[str]
    ) -> None:
        """`keeps_markers`: markers are text, because somebody takes the text apart by them."""
        self._vocabulary = vocabulary
        self._keeps_markers = keeps_markers
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._stops = Stops(*stops) if stops else None
        self._held = ""
        self.is_stopped = False
        """A stop text was reached; nothing comes after it."""

    def feed(self, tokens: Sequence[int]) -> str:
        """The text that is certain now."""
        vocabulary = self._vocabulary
        spelled = b"".join(
            vocabulary.bytes_of(token)
            for token in tokens
            if self._keeps_markers or not vocabulary.is_special(token)
        )
        return self._pass(self._decoder.decode(spelled), is_last=False)

    def finish(self) -> str:
        """What was held back."""
        return self._pass(self._decoder.decode(b"", final=True), is_last=True)

    def _pass(self, text: str, *, is_last: bool) -> str:
        if self.is_stopped:
            return ""
        if self._stops is None:
            return text
        text = self._held + text
        self._held = ""
        if found := self._stops.pattern.search(text):
            self.is_stopped = True
            return text[: found.start()]
        if not is_last:
            tail = self._stops.tail(text, 0)
            text, self._held = text[:tail], text[tail:]
        return text
