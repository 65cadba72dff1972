"""Writes tables: the only place that inserts into the tables of tables. Nothing there is ever changed.

Operations bring all that a table is made of and is not there yet, so they need nothing from the database, and they
come to the same in any order and however often they are applied. A large table comes in several, so that none holds
the writer for long; the last one makes it a table.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from weft.kit.bulk import insert
from weft.traces.json_text import dump
from weft.traces.projects import ProjectKeys
from weft.traces.tables.chunks import Part
from weft.traces.tables.schema import CHUNK, ROW, TABLE
from weft.traces.types import ProjectKey
from weft.traces.writing.ops import Op

_IGNORE = "ON CONFLICT DO NOTHING"
_PIECE_BYTES = 4 * 1024 * 1024

Row = tuple[str, int, str]
"""Digest, size in bytes, JSON text."""
T = TypeVar("T")


class WriteTableParts(Op):
    """What a table is going to be made of."""

    bodies: dict[str, str]
    """New chunks, by digest."""
    rows: list[Row]
    """New rows."""


class WriteTable(WriteTableParts):
    """A table is made, of what comes with it and of what is there."""

    digest: str
    row_count: int
    size_bytes: int | None
    at_us: int
    parts: list[Part]


class TableWriter:
    """Applies `WriteTable`."""

    def __init__(self, keys: ProjectKeys) -> None:
        self._keys = keys

    def apply(self, connection: Connection, ops: Sequence[WriteTableParts]) -> None:
        """Write what these operations tell, inside the writer's transaction."""
        for op in ops:
            write_parts(connection, self._keys.make(connection, op.project_id), op)


def pieces(op: WriteTable) -> Iterator[WriteTableParts]:
    """`op` as operations that are written one after the other, itself the last."""
    rows = list(_some(op.rows, (size for _digest, size, _val in op.rows)))
    bodies = list(_some(list(op.bodies.items()), map(len, op.bodies.values())))
    for some in rows[:-1]:
        yield WriteTableParts(op.project_id, {}, list(some))
    for chunks in bodies[:-1]:
        yield WriteTableParts(op.project_id, dict(chunks), [])
    op.rows = list(rows[-1]) if rows else []
    op.bodies = dict(bodies[-1]) if bodies else {}
    yield op


def write_parts(connection: Connection, key: ProjectKey, op: WriteTableParts) -> None:
    """Write a table, or parts of one, as far as it is not there, inside a transaction of the writer."""
    for some in _some(op.rows, (size for _digest, size, _val in op.rows)):
        rows = [
            (key, *row) for row in sorted(some)
        ]  # digests are random: so each page of the index is met once
        insert(connection, ROW.name, ("project", "digest", "size_bytes", "val"), rows, _IGNORE)
    bodies = [(key, digest, body) for digest, body in op.bodies.items()]
    insert(connection, CHUNK.name, ("project", "digest", "body"), bodies, _IGNORE)
    if not isinstance(op, WriteTable):
        return
    table = (key, op.digest, op.row_count, op.size_bytes, op.at_us, dump(op.parts))
    columns = ("project", "digest", "row_count", "size_bytes", "created_at_us", "chunks")
    insert(connection, TABLE.name, columns, [table], _IGNORE)


def _some(items: Sequence[T], sizes: Iterable[int]) -> Iterator[Sequence[T]]:
    start = size = 0
    for end, size_bytes in enumerate(sizes):
        if end > start and size + size_bytes > _PIECE_BYTES:
            yield items[start:end]
            start, size = end, 0
        size += size_bytes
    if start < len(items):
        yield items[start:]
