"""Removes calls from ClickHouse for good: the oldest of a project, with everything that was ever written of them.

A lightweight DELETE hides rows at once and frees their room when parts are merged. Rows lie in the order of their
starts, so that it looks at those only that it takes.
"""

from collections.abc import Sequence

from sqlalchemy import and_, delete, or_, select

from weft.traces.clickhouse.schema import CALL
from weft.traces.clickhouse.server import ClickHouse
from weft.traces.retention.apart import Oldest
from weft.traces.types import ProjectKey


class ClickHouseCleaner:
    """A `retention.apart.CallsApart`."""

    def __init__(self, server: ClickHouse) -> None:
        self._server = server

    def oldest(self, project: ProjectKey, before_us: int | None, most: int) -> Sequence[Oldest]:
        """See `CallsApart.oldest`."""
        wanted = select(CALL.c.started_at_us, CALL.c.id, CALL.c.is_deleted).where(
            CALL.c.project == project
        )
        if before_us is not None:
            wanted = wanted.where(CALL.c.started_at_us < before_us)
        wanted = wanted.order_by(CALL.c.started_at_us, CALL.c.id).limit(most)
        return [
            Oldest(row.started_at_us, row.id, is_call=not row.is_deleted)
            for row in self._server.raw_rows(wanted)
        ]

    def remove(self, project: ProjectKey, last: Oldest) -> None:
        """See `CallsApart.remove`."""
        start = CALL.c.started_at_us
        self._server.remove(
            delete(CALL).where(
                CALL.c.project == project,
                start <= last.started_at_us,
                or_(
                    start < last.started_at_us,
                    and_(start == last.started_at_us, CALL.c.id <= last.id),
                ),
            )
        )
