"""What was decided about a call, for parts of it that arrive later: that it was deleted, or what it is called.

Clients send calls late and sometimes twice, and a spool is written again after a crash. For as long as notes are kept,
none of that brings a deleted call back or takes a given name away; and a call may be named before it has arrived.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from weft.kit.db import SQLITE
from weft.traces.calls.counting import chunks
from weft.traces.calls.parts import CallPart
from weft.traces.schema import NOTE
from weft.traces.types import US_PER_S, ProjectKey

KEPT_US = 2 * 24 * 3600 * US_PER_S
"""Two days: clients hold on to what they could not send for as long as their process lives."""


def heed(
    connection: Connection, project: ProjectKey, parts: dict[str, CallPart]
) -> dict[str, CallPart]:
    """`parts` without those of deleted calls, and with the names that calls were given."""
    noted = select(NOTE.c.id).where(NOTE.c.project == project).limit(1)
    if not parts or connection.execute(noted).first() is None:
        return parts
    heeded = dict(parts)
    for some in chunks(parts):
        wanted = select(NOTE.c.id, NOTE.c.deleted, NOTE.c.display_name).where(
            NOTE.c.project == project, NOTE.c.id.in_(some)
        )
        for note in connection.execute(wanted):
            if note.deleted:
                del heeded[note.id]
            elif parts[note.id].has_start:
                name = note.display_name or None
                heeded[note.id] = msgspec.structs.replace(parts[note.id], display_name=name)
    return heeded


def note_names(
    connection: Connection, project: ProjectKey, names: Sequence[tuple[str, str | None, int]]
) -> None:
    """Remember what calls are called: id, name (None: nothing), and when that was said."""
    rows = [_row(project, id_, at_us, name=name or "") for id_, name, at_us in names]
    _upsert(connection, rows, {"display_name", "noted_at_us"})


def note_deleted(
    connection: Connection, project: ProjectKey, ids: Iterable[str], at_us: int
) -> None:
    """Remember that calls were deleted."""
    rows = [_row(project, id_, at_us, deleted=True) for id_ in ids]
    _upsert(connection, rows, {"deleted", "noted_at_us"})


def forget_notes(connection: Connection, before_us: int, most: int) -> int:
    """Drop notes from before `before_us`, the oldest `most` of them, of whatever project; how many there were."""
    oldest = (
        select(NOTE.c.project, NOTE.c.id)
        .where(NOTE.c.noted_at_us < before_us)
        .order_by(NOTE.c.noted_at_us)
        .limit(most)
    )
    dropped = 0
    for project, id_ in connection.execute(oldest).all():
        mine = (NOTE.c.project == project, NOTE.c.id == id_)
        dropped += connection.execute(delete(NOTE).where(*mine)).rowcount
    return dropped


def _row(
    project: ProjectKey, id_: str, at_us: int, *, name: str | None = None, deleted: bool = False
) -> dict[str, Any]:
    return {
        "project": project,
        "id": id_,
        "deleted": deleted,
        "display_name": name,
        "noted_at_us": at_us,
    }


def _upsert(connection: Connection, rows: list[dict[str, Any]], changed: set[str]) -> None:
    if not rows:
        return
    dialect = sqlite if connection.dialect.name == SQLITE else postgresql
    new = dialect.insert(NOTE)
    connection.execute(
        new.on_conflict_do_update(
            index_elements=[NOTE.c.project, NOTE.c.id],
            set_={name: new.excluded[name] for name in changed},
        ),
        rows,
    )
