"""Removes all that is kept of a project, from every table that has any of it; some rows at a time.

Which tables those are is asked of the database itself: all of ours with a column `project`. So a later table cannot be
forgotten. Texts of calls have no such column; they go with their calls.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, MetaData, Row, Table, delete, inspect, select, tuple_

from weft.traces.schema import CALL, PAYLOAD, USAGE
from weft.traces.search.marks import forget
from weft.traces.types import ProjectKey

PREFIX = "trace_"
COLUMN = "project"

Found = Sequence[Row[*tuple[Any, ...]]]


def tables_of_projects(connection: Connection) -> list[Table]:
    """The tables that keep something by project, besides that of calls."""
    look = inspect(connection)
    names = sorted(name for name in look.get_table_names() if name.startswith(PREFIX))
    found: list[Table] = []
    for name in names:
        columns = {column["name"] for column in look.get_columns(name)}
        if COLUMN in columns and name != CALL.name:
            found.append(Table(name, MetaData(), autoload_with=connection))
    return found


def purge_calls(connection: Connection, project: ProjectKey, most: int) -> int:
    """Remove calls of a project with their texts; how many there were. Sums are left: they go as well."""
    some = select(CALL.c.seq).where(CALL.c.project == project).limit(most)
    seqs = list(connection.execute(some).scalars())
    if seqs:
        forget(connection, project, seqs)
        connection.execute(delete(PAYLOAD).where(PAYLOAD.c.seq.in_(seqs)))
        connection.execute(delete(USAGE).where(USAGE.c.project == project, USAGE.c.seq.in_(seqs)))
        connection.execute(delete(CALL).where(CALL.c.project == project, CALL.c.seq.in_(seqs)))
    return len(seqs)


def find_rows(connection: Connection, table: Table, project: ProjectKey, most: int) -> Found:
    """The keys of some rows of a project; on a reader's connection, since not every table has an index for it."""
    wanted = select(*table.primary_key.columns).where(table.c[COLUMN] == project).limit(most)
    return connection.execute(wanted).all()


def purge_rows(connection: Connection, table: Table, project: ProjectKey, rows: Found) -> None:
    """Remove these rows of a project."""
    key = list(table.primary_key.columns)
    mine = (
        key[0].in_([row[0] for row in rows])
        if len(key) == 1
        else tuple_(*key).in_([tuple(row) for row in rows])
    )
    connection.execute(delete(table).where(table.c[COLUMN] == project, mine))
