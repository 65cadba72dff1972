"""What texts mean, the same in Python, SQLite, PostgreSQL and ClickHouse: letters without case, texts that are numbers.

SQLite's connections know `fold` as `text_folded` and `text_number` by its name. Databases know case beyond ASCII
differently or not at all (SQLite; PostgreSQL with the collation C), so the rule is our own: a letter is folded to the
single letter that Unicode has for its lower case. An ASCII letter stays ASCII and all others stay others, so that a
piece of plain ASCII can be looked for with the databases' own fast `lower`.
"""

import re
from functools import cache

NUMBER_TEXT = r"^[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-2]?[0-9]?[0-9])?$"
"""A text that is a number; PostgreSQL and RE2 read this as Python does. Counted repeats are slow in PostgreSQL."""
NUMBER_CHARS = 255
"""A longer text is no number: not every database could hold it."""
_NUMBER = re.compile(NUMBER_TEXT)
_LARGEST = 1 << 62
_CASED_END = 0x1E944
"""Behind the last letter that has a lower case (Adlam)."""


def fold(text: str) -> str:
    """`text` with its letters folded; as long as before."""
    return text.lower() if text.isascii() else text.translate(_table())


def text_number(text: str) -> int | float | None:
    """The number that a text is; spaces around it do not matter."""
    text = text.strip(" ")
    if len(text) > NUMBER_CHARS or not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return int(text) if text.lstrip("+-").isdigit() and abs(number) < _LARGEST else number


def pattern(piece: str) -> str:
    """A regular expression that finds `piece` whatever its case, in PostgreSQL's and RE2's dialects."""
    variants = _variants()
    return "".join(_one_of([char, *variants.get(char, ())]) for char in fold(piece))


@cache
def _table() -> dict[int, int]:
    table: dict[int, int] = {}
    for code in range(_CASED_END):
        char = chr(code)
        lower = char.lower()
        if len(lower) == 1 and lower != char and lower.isascii() == char.isascii():
            table[code] = ord(lower)
    return table


@cache
def _variants() -> dict[str, list[str]]:
    variants: dict[str, list[str]] = {}
    for code, lower in _table().items():
        variants.setdefault(chr(lower), []).append(chr(code))
    return variants


def _one_of(chars: list[str]) -> str:
    if len(chars) == 1:
        return _escaped(chars[0])
    return "[" + "".join(chars) + "]"


def _escaped(char: str) -> str:
    return re.sub(r"[^\w\s]", r"\\\g<0>", char) if char.isascii() else char
