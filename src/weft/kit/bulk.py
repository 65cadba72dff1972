"""Hot SQL on the driver's own connection: few statements, many rows, on SQLite and PostgreSQL alike.

Statements are written with `?`; for PostgreSQL the marks become psycopg's `%s`.

On SQLite rows go in by multi-row `VALUES`, in chunks of a few sizes only, so that each statement is parsed once and the
interpreter's lock is taken and let go once for many rows. Measured on SQLite 3.40, microseconds of CPU per row of 23
columns at groups of 1, 64 and 512: `VALUES` 26, 4.4, 4.0; `executemany` 25, 5.3, 4.9; one JSON parameter taken apart by
`json_each` 38, 15, 16.

On PostgreSQL rows go in as one JSON parameter, and lists of keys as one array: the driver's work for each parameter is
what costs there. Measured with psycopg 3.3 at 64 requests in flight, a hold and its settlement took 177 microseconds of
this process with `VALUES` and half of that so.

Knows no table. Names of tables and columns are ours and never come from a request.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, cast

import msgspec
from sqlalchemy import Connection

MAX_PARAMETERS = 16_000
"""Of one statement; SQLite takes 32,766 and PostgreSQL 65,535."""
_SIZES = tuple(2**power for power in range(9, -1, -1))

_encode = msgspec.json.Encoder().encode

Value = str | int | bytes | None
Row = Sequence[Value]


def run(
    connection: Connection, sql: str, values: Sequence[Value | list[Value]] = ()
) -> list[tuple[Any, ...]]:
    """Run one statement with `?` marks; the rows that it returns, if it returns rows."""
    driver = cast("Any", connection.connection.driver_connection)
    if connection.dialect.name != "sqlite":
        sql = _percent(sql)
    cursor = driver.execute(sql, values)
    try:
        return cursor.fetchall() if cursor.description is not None else []
    finally:
        cursor.close()


def insert(
    connection: Connection,
    table: str,
    columns: tuple[str, ...],
    rows: Sequence[Row],
    tail: str = "",
) -> None:
    """Insert `rows`; `tail` is what follows the values, such as `ON CONFLICT (id) DO UPDATE SET ...`.

    No value may be bytes.
    """
    if not rows:
        return
    if connection.dialect.name != "sqlite":
        objects = [dict(zip(columns, row, strict=True)) for row in rows]
        run(connection, _insert_json(table, columns, tail), (_encode(objects).decode(),))
        return
    for start, size in _chunks(len(rows), len(columns)):
        values = tuple(chain.from_iterable(rows[start : start + size]))
        run(connection, _insert(table, columns, size, tail), values)


def run_in(
    connection: Connection, sql: str, keys: Sequence[Value], values: Sequence[Value] = ()
) -> list[tuple[Any, ...]]:
    """Run a statement that holds `IN ({keys})` after its other marks, in chunks, and gather the rows it returns."""
    if not keys:
        return []
    if connection.dialect.name != "sqlite":
        return run(connection, _any(sql), (*values, list(keys)))
    found: list[tuple[Any, ...]] = []
    for start, size in _chunks(len(keys), 1):
        found += run(connection, _in(sql, size), (*values, *keys[start : start + size]))
    return found


def _chunks(rows: int, width: int) -> list[tuple[int, int]]:
    """Where each chunk starts and how long it is."""
    chunks: list[tuple[int, int]] = []
    start = 0
    for size in _SIZES:
        if size * width > MAX_PARAMETERS:
            continue
        while rows - start >= size:
            chunks.append((start, size))
            start += size
    return chunks


@lru_cache(maxsize=512)
def _insert(table: str, columns: tuple[str, ...], rows: int, tail: str) -> str:
    row = f"({','.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({','.join(columns)}) VALUES {','.join([row] * rows)} {tail}"  # noqa: S608 - our own names


@lru_cache(maxsize=512)
def _insert_json(table: str, columns: tuple[str, ...], tail: str) -> str:
    names = ",".join(columns)
    return (
        f"INSERT INTO {table} ({names}) SELECT {names}"  # noqa: S608 - our own names
        f" FROM json_populate_recordset(NULL::{table}, ?) {tail}"
    )


@lru_cache(maxsize=512)
def _any(sql: str) -> str:
    return sql.replace("IN ({keys})", "= ANY(?)")


@lru_cache(maxsize=512)
def _in(sql: str, keys: int) -> str:
    return sql.replace("{keys}", ",".join("?" * keys))


@lru_cache(maxsize=4096)
def _percent(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")
