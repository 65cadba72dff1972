"""Which projects were removed, for those who keep something by project and have to let it go."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from weft.identity.schema import PROJECT

_CHUNK = 500


def removed_projects(connection: Connection, project_ids: Sequence[str]) -> set[str]:
    """Those of these projects that were removed, by themselves or with their team."""
    found: set[str] = set()
    for start in range(0, len(project_ids), _CHUNK):
        some = project_ids[start : start + _CHUNK]
        wanted = select(PROJECT.c.id).where(
            PROJECT.c.id.in_(some), PROJECT.c.removed_at_us.is_not(None)
        )
        found.update(connection.execute(wanted).scalars())
    return found
