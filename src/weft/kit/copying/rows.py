"""The rows of a table on their way: read and written in batches, and a digest that shows that none was changed.

A value is the same on both sides: texts, numbers, bytes, nothing, and 0 or 1 for a truth value. The digest of a table
is the sum of its rows' hashes, so it does not depend on their order; BLAKE2b is described in RFC 7693.
"""

import hashlib
from collections.abc import Iterator, Sequence

import msgspec
from psycopg import DataError, sql
from sqlalchemy import Connection, Table, delete, select

from weft.kit.copying.shape import flags
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
    for batch in found.partitions():
        yield [tuple(map(_plain, row)) for row in batch]


def _plain(value: Value) -> Value:
    return int(value) if isinstance(value, bool) else value


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
    of_table = [column.name for column in table.columns]
    truths = [columns.index(of_table[position]) for position in flags(table)]
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    try:
        with psycopg_connection(connection).cursor() as cursor, cursor.copy(command) as copy:
            for row in rows:
                copy.write_row(_with_truths(row, truths))
    except DataError as error:
        raise CannotStart(
            f"a row of the table {table.name} cannot be written to PostgreSQL ({error})",
            remedy="mend that row in the source; nothing was written",
        ) from error


def _with_truths(row: Row, truths: Sequence[int]) -> Sequence[Value]:
    if not truths:
        return row
    values = list(row)
    for position in truths:
        value = values[position]
        values[position] = None if value is None else bool(value)
    return values


def clear(connection: Connection, tables: Sequence[Table]) -> None:
    """Take every row out of the tables, of which later ones may refer to earlier ones."""
    for table in reversed(tables):
        connection.execute(delete(table))
