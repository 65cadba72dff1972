"""Removes what has had its time: calls, ends whose starts never came, and notes; some rows at a time."""

from sqlalchemy import Connection, delete, select

from weft.traces.calls.change.remove import remove
from weft.traces.feedback.write import forget_calls
from weft.traces.schema import CALL, ORPHAN
from weft.traces.types import ProjectKey


def expire_calls(connection: Connection, project: ProjectKey, before_us: int, most: int) -> int:
    """Remove the oldest calls that started before `before_us`, at most `most`, and what was said of them.

    How many calls there were.
    """
    oldest = (
        select(CALL.c.id)
        .where(CALL.c.project == project, CALL.c.started_at_us < before_us)
        .order_by(CALL.c.started_at_us)
        .limit(most)
    )
    ids = list(connection.execute(oldest).scalars())
    forget_calls(connection, project, ids)
    return remove(connection, project, ids)


def expire_orphans(connection: Connection, project: ProjectKey, before_us: int, most: int) -> int:
    """Remove ends that arrived before `before_us` and were joined by no start."""
    oldest = (
        select(ORPHAN.c.id)
        .where(ORPHAN.c.project == project, ORPHAN.c.arrived_at_us < before_us)
        .limit(most)
    )
    ids = list(connection.execute(oldest).scalars())
    if ids:
        mine = (ORPHAN.c.project == project, ORPHAN.c.id.in_(ids))
        connection.execute(delete(ORPHAN).where(*mine))
    return len(ids)
