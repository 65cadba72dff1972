"""Measured load times in the database, so that a new server promises what an old one learned."""

from sqlalchemy import Connection, delete, insert, select

from weft.engines.keeper.loads import SAMPLES, LoadTime
from weft.engines.keeper.schema import load_time
from weft.kit.ids import new_id


def read_load_times(connection: Connection) -> list[LoadTime]:
    """All that are kept, oldest first."""
    rows = connection.execute(select(load_time).order_by(load_time.c.at_us, load_time.c.id))
    return [LoadTime(row.model, row.kind, row.load_ms, row.at_us) for row in rows]


def add_load_time(connection: Connection, one: LoadTime) -> None:
    """Keep `one`, and of its model and kind no more than count."""
    table = load_time.c
    connection.execute(
        insert(load_time).values(
            id=new_id("load"),
            model=one.model,
            kind=one.kind,
            load_ms=one.load_ms,
            at_us=one.at_us,
        )
    )
    same = (table.model == one.model) & (table.kind == one.kind)
    newest = (
        select(table.id).where(same).order_by(table.at_us.desc(), table.id.desc()).limit(SAMPLES)
    )
    connection.execute(delete(load_time).where(same & table.id.not_in(newest)))
