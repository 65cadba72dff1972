"""The audit log for changes that no transaction of the database holds: processes, files, what only memory knows."""

from weft.identity.audit.store import record
from weft.identity.audit.types import Actor, Value
from weft.identity.types import User
from weft.kit.clock import Clock
from weft.kit.db import Database


class Trail:
    """Tells the log of one change at a time, in a transaction of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def tell(self, by: Actor | User, action: str, subject: str, **detail: Value) -> None:
        """Tell of a change; before it is made, so that none goes untold, or after it if only that says what it was."""
        now = self._clock.now()
        await self._database.write_soon(
            lambda c: record(c, by=by, action=action, subject=subject, detail=detail, now=now)
        )
