"""A backup: one file of SQLite with everything that was in the database at one moment, made beside a running server.

Of a SQLite database the pages are copied (SQLite's online backup), within one read transaction, so that writers neither
wait nor start it over; of PostgreSQL the rows, from one snapshot. The file appears under its name once it was checked.

Source: https://sqlite.org/backup.html and https://sqlite.org/c3ref/backup_finish.html, read 2026-11.
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from weft.kit.copying.copy import Progress, copy_database
from weft.kit.copying.shape import count, find_tables, shape_of
from weft.kit.db import SQLITE, Database, driver_connection
from weft.kit.errors import CannotStart
from weft.kit.migrations import MARK, Migration, migrate, pending

_PAGES = 1_024
_ENDINGS = ("", "-wal", "-shm", "-journal")


def back_up(
    source: Database,
    path: Path,
    migrations: Sequence[Migration],
    progress: Progress,
    part: Sequence[Migration] = (),
) -> int:
    """Write a backup of `source` to `path`, replacing what is there; the number of rows in it.

    With `part`, only the tables of those migrations have rows in it, unless `source` is a file, which goes in whole.

    Raises:
        CannotStart: the file cannot be written, or what was written does not hold together; nothing was replaced.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        _remove(unfinished)
        os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        if source.dialect == SQLITE:
            rows = _copy_pages(source, unfinished, migrations, progress)
        else:
            rows = _copy_rows(source, unfinished, migrations, progress, part)
        _settle(unfinished)
        unfinished.replace(path)
        _sync(path.parent)
    except OSError as error:
        raise CannotStart(
            f"cannot write the backup {path} ({error.strerror})",
            remedy="name a file in a folder that you may write to and that has room",
        ) from error
    finally:
        with suppress(OSError):
            _remove(unfinished)
    return rows


def open_backup(path: Path, migrations: Sequence[Migration], scratch: Path) -> Database:
    """Open a backup for reading, and leave it as it is: an older one is brought up to date in a copy at `scratch`.

    Raises:
        CannotStart: it is no sound backup, or was written by a newer Weft.
    """
    if not path.is_file():
        raise CannotStart(f"there is no backup {path}", remedy="name a file made by `weft backup`")
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as found:
        try:
            _check(found, path)
            found.execute(f"SELECT 1 FROM {MARK}").fetchone()  # noqa: S608 - our own name
            with closing(sqlite3.connect(scratch)) as copy:
                found.backup(copy)
        except sqlite3.DatabaseError as error:
            raise CannotStart(
                f"{path} is no backup of Weft ({error})",
                remedy="name a file made by `weft backup`",
            ) from error
    database = Database(scratch)
    try:
        migrate(database, migrations)
    except BaseException:
        database.close()
        raise
    return database


def _copy_pages(
    source: Database, path: Path, migrations: Sequence[Migration], progress: Progress
) -> int:
    if pending(source, migrations):
        raise CannotStart(
            f"the database {source.name} is not up to date",
            remedy="bring it up to date with `weft migrate`",
        )
    shape = shape_of(migrations)
    with source.read() as connection:
        tables = find_tables(connection, shape, source.name)
        rows = {table.name: count(connection, table) for table in tables}  # the snapshot begins
        with closing(sqlite3.connect(path, isolation_level=None)) as target:
            driver_connection(connection).backup(
                target,
                pages=_PAGES,
                progress=lambda _status, left, total: progress(total - left, total),
            )
            _check(target, path)
            for name, expected in rows.items():
                (found,) = target.execute(f'SELECT count(*) FROM "{name}"').fetchone()  # noqa: S608 - our own name
                if found != expected:
                    raise CannotStart(
                        f"the backup has {found} of {expected} rows of the table {name}",
                        remedy="try again; if it stays, check the disk",
                    )
    return sum(rows.values())


def _copy_rows(
    source: Database,
    path: Path,
    migrations: Sequence[Migration],
    progress: Progress,
    part: Sequence[Migration],
) -> int:
    target = Database(path)
    try:
        migrate(target, migrations)
        tables = copy_database(
            source, target, migrations, part=part, replace=True, progress=progress
        )
        target.check()
    finally:
        target.close()
    return sum(table.rows for table in tables)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise CannotStart(f"{path} does not hold together ({verdict})", remedy="use another backup")


def _settle(path: Path) -> None:
    """Make it one file, without a log beside it, and see that it is on the disk."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    for ending in _ENDINGS:
        path.with_name(path.name + ending).unlink(missing_ok=True)
