"""Writes files, a part at a time: the only place that inserts into the tables of files, where nothing ever changes."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from weft.kit.db import SQLITE
from weft.traces.files.schema import FILE, PART
from weft.traces.projects import ProjectKeys
from weft.traces.types import ProjectKey
from weft.traces.writing.ops import Op

PART_BYTES = 1024 * 1024


class WriteFilePart(Op):
    """A part of a file; each tells of the whole, in whatever order they come."""

    digest: str
    number: int
    body: bytes
    part_count: int
    size_bytes: int
    """Of the whole."""
    at_us: int


class FileWriter:
    """Applies `WriteFilePart`."""

    def __init__(self, keys: ProjectKeys) -> None:
        self._keys = keys

    def apply(self, connection: Connection, ops: Sequence[WriteFilePart]) -> None:
        """Write what these operations tell, inside the writer's transaction."""
        for op in ops:
            write_part(connection, self._keys.make(connection, op.project_id), op)


def write_part(connection: Connection, key: ProjectKey, op: WriteFilePart) -> None:
    """Write a part as far as it is not there, inside a transaction of the writer."""
    mine = (PART.c.project == key, PART.c.digest == op.digest, PART.c.number == op.number)
    if connection.execute(select(PART.c.number).where(*mine)).one_or_none() is None:
        part = {"project": key, "digest": op.digest, "number": op.number, "body": op.body}
        connection.execute(insert(PART), part)
    whole: dict[str, Any] = {
        "project": key,
        "digest": op.digest,
        "size_bytes": op.size_bytes,
        "part_count": op.part_count,
        "created_at_us": op.at_us,
    }
    if op.number == op.part_count - 1:
        connection.execute(_insert_new(connection, FILE), whole)


def _insert_new(connection: Connection, table: Table) -> Any:
    kind = sqlite if connection.dialect.name == SQLITE else postgresql
    return kind.insert(table).on_conflict_do_nothing()
