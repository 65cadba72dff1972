"""Writes tables: the only place that inserts into the tables of tables. Nothing there is ever changed.

An operation brings all that a table is made of and is not there yet, so it needs nothing from the database, and it
comes to the same in any order and however often it is applied.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from weft.kit.bulk import insert
from weft.traces.json_text import dump
from weft.traces.projects import ProjectKeys
from weft.traces.tables.chunks import Part
from weft.traces.tables.schema import CHUNK, ROW, TABLE
from weft.traces.types import ProjectKey
from weft.traces.writing.ops import Op

_IGNORE = "ON CONFLICT DO NOTHING"
_STATEMENT_BYTES = 4 * 1024 * 1024

Row = tuple[str, int, str]
"""Digest, size in bytes, JSON text."""


class WriteTable(Op):
    """A table is made."""

    digest: str
    row_count: int
    size_bytes: int | None
    at_us: int
    parts: list[Part]
    bodies: dict[str, str]
    """New chunks, by digest."""
    rows: list[Row]
    """New rows."""


class TableWriter:
    """Applies `WriteTable`."""

    def __init__(self, keys: ProjectKeys) -> None:
        self._keys = keys

    def apply(self, connection: Connection, ops: Sequence[WriteTable]) -> None:
        """Write what these operations tell, inside the writer's transaction."""
        for op in ops:
            write_table(connection, self._keys.make(connection, op.project_id), op)


def write_table(connection: Connection, key: ProjectKey, op: WriteTable) -> None:
    """Write a table and what it is made of, as far as it is not there, inside a transaction of the writer."""
    for some in _statements(op.rows):
        rows = [(key, *row) for row in some]
        insert(connection, ROW.name, ("project", "digest", "size_bytes", "val"), rows, _IGNORE)
    bodies = [(key, digest, body) for digest, body in op.bodies.items()]
    insert(connection, CHUNK.name, ("project", "digest", "body"), bodies, _IGNORE)
    table = (key, op.digest, op.row_count, op.size_bytes, op.at_us, dump(op.parts))
    columns = ("project", "digest", "row_count", "size_bytes", "created_at_us", "chunks")
    insert(connection, TABLE.name, columns, [table], _IGNORE)


def _statements(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    start = size = 0
    for end, row in enumerate(rows):
        if end > start and size + row[1] > _STATEMENT_BYTES:
            yield rows[start:end]
            start, size = end, 0
        size += row[1]
    if start < len(rows):
        yield rows[start:]
