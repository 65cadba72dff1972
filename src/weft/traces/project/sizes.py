"""How much is kept of a project, by the sizes of texts as they came; what is kept once is counted once."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from weft.traces.calls.table import SQL_TABLE, CallTable
from weft.traces.files.read import files_size
from weft.traces.objects.read import objects_size
from weft.traces.tables.read import tables_size
from weft.traces.types import ProjectKey


@dataclass(frozen=True, slots=True)
class Sizes:
    """In bytes, by kind."""

    traces: int = 0
    objects: int = 0
    tables: int = 0
    files: int = 0


def sizes_of(connection: Connection, project: ProjectKey, table: CallTable = SQL_TABLE) -> Sizes:
    """How much is kept of a project; `table` is where calls are."""
    call = table.call
    wanted = select(func.sum(call.c.size_bytes).label("size")).where(call.c.project == project)
    [row] = table.run(connection, wanted)
    return Sizes(
        traces=int(row.size or 0),
        objects=objects_size(connection, project),
        files=files_size(connection, project),
        tables=tables_size(connection, project),
    )
