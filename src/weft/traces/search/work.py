"""The index's work, a chunk at a time, each inside a transaction of the writer.

In this order: what is left of an index that is not wanted goes; calls that wait are put in; then more of those that
were there before the index wait.
"""

from sqlalchemy import Connection, delete, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from weft.kit.db import SQLITE
from weft.traces.calls.counting import chunks
from weft.traces.schema import CALL
from weft.traces.search.marks import bodies
from weft.traces.search.reading import UNDONE
from weft.traces.search.schema import (
    CLEARING,
    DONE,
    FILLING,
    INDEXED,
    ON,
    SWITCH,
    TOO_LARGE,
    WAITS,
)
from weft.traces.search.switch import Switch, begin, read_switch
from weft.traces.search.trigrams import drop_place, lost_places, put_in
from weft.traces.types import ProjectKey

WINDOW = 10_000
"""So many numbers of calls, of whichever project, a first filling goes on by."""
CHUNK_BYTES = 256 * 1024
LARGEST_BYTES = 1024 * 1024
"""A call with larger texts stays out of the index; each search reads it."""


def projects_of_search(connection: Connection) -> list[ProjectKey]:
    """The projects that there may be work for."""
    return list(connection.execute(select(SWITCH.c.project)).scalars())


def sweep(connection: Connection, most: int) -> bool:
    """Remove some of an index that is no project's; whether there may be more."""
    lost = lost_places(connection)
    for place in lost[:1]:
        drop_place(connection, place, most)
    return bool(lost)


def work_on(connection: Connection, project: ProjectKey, most: int) -> bool:
    """Do a chunk of the project's work, about `most` calls; whether there may be more."""
    switch = read_switch(connection, project)
    if switch is None:
        return False
    if switch.state == CLEARING:
        return _clear(connection, switch, most)
    return _put_in(connection, switch, most) or (
        switch.state == FILLING and _fill(connection, switch)
    )


def _clear(connection: Connection, switch: Switch, most: int) -> bool:
    some = select(INDEXED.c.seq).where(INDEXED.c.project == switch.project).limit(most)
    seqs = list(connection.execute(some).scalars())
    for part in chunks(seqs):
        mine = (INDEXED.c.project == switch.project, INDEXED.c.seq.in_(part))
        connection.execute(delete(INDEXED).where(*mine))
    if seqs or drop_place(connection, switch.place, most):
        return True
    if switch.is_wanted:
        begin(connection, switch.project, anew=True)
        return True
    connection.execute(delete(SWITCH).where(SWITCH.c.project == switch.project))
    return False


def _put_in(connection: Connection, switch: Switch, most: int) -> bool:
    waiting = (
        select(INDEXED.c.seq, CALL.c.size_bytes)
        .join(CALL, CALL.c.seq == INDEXED.c.seq)
        .where(INDEXED.c.project == switch.project, CALL.c.project == switch.project)
        .where(UNDONE, INDEXED.c.state == WAITS)
        .order_by(INDEXED.c.seq)
        .limit(most)
    )
    rows = connection.execute(waiting).all()
    _set(connection, switch.project, [seq for seq, size in rows if size > LARGEST_BYTES], TOO_LARGE)
    seqs: list[int] = []
    room = CHUNK_BYTES
    for seq, size in rows:
        room -= size
        if size <= LARGEST_BYTES and (room >= 0 or not seqs):
            seqs.append(seq)
    put_in(connection, switch.project, switch.place, bodies(connection, switch.project, seqs))
    _set(connection, switch.project, seqs, DONE)
    return bool(rows)


def _fill(connection: Connection, switch: Switch) -> bool:
    """Have the calls of the next window wait; whether there are more windows."""
    begin_at = max(switch.below - WINDOW, 0)
    there = select(CALL.c.seq, CALL.c.project, literal(WAITS)).where(
        CALL.c.project == switch.project, CALL.c.seq > begin_at, CALL.c.seq <= switch.below
    )
    dialect = sqlite if connection.dialect.name == SQLITE else postgresql
    adding = dialect.insert(INDEXED).from_select(["seq", "project", "state"], there)
    connection.execute(adding.on_conflict_do_nothing())
    state = ON if begin_at == 0 else FILLING
    mine = SWITCH.c.project == switch.project
    connection.execute(update(SWITCH).where(mine).values(below=begin_at, state=state))
    return True


def _set(connection: Connection, project: ProjectKey, seqs: list[int], state: int) -> None:
    for some in chunks(seqs):
        mine = (INDEXED.c.project == project, INDEXED.c.seq.in_(some), INDEXED.c.state != state)
        connection.execute(update(INDEXED).where(*mine).values(state=state))
