"""Writes and removes feedback: the only place that changes its table.

Invariant: feedback is never changed in place. The first that comes with an id counts, so that a client may send it
again; `replaces` removes the one and adds the other in one transaction.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite

from weft.kit.db import SQLITE
from weft.traces.feedback.parts import FeedbackPart, WriteFeedback
from weft.traces.feedback.schema import FEEDBACK
from weft.traces.projects import ProjectKeys
from weft.traces.types import ProjectKey

_CHUNK = 500


class FeedbackWriter:
    """Applies `WriteFeedback`."""

    def __init__(self, keys: ProjectKeys) -> None:
        self._keys = keys

    def apply(self, connection: Connection, ops: Sequence[WriteFeedback]) -> None:
        """Write what these operations tell, inside the writer's transaction."""
        for op in ops:
            insert_feedback(connection, self._keys.make(connection, op.project_id), op.parts)


def insert_feedback(
    connection: Connection, project: ProjectKey, parts: Sequence[FeedbackPart]
) -> None:
    """Add feedback; what is there under the same id stays."""
    replaced = [part.replaces for part in parts if part.replaces]
    if replaced:
        delete_feedback(connection, project, replaced)
    dialect = sqlite if connection.dialect.name == SQLITE else postgresql
    rows = [{"project": project, **msgspec.structs.asdict(part)} for part in parts]
    for row in rows:
        del row["replaces"]
    if rows:
        connection.execute(dialect.insert(FEEDBACK).on_conflict_do_nothing(), rows)


def delete_feedback(connection: Connection, project: ProjectKey, ids: Sequence[str]) -> int:
    """Remove feedback; how much there was of it."""
    gone = 0
    for start in range(0, len(ids), _CHUNK):
        doomed = delete(FEEDBACK).where(
            FEEDBACK.c.project == project, FEEDBACK.c.id.in_(ids[start : start + _CHUNK])
        )
        gone += connection.execute(doomed).rowcount
    return gone


def forget_calls(connection: Connection, project: ProjectKey, call_ids: Sequence[str]) -> int:
    """Remove all feedback on calls that are not kept any longer; how much there was of it."""
    gone = 0
    for start in range(0, len(call_ids), _CHUNK):
        doomed = delete(FEEDBACK).where(
            FEEDBACK.c.project == project, FEEDBACK.c.call_id.in_(call_ids[start : start + _CHUNK])
        )
        gone += connection.execute(doomed).rowcount
    return gone
