"""How much is kept of a project, by the sizes of texts as they came; what is kept once is counted once."""

from dataclasses import dataclass

from sqlalchemy import Column, Connection, func, select

from weft.traces.files.read import files_size
from weft.traces.objects.read import objects_size
from weft.traces.schema import CALL
from weft.traces.tables.read import tables_size
from weft.traces.types import ProjectKey


@dataclass(frozen=True, slots=True)
class Sizes:
    """In bytes, by kind."""

    traces: int = 0
    objects: int = 0
    tables: int = 0
    files: int = 0


def size_of(connection: Connection, project: ProjectKey, column: Column[int]) -> int:
    """The sum of a column of sizes over what a project has."""
    wanted = select(func.sum(column)).where(column.table.c.project == project)
    return int(connection.execute(wanted).scalar_one() or 0)


def sizes_of(connection: Connection, project: ProjectKey) -> Sizes:
    """How much is kept of a project."""
    return Sizes(
        traces=size_of(connection, project, CALL.c.size_bytes),
        objects=objects_size(connection, project),
        files=files_size(connection, project),
        tables=tables_size(connection, project),
    )
