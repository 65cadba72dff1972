r"""What of a piece of text can be looked for in an index of trigrams, so that no call is missed.

The index is of texts of JSON as they are kept, with letters folded. A character is good to look for if it is written
there as it is, and if both databases fold it alike:

* of ASCII all that is printed, without `"`, `\` and `/`, which may be escaped, and without the marks of JSON between
  values, around which there may be spaces that a query does not see;
* beyond ASCII, letters without case (Chinese, Arabic, Hindi); others are folded by databases in their own way, and a
  U+FFFD stands for a NUL as well.

What is between other characters is looked for by itself. Its runs of three characters or more count.
"""

import unicodedata
from collections.abc import Iterator

SHORTEST = 3
RUNS = 8
TRIGRAMS = 24
_AVOIDED = frozenset('"\\/,:[]{}\x7f')


def runs(piece: str) -> list[str]:
    """The parts of `piece` that every text with it has, as the index has them; none, if it cannot be looked for."""
    found: list[str] = []
    run = ""
    for char in piece + "\0":
        if _is_good(char):
            run += char.lower() if char.isascii() else char
            continue
        if len(run) >= SHORTEST:
            found.append(run)
        run = ""
    return sorted(dict.fromkeys(found), key=len, reverse=True)[:RUNS]


def trigrams(found: list[str]) -> list[str]:
    """So many trigrams of runs as are worth looking for, from all over them."""
    whole = list(dict.fromkeys(three for run in found for three in _threes(run)))
    step = -(-len(whole) // TRIGRAMS) or 1
    return whole[::step]


def _threes(run: str) -> Iterator[str]:
    return (run[start : start + SHORTEST] for start in range(len(run) - SHORTEST + 1))


def _is_good(char: str) -> bool:
    if char.isascii():
        return char >= " " and char not in _AVOIDED
    return unicodedata.category(char) == "Lo"
