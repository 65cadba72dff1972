"""Reads tables: their counts, pages of their rows, rows by digest and in any order.

A page is read without the rows before it: the list of chunks says which chunk holds it.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, func, select

from weft.traces.tables.chunks import DIGEST_CHARS, Part, split
from weft.traces.tables.schema import CHUNK, ROW, TABLE
from weft.traces.types import ProjectKey

MOST_COUNTED_ROWS = 100_000
IN_ONE = 500
"""Digests in one statement."""
_BODIES_IN_ONE = 40

_decode = msgspec.json.Decoder(list[Part]).decode


class Place(NamedTuple):
    """A row of a table."""

    number: int
    """From 0: what clients call `original_index`."""
    digest: str


class RowRead(NamedTuple):
    """A row of a table with its value, as JSON text."""

    number: int
    digest: str
    val: str


class TableHead(msgspec.Struct, frozen=True):
    """What is known of a table without its rows."""

    digest: str
    row_count: int
    size_bytes: int | None
    parts: list[Part]


def find_tables(connection: Connection, key: ProjectKey, digests: Sequence[str]) -> list[TableHead]:
    """The tables of these digests that there are, in their order."""
    found: dict[str, TableHead] = {}
    for some in _some(digests, IN_ONE):
        wanted = select(TABLE.c.digest, TABLE.c.row_count, TABLE.c.size_bytes, TABLE.c.chunks)
        rows = connection.execute(wanted.where(TABLE.c.project == key, TABLE.c.digest.in_(some)))
        for row in rows:
            found[row.digest] = TableHead(
                row.digest, row.row_count, row.size_bytes, _decode(row.chunks)
            )
    return [found[digest] for digest in dict.fromkeys(digests) if digest in found]


def find_table(connection: Connection, key: ProjectKey, digest: str) -> TableHead | None:
    """One table."""
    found = find_tables(connection, key, [digest])
    return found[0] if found else None


def page(
    connection: Connection, key: ProjectKey, table: TableHead, offset: int, limit: int
) -> list[Place]:
    """The rows from `offset` on, at most `limit` of them."""
    ends = list(accumulate(count for _digest, count in table.parts))
    places: list[Place] = []
    while len(places) < limit and offset < table.row_count:
        which = bisect_right(ends, offset)
        digest, count = table.parts[which]
        first = ends[which] - count
        body = load_body(connection, key, digest)
        start = (offset - first) * DIGEST_CHARS
        some = split(body[start : start + (limit - len(places)) * DIGEST_CHARS])
        places += [Place(offset + number, one) for number, one in enumerate(some)]
        offset = ends[which]
    return places


def find_places(
    connection: Connection, key: ProjectKey, table: TableHead, digests: Iterable[str]
) -> list[Place]:
    """Where rows of these digests stand, in the table's order; all of the table is looked through."""
    wanted = set(digests)
    return [
        Place(first + number, digest)
        for first, body in bodies(connection, key, table.parts)
        for number, digest in enumerate(split(body))
        if digest in wanted
    ]


def bodies(
    connection: Connection, key: ProjectKey, parts: Sequence[Part]
) -> Iterator[tuple[int, str]]:
    """The chunks of a table in order, each with the index of its first row."""
    first = 0
    for start in range(0, len(parts), _BODIES_IN_ONE):
        some = parts[start : start + _BODIES_IN_ONE]
        wanted = select(CHUNK.c.digest, CHUNK.c.body).where(
            CHUNK.c.project == key, CHUNK.c.digest.in_([digest for digest, _count in some])
        )
        found = {row.digest: row.body for row in connection.execute(wanted)}
        for digest, count in some:
            yield first, found[digest]
            first += count


def load_body(connection: Connection, key: ProjectKey, digest: str) -> str:
    """The body of one chunk."""
    wanted = select(CHUNK.c.body).where(CHUNK.c.project == key, CHUNK.c.digest == digest)
    return connection.execute(wanted).scalar_one()


def digest_of(
    connection: Connection, key: ProjectKey, parts: Sequence[Part], new: dict[str, str]
) -> str:
    """The digest of the table that consists of these chunks, of which `new` are not stored yet.

    The digest is over all digests of rows, so all chunks are read; 43 MB for a million rows, a few at a time.
    """
    hasher = hashlib.sha256()
    known = [part for part in parts if part[0] not in new]
    stored = bodies(connection, key, known)
    for digest, _count in parts:
        body = new.get(digest)
        hasher.update((next(stored)[1] if body is None else body).encode())
    return hasher.hexdigest()


def row_sizes(connection: Connection, key: ProjectKey, digests: Sequence[str]) -> dict[str, int]:
    """The sizes of the values of rows, in bytes; rows that are missing are left out."""
    found: dict[str, int] = {}
    for some in _some(digests, IN_ONE):
        wanted = select(ROW.c.digest, ROW.c.size_bytes)
        rows = connection.execute(wanted.where(ROW.c.project == key, ROW.c.digest.in_(some)))
        found.update((row.digest, row.size_bytes) for row in rows)
    return found


def read_rows(connection: Connection, key: ProjectKey, digests: Sequence[str]) -> dict[str, str]:
    """The values of rows, as JSON text; rows that are missing are left out."""
    found: dict[str, str] = {}
    for some in _some(digests, IN_ONE):
        wanted = select(ROW.c.digest, ROW.c.val)
        rows = connection.execute(wanted.where(ROW.c.project == key, ROW.c.digest.in_(some)))
        found.update((row.digest, row.val) for row in rows)
    return found


def read_some(
    connection: Connection, key: ProjectKey, places: Sequence[Place], most_bytes: int
) -> tuple[list[RowRead], int]:
    """The first of these rows, as many as `most_bytes` allow and one at least; and how many places that were.

    Rows that are missing are left out: a table may have been made of digests that nobody ever sent a row for.
    """
    sizes = row_sizes(connection, key, list({place.digest for place in places}))
    size = taken = 0
    for place in places:
        size += sizes.get(place.digest, 0)
        if taken and size > most_bytes:
            break
        taken += 1
    some = places[:taken]
    values = read_rows(connection, key, list({place.digest for place in some}))
    read = [RowRead(*place, values[place.digest]) for place in some if place.digest in values]
    return read, taken


def storage_size(connection: Connection, key: ProjectKey, table: TableHead) -> int | None:
    """What the rows of a table take, in bytes.

    Where it was not known when the table was made, its rows are counted, unless they are too many for that: None.
    """
    if table.size_bytes is not None or table.row_count > MOST_COUNTED_ROWS:
        return table.size_bytes
    total = 0
    for _first, body in bodies(connection, key, table.parts):
        digests = split(body)
        sizes = row_sizes(connection, key, list(set(digests)))
        total += sum(sizes.get(digest, 0) for digest in digests)
    return total


def tables_size(connection: Connection, key: ProjectKey) -> int:
    """What the rows of all tables of a project take, in bytes."""
    wanted = select(func.sum(ROW.c.size_bytes)).where(ROW.c.project == key)
    return int(connection.execute(wanted).scalar_one() or 0)


def _some(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
