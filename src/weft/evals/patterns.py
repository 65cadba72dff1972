"""Somebody's regular expressions, searched for in somebody's texts: bounded in size and time.

The standard library's `re` cannot be interrupted, and one pattern can keep it busy for ever; `regex` takes a timeout
(its documentation, "Timeout"). Compiling is bounded by the pattern's length alone: what makes it slow, nested counts,
is refused.
"""

import re
from functools import lru_cache

import regex

from weft.kit.errors import Unprocessable

PATTERN_CHARS = 1000
TEXT_CHARS = 1_000_000
"""Of an answer; what is beyond is not searched."""
TIMEOUT_S = 0.2
REPEATS = 1000
"""The largest count in a pattern, nested counts multiplied."""
_COUNT = re.compile(r"\{(\d*)(?:,(\d*))?\}")


class BadPattern(Unprocessable):
    """A pattern is no regular expression, or takes too long."""

    code = "bad_pattern"
    remedy = "mend the pattern, or make it simpler"


def found_in(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether `pattern` is found anywhere in `text`.

    Raises:
        BadPattern: it is none, or was searched for too long.
    """
    compiled = _compiled(pattern, ignore_case=ignore_case)
    try:
        return compiled.search(text[:TEXT_CHARS], timeout=TIMEOUT_S, concurrent=True) is not None
    except TimeoutError as error:
        raise BadPattern(
            f"the pattern {pattern[:100]!r} was searched for longer than {TIMEOUT_S} s"
        ) from error


def check_pattern(pattern: str) -> None:
    """Raise `BadPattern` if it is no regular expression that this server searches for."""
    _compiled(pattern, ignore_case=False)


@lru_cache(maxsize=256)
def _compiled(pattern: str, *, ignore_case: bool) -> "regex.Pattern[str]":
    if len(pattern) > PATTERN_CHARS:
        raise BadPattern(f"a pattern has at most {PATTERN_CHARS} characters")
    repeats = 1
    for found in _COUNT.finditer(pattern):
        repeats *= max(int(found[1] or 0), int(found[2] or 0), 1)
    if repeats > REPEATS:
        raise BadPattern(f"the counts of a pattern are together at most {REPEATS}")
    try:
        return regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)
    except (regex.error, RecursionError, OverflowError) as error:
        raise BadPattern(f"{pattern[:100]!r} is no regular expression: {error}") from error
