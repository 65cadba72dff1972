"""Projects as the trace database knows them: a small key for each id that identity gave."""

from sqlalchemy import Connection, func, insert, select

from weft.traces.schema import PROJECT
from weft.traces.types import ProjectKey


class ProjectKeys:
    """Remembers keys that readers saw, which are committed and never change. Any thread may look."""

    def __init__(self) -> None:
        self._keys: dict[str, ProjectKey] = {}

    def find(self, connection: Connection, project_id: str) -> ProjectKey | None:
        """The key of a project, on a reader's connection; None if nothing was ever written to it."""
        key = self._keys.get(project_id) or _select(connection, project_id)
        if key is not None:
            self._keys[project_id] = key
        return key

    def make(self, connection: Connection, project_id: str) -> ProjectKey:
        """The key of a project, given to it now if it has none; inside a transaction of the writer.

        What such a transaction sees may yet be rolled back, so it is not remembered.
        """
        key = self._keys.get(project_id) or _select(connection, project_id)
        if key is None:
            last = connection.execute(select(func.max(PROJECT.c.key))).scalar_one() or 0
            key = ProjectKey(last + 1)
            connection.execute(insert(PROJECT).values(key=key, project_id=project_id))
        return key


def _select(connection: Connection, project_id: str) -> ProjectKey | None:
    wanted = select(PROJECT.c.key).where(PROJECT.c.project_id == project_id)
    found = connection.execute(wanted).scalar_one_or_none()
    return None if found is None else ProjectKey(found)
