"""How many days a project's calls are kept: its own number, the server's, or the smaller of both."""

from sqlalchemy import Connection, select, update

from weft.kit.errors import InvalidRequest
from weft.traces.schema import PROJECT
from weft.traces.types import ProjectKey

DAYS_LIMIT = 36_500
FOREVER = 0
"""The server's number of days, if it keeps calls for ever."""


class BadRetention(InvalidRequest):
    """Calls cannot be kept for so long."""

    code = "invalid_retention"


def shorter(own: int | None, of_server: int) -> int | None:
    """For how many days calls are kept; None for ever."""
    limits = [days for days in (own, of_server or None) if days is not None]
    return min(limits, default=None)


def read_days(connection: Connection, project: ProjectKey) -> int | None:
    """The project's own number."""
    wanted = select(PROJECT.c.retention_days).where(PROJECT.c.key == project)
    return connection.execute(wanted).scalar_one_or_none()


def set_days(connection: Connection, project: ProjectKey, days: int | None) -> None:
    """Give a project its own number, or none; inside the writer's transaction."""
    connection.execute(update(PROJECT).where(PROJECT.c.key == project).values(retention_days=days))


def check_days(days: int | None, of_server: int) -> None:
    """Refuse a number that is none, or more than the server's.

    Raises:
        BadRetention: it is.
    """
    if days is None:
        return
    if not 1 <= days <= DAYS_LIMIT:
        raise BadRetention(
            f"calls are kept for 1 to {DAYS_LIMIT} days, or for ever: null", param="retention_days"
        )
    if of_server and days > of_server:
        raise BadRetention(
            f"this server keeps no calls for longer than {of_server} days",
            param="retention_days",
            remedy="ask for fewer days; whoever runs the server can set trace_retention_days",
        )
