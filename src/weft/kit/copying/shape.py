"""Which tables there are: asked of a new database that all migrations were applied to, so that none can be forgotten.

Knows no room and no table by name.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, Table, func, inspect, select

from weft.kit.db import Database
from weft.kit.errors import CannotStart
from weft.kit.migrations import MARK, Migration, migrate


@dataclass(frozen=True, slots=True)
class Shape:
    """The tables, those that others refer to first, and how many rows each has in a new database."""

    new_rows: dict[str, int]

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables, without the one of the migrations."""
        return tuple(self.new_rows)


def shape_of(migrations: Sequence[Migration]) -> Shape:
    """The shape that these migrations give to a database."""
    with tempfile.TemporaryDirectory(prefix="weft-shape-") as folder:
        database = Database(Path(folder) / "shape.db")
        try:
            migrate(database, migrations)
            with database.read() as connection:
                tables = _reflect(connection)
                rows = {name: count(connection, table) for name, table in tables.items()}
        finally:
            database.close()
    del rows[MARK]
    return Shape(rows)


def find_tables(connection: Connection, shape: Shape, name: str) -> list[Table]:
    """The tables of the shape as this database has them.

    Raises:
        CannotStart: it lacks one.
    """
    found = _reflect(connection)
    missing = [table for table in shape.tables if table not in found]
    if missing:
        raise CannotStart(
            f"the database {name} has no table {missing[0]}",
            remedy="bring it up to date with `weft migrate`, or name another one",
        )
    return [found[table] for table in shape.tables]


def is_new(connection: Connection, tables: Sequence[Table], shape: Shape) -> bool:
    """Whether there is nothing in the tables but what the migrations put there."""
    return all(
        len(connection.execute(select(1).select_from(table).limit(new + 1)).all()) == new
        for table, new in zip(tables, shape.new_rows.values(), strict=True)
    )


def count(connection: Connection, table: Table) -> int:
    """The number of rows of a table."""
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _reflect(connection: Connection) -> dict[str, Table]:
    """Every table with its columns, those that others refer to first."""
    found = inspect(connection)
    metadata = MetaData()
    return {
        name: Table(
            name,
            metadata,
            *(Column(column["name"], column["type"]) for column in found.get_columns(name)),
        )
        for name, _references in found.get_sorted_table_and_fkc_names()
        if name is not None
    }
