"""The task in the background that removes what is not kept any longer. One in every server; each is right alone.

It works in chunks through the one writer, each a transaction of about `pace.CHUNK_S`, and rests after each for longer
than it worked: whoever writes waits for a chunk at most. Removing is idempotent: a crash or a second server costs
nothing.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, select, update

from weft.kit.clock import Clock, to_us
from weft.kit.db import DATABASE_AWAY
from weft.traces.calls.change.notes import KEPT_US, forget_notes
from weft.traces.retention.apart import CallsApart, expire_apart, purge_apart
from weft.traces.retention.days import shorter
from weft.traces.retention.expire import expire_calls, expire_orphans
from weft.traces.retention.pace import Pace
from weft.traces.retention.purge import find_rows, purge_calls, purge_rows, tables_of_projects
from weft.traces.schema import PROJECT
from weft.traces.search.switch import turn_off
from weft.traces.store import TraceStore
from weft.traces.types import US_PER_S, ProjectKey
from weft.traces.writing.writer import StoreAway

log = logging.getLogger(__name__)

FIRST_S = 30
EVERY_S = 300
CHUNK_ROWS = 5_000
"""The most that a chunk removes, however quick the database is."""
DAY_US = 24 * 3600 * US_PER_S
ORPHANS_KEPT_US = 7 * DAY_US
LATE_US = 30 * DAY_US
"""How long after a project's removal something may still come in for it: from a spool that was away."""

Gone = Callable[[Sequence[str]], Awaitable[set[str]]]
"""Which of these projects were removed: asked of identity."""


@dataclass(slots=True)
class Cleaned:
    """What one pass removed."""

    calls: int = 0
    orphans: int = 0
    notes: int = 0
    rows: int = 0
    """Of removed projects, in whatever table."""

    @property
    def is_nothing(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.calls or self.orphans or self.notes or self.rows)


@dataclass(frozen=True, slots=True)
class _Kept:
    key: ProjectKey
    project_id: str
    retention_days: int | None
    removed_at_us: int | None


class Cleaner:
    """Removes what is over, pass after pass. `server_days` is the setting `trace_retention_days`.

    `apart` is where calls are kept, if that is outside of the trace database.
    """

    def __init__(
        self,
        store: TraceStore,
        gone: Gone,
        clock: Clock,
        *,
        server_days: int,
        apart: CallsApart | None = None,
    ) -> None:
        self._store = store
        self._gone = gone
        self._clock = clock
        self._server_days = server_days
        self._apart = apart
        self._tables: list[Table] | None = None
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; inside the event loop."""
        self._task = asyncio.get_running_loop().create_task(self.run())

    async def close(self) -> None:
        """Stop where it is; the next start goes on. Idempotent."""
        while self._task is not None and not self._task.done():
            self._task.cancel()  # more than once: `wait_for` of Python 3.11 may lose it when it has a result as well
            await asyncio.wait([self._task], timeout=1)

    def wake(self) -> None:
        """Have the next pass begin now: a project was removed, or its days were changed."""
        self._woken.set()

    async def run(self) -> None:
        """Pass after pass, until cancelled."""
        await self._wait(FIRST_S)
        while True:
            try:
                cleaned = await self.clean()
                if not cleaned.is_nothing:
                    log.info(
                        "traces_cleaned calls=%d orphans=%d notes=%d rows=%d",
                        *(cleaned.calls, cleaned.orphans, cleaned.notes, cleaned.rows),
                    )
            except (StoreAway, *DATABASE_AWAY) as error:
                log.warning("traces_not_cleaned error=%s", str(error)[:200])
            except Exception:
                log.exception("traces_not_cleaned")
            await self._wait(EVERY_S)

    async def clean(self) -> Cleaned:
        """One pass over all projects.

        Raises:
            StoreAway: the trace database does not answer; what was removed by then stays removed.
        """
        done = Cleaned()
        now_us = to_us(self._clock.now())
        projects = await self._store.database.read_soon(_projects)
        gone = await self._gone([kept.project_id for kept in projects])
        for kept in projects:
            if kept.project_id in gone:
                await self._purge(kept, now_us, done)
                continue
            days = shorter(kept.retention_days, self._server_days)
            if days is not None:
                before_us = now_us - days * DAY_US
                done.calls += await self._in_chunks(_expiring(kept.key, before_us))
                if self._apart is not None:
                    done.calls += await expire_apart(self._apart, self._store, kept.key, before_us)
            done.orphans += await self._in_chunks(_orphans(kept.key, now_us - ORPHANS_KEPT_US))
        done.notes += await self._in_chunks(lambda c, most: forget_notes(c, now_us - KEPT_US, most))
        return done

    async def _purge(self, kept: _Kept, now_us: int, done: Cleaned) -> None:
        removed_at_us = kept.removed_at_us
        if removed_at_us is None:
            await self._store.writer.change(lambda c: _mark(c, kept.key, now_us))
        elif removed_at_us < now_us - LATE_US:
            return
        done.rows += await self._in_chunks(lambda c, most: purge_calls(c, kept.key, most))
        if self._apart is not None:
            done.rows += await purge_apart(self._apart, kept.key)
        if self._tables is None:
            self._tables = await self._store.database.read_soon(tables_of_projects)
        for table in self._tables:
            done.rows += await self._purge_table(table, kept.key)

    async def _purge_table(self, table: Table, key: ProjectKey) -> int:
        pace = Pace(CHUNK_ROWS)
        removed = 0
        while rows := await self._store.database.read_soon(
            lambda c: find_rows(c, table, key, pace.rows)
        ):
            begun = self._clock.monotonic_s()
            await self._store.writer.change(lambda c, rows=rows: purge_rows(c, table, key, rows))
            removed += len(rows)
            await pace.rest(self._clock.monotonic_s() - begun)
        return removed

    async def _in_chunks(self, work: Callable[[Connection, int], int]) -> int:
        """Have `work` remove so many rows at a time, until it finds fewer."""
        pace = Pace(CHUNK_ROWS)
        removed = 0
        while True:
            most, begun = pace.rows, self._clock.monotonic_s()
            count = await self._store.writer.change(lambda c, most=most: work(c, most))
            removed += count
            if count < most:
                return removed
            await pace.rest(self._clock.monotonic_s() - begun)

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()


def _projects(connection: Connection) -> list[_Kept]:
    columns = (
        PROJECT.c.key,
        PROJECT.c.project_id,
        PROJECT.c.retention_days,
        PROJECT.c.removed_at_us,
    )
    return [_Kept(*row) for row in connection.execute(select(*columns))]


def _mark(connection: Connection, key: ProjectKey, now_us: int) -> None:
    connection.execute(update(PROJECT).where(PROJECT.c.key == key).values(removed_at_us=now_us))
    turn_off(connection, key)


def _expiring(key: ProjectKey, before_us: int) -> Callable[[Connection, int], int]:
    return lambda connection, most: expire_calls(connection, key, before_us, most)


def _orphans(key: ProjectKey, before_us: int) -> Callable[[Connection, int], int]:
    return lambda connection, most: expire_orphans(connection, key, before_us, most)
