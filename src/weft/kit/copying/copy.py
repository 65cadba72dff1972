"""Copy a database into another one: every table and row in one transaction, compared at the end before it commits.

Source and target have the same migrations. What the source had when the copy began is what the target has afterwards,
ids, order of the ledger and hashes included; or the target is as it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, text

from weft.kit.copying.rows import Digest, clear, read_rows, write_rows
from weft.kit.copying.shape import Shape, count, find_tables, is_new, shape_of
from weft.kit.db import Database, let_it_take_long
from weft.kit.errors import CannotStart
from weft.kit.migrations import MARK, Migration, pending

Progress = Callable[[int, int], None]
"""Told how many rows are done, of how many. Each row counts twice: when it is written and when it is compared."""


class NotEmpty(CannotStart):
    """The target holds something already."""


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """One table: how many rows it has, and what they add up to on both sides."""

    name: str
    rows: int
    digest: str


def copy_database(
    source: Database,
    target: Database,
    migrations: Sequence[Migration],
    *,
    part: Sequence[Migration] = (),
    replace: bool = False,
    progress: Progress,
) -> list[CopiedTable]:
    """Copy every row of `source` into `target`; `replace` takes out what is there first.

    With `part`, only the tables of those migrations, which both have; either may have more.

    Raises:
        NotEmpty: there is something in the target, and it is not to be replaced.
        CannotStart: one of them is not up to date, or what was written is not what was read; nothing was changed.
    """
    for database in () if part else (source, target):
        if pending(database, migrations):
            raise CannotStart(
                f"the database {database.name} is not up to date",
                remedy="bring it up to date with `weft migrate`",
            )
    shape = shape_of(part or migrations)
    with source.read() as reading, target.write() as writing:
        let_it_take_long(reading)
        let_it_take_long(writing)
        names = {migration.name for migration in part} or None
        pairs = _pairs(source, target, (reading, writing), shape, names)
        theirs = [pair[1] for pair in pairs]
        if not replace and not is_new(writing, theirs, shape):
            raise NotEmpty(
                f"the database {target.name} is not empty",
                remedy="name an empty one, or say --force to replace what is there",
            )
        clear(writing, theirs)
        return _copy(reading, writing, pairs, progress)


def _pairs(
    source: Database,
    target: Database,
    connections: tuple[Connection, Connection],
    shape: Shape,
    names: set[str] | None,
) -> list[tuple[Table, Table]]:
    reading, writing = connections
    ours, theirs = _steps(reading), _steps(writing)
    if ours != theirs if names is None else not names <= ours & theirs:
        raise CannotStart(
            f"the databases {source.name} and {target.name} have different tables",
            remedy="bring both up to date with `weft migrate`",
        )
    return list(
        zip(
            find_tables(reading, shape, source.name),
            find_tables(writing, shape, target.name),
            strict=True,
        )
    )


def _steps(connection: Connection) -> set[str]:
    return set(connection.execute(text(f"SELECT name FROM {MARK}")).scalars())  # noqa: S608 - our own name


def _copy(
    reading: Connection,
    writing: Connection,
    pairs: Sequence[tuple[Table, Table]],
    progress: Progress,
) -> list[CopiedTable]:
    total = 2 * sum(count(reading, ours) for ours, _theirs in pairs)
    done = 0
    copied: list[CopiedTable] = []
    for ours, theirs in pairs:
        columns = [column.name for column in ours.columns]
        read, written = Digest(), Digest()
        for rows in read_rows(reading, ours, columns):
            write_rows(writing, theirs, columns, rows)
            read.add(rows)
            done += len(rows)
            progress(done, total)
        for rows in read_rows(writing, theirs, columns):
            written.add(rows)
            done += len(rows)
            progress(done, total)
        if (read.rows, read.hex()) != (written.rows, written.hex()):
            raise CannotStart(
                f"the table {ours.name} did not arrive as it was ({written.rows} of {read.rows} rows)",
                remedy="nothing was changed; see whether somebody writes to the target meanwhile",
            )
        copied.append(CopiedTable(ours.name, read.rows, read.hex()))
    return copied
