"""A table's list of rows in chunks, and how a changed list is made of it: few chunks are read, fewer are written.

A chunk is the digests of its rows, one after the other; all have the same length. Whatever is asked of a position is
answered from the counts in the list of chunks and one chunk.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

from weft.kit.errors import InvalidRequest
from weft.traces.digests import text_digest

DIGEST_CHARS = 43
CHUNK_ROWS = 1_000
_LARGEST_ROWS = 2 * CHUNK_ROWS
_DIGESTS = re.compile(r"[A-Za-z0-9]*", re.ASCII)

Part = tuple[str, int]
"""A chunk's digest and its rows."""
Load = Callable[[str], str]
"""Reads the body of a chunk."""


class BadTable(InvalidRequest):
    """A table cannot be made as was asked."""

    code = "invalid_table"
    status = 422


def split(body: str) -> list[str]:
    """The digests of a chunk."""
    return [body[start : start + DIGEST_CHARS] for start in range(0, len(body), DIGEST_CHARS)]


def chunked(digests: Sequence[str]) -> tuple[list[Part], dict[str, str]]:
    """The chunks of a new list of rows, and their bodies by digest."""
    parts: list[Part] = []
    bodies: dict[str, str] = {}
    for start in range(0, len(digests), CHUNK_ROWS):
        some = digests[start : start + CHUNK_ROWS]
        body = "".join(some)
        digest = text_digest(body)
        bodies[digest] = body
        parts.append((digest, len(some)))
    return parts, bodies


def check_digests(digests: Sequence[str]) -> None:
    """Raise `BadTable` unless all of these may be digests of rows."""
    if any(len(digest) != DIGEST_CHARS for digest in digests) or not _DIGESTS.fullmatch(
        "".join(digests)
    ):
        raise BadTable(
            f"a row's digest has {DIGEST_CHARS} letters and digits",
            param="row_digests",
            remedy="send the digests that /table/create answered with",
        )


class Draft:
    """A list of rows that is being changed. Chunks that nobody touches are never read."""

    def __init__(self, parts: Iterable[Part], load: Load) -> None:
        self._parts: list[Part | list[str]] = list(parts)
        """What is still as it was, and what has been opened."""
        self._load = load
        self.row_count = sum(self._count(part) for part in self._parts)

    def append(self, digest: str) -> None:
        """Put a row at the end."""
        if not self._parts or self._count(self._parts[-1]) >= CHUNK_ROWS:
            self._parts.append([])
        self._open(len(self._parts) - 1).append(digest)
        self.row_count += 1

    def insert(self, index: int, digest: str) -> None:
        """Put a row before the one at `index`, or at the end.

        Raises:
            BadTable: there is no such place.
        """
        if index == self.row_count:
            self.append(digest)
            return
        place, within = self._find(index)
        rows = self._open(place)
        rows.insert(within, digest)
        if len(rows) > _LARGEST_ROWS:
            self._parts[place : place + 1] = [rows[:CHUNK_ROWS], rows[CHUNK_ROWS:]]
        self.row_count += 1

    def pop(self, index: int) -> str:
        """Take the row at `index` out.

        Raises:
            BadTable: there is none.
        """
        place, within = self._find(index)
        rows = self._open(place)
        digest = rows.pop(within)
        if not rows:
            del self._parts[place]
        self.row_count -= 1
        return digest

    def finish(self) -> tuple[list[Part], dict[str, str]]:
        """The chunks as they are now, and the bodies of those that are new."""
        parts: list[Part] = []
        bodies: dict[str, str] = {}
        for part in self._parts:
            if isinstance(part, tuple):
                parts.append(part)
            else:
                own, new = chunked(part)
                parts += own
                bodies |= new
        return parts, bodies

    def _find(self, index: int) -> tuple[int, int]:
        if not 0 <= index < self.row_count:
            raise BadTable(
                f"there is no row {index} in a table of {self.row_count}", param="updates"
            )
        ends = list(accumulate(self._count(part) for part in self._parts))
        place = bisect_right(ends, index)
        return place, index - (ends[place] - self._count(self._parts[place]))

    def _open(self, place: int) -> list[str]:
        part = self._parts[place]
        if isinstance(part, tuple):
            part = self._parts[place] = split(self._load(part[0]))
        return part

    @staticmethod
    def _count(part: Part | list[str]) -> int:
        return part[1] if isinstance(part, tuple) else len(part)
