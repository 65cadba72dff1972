"""The rows of a table on their way: read and written in batches, and a digest that shows that none was changed.

A value is the same on both sides: texts, numbers, bytes, nothing, and 0 or 1 for a truth value. The digest of a table
is the sum of its rows' hashes, so it does not depend on their order; BLAKE2b is described in RFC 7693.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import cast

import msgspec
from psycopg import DataError, sql
from sqlalchemy import Boolean, Connection, Table, delete, select

from weft.kit.db import SQLITE, driver_connection, psycopg_connection
from weft.kit.errors import CannotStart

BATCH_ROWS = 5_000
_DIGEST_BYTES = 32
_MODULUS = 1 << (8 * _DIGEST_BYTES)

Value = str | int | float | bytes | None
Row = tuple[Value, ...]

_encode = msgspec.msgpack.Encoder().encode


class Digest:
    """What the rows of one table add up to."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, rows: Sequence[Row]) -> None:
        """Count these rows in."""
        self.rows += len(rows)
        for row in rows:
            hashed = hashlib.blake2b(_encode(row), digest_size=_DIGEST_BYTES).digest()
            self._sum += int.from_bytes(hashed)
        self._sum %= _MODULUS

    def hex(self) -> str:
        """The digest in text."""
        return f"{self._sum:0{2 * _DIGEST_BYTES}x}"


def read_rows(connection: Connection, table: Table, columns: Sequence[str]) -> Iterator[list[Row]]:
    """The rows of a table in batches, their values in the order of `columns`."""
    wanted = select(*(table.columns[name] for name in columns))
    found = connection.execute(wanted.execution_options(yield_per=BATCH_ROWS))
    truths = _truths(table, columns)
    for batch in found.partitions():
        yield [_with(int, tuple(row), truths) for row in batch]


def write_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]
) -> None:
    """Write rows with their values in the order of `columns`."""
    if connection.dialect.name == SQLITE:
        marks = ", ".join("?" * len(columns))
        quote = connection.dialect.identifier_preparer.quote
        head = f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, columns))})"
        driver_connection(connection).executemany(f"{head} VALUES ({marks})", rows).close()
        return
    truths = _truths(table, columns)
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    try:
        with psycopg_connection(connection).cursor() as cursor, cursor.copy(command) as copy:
            for row in rows:
                copy.write_row(_with(bool, row, truths))
    except DataError as error:
        raise CannotStart(
            f"a row of the table {table.name} cannot be written to PostgreSQL ({error})",
            remedy="mend that row in the source; nothing was written",
        ) from error


def _truths(table: Table, columns: Sequence[str]) -> list[int]:
    """The positions, among `columns`, of the truth values, which SQLite keeps as 0 and 1."""
    return [
        position
        for position, name in enumerate(columns)
        if isinstance(table.columns[name].type, Boolean)
    ]


def _with(kind: type[int], row: Row, truths: Sequence[int]) -> Row:
    """`row` with its truth values as `kind`."""
    if not truths:
        return row
    values = list(row)
    for position in truths:
        value = values[position]
        values[position] = None if value is None else kind(cast("int", value))
    return tuple(values)


def clear(connection: Connection, tables: Sequence[Table]) -> None:
    """Take every row out of the tables, of which later ones may refer to earlier ones."""
    for table in reversed(tables):
        connection.execute(delete(table))
