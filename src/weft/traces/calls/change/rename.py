"""Gives calls display names."""

from collections.abc import Sequence

from sqlalchemy import Connection, update

from weft.traces.calls.change.notes import note_names
from weft.traces.projects import ProjectKeys
from weft.traces.schema import CALL
from weft.traces.writing.ops import Op


class RenameCall(Op):
    """A call gets a display name. It need not have arrived yet."""

    id: str
    display_name: str | None
    at_us: int


class CallRenamer:
    """Applies `RenameCall`."""

    def __init__(self, keys: ProjectKeys) -> None:
        self._keys = keys

    def apply(self, connection: Connection, ops: Sequence[RenameCall]) -> None:
        """Write these names, inside the writer's transaction; the last one of a call stays."""
        for op in ops:
            project = self._keys.make(connection, op.project_id)
            note_names(connection, project, [(op.id, op.display_name, op.at_us)])
            connection.execute(
                update(CALL)
                .where(CALL.c.project == project, CALL.c.id == op.id)
                .values(display_name=op.display_name or None)
            )
