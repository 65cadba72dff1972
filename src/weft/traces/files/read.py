"""Reads files, a part at a time."""

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from weft.traces.files.schema import FILE, PART
from weft.traces.types import ProjectKey


class FileHead(NamedTuple):
    """What is known of a file without its content."""

    digest: str
    size_bytes: int
    part_count: int


def find_file(connection: Connection, key: ProjectKey, digest: str) -> FileHead | None:
    """A file that is there with all of its parts."""
    row = connection.execute(
        select(FILE.c.digest, FILE.c.size_bytes, FILE.c.part_count).where(
            FILE.c.project == key, FILE.c.digest == digest
        )
    ).one_or_none()
    if row is None:
        return None
    counted = select(func.count()).where(PART.c.project == key, PART.c.digest == digest)
    is_whole = connection.execute(counted).scalar_one() == row.part_count
    return FileHead(*row) if is_whole else None


def read_part(connection: Connection, key: ProjectKey, digest: str, number: int) -> bytes:
    """One part of a file that was found."""
    wanted = select(PART.c.body).where(
        PART.c.project == key, PART.c.digest == digest, PART.c.number == number
    )
    return bytes(connection.execute(wanted).scalar_one())


def files_size(connection: Connection, key: ProjectKey) -> int:
    """What the files of a project take, in bytes."""
    wanted = select(func.sum(FILE.c.size_bytes)).where(FILE.c.project == key)
    return int(connection.execute(wanted).scalar_one() or 0)
