"""The task in the background that works on indexes. One in every server; each is right alone.

It works in chunks through the one writer, each a transaction of about 50 ms, and rests after each for longer than it
worked. What it has not come to is found all the same: searches read it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from sqlalchemy import Connection

from weft.kit.clock import Clock
from weft.kit.db import DATABASE_AWAY
from weft.traces.retention.pace import Pace
from weft.traces.search.switch import missing_indexes, renew_missing
from weft.traces.search.trigrams import lost_places
from weft.traces.search.work import projects_of_search, sweep, work_on
from weft.traces.store import TraceStore
from weft.traces.writing.writer import StoreAway

log = logging.getLogger(__name__)

EVERY_S = 5.0
CHUNK_ROWS = 2_000


class Indexer:
    """Puts calls into the indexes of their projects, pass after pass."""

    def __init__(self, store: TraceStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; inside the event loop."""
        self._task = asyncio.get_running_loop().create_task(self.run())

    async def close(self) -> None:
        """Stop where it is; the next start goes on. Idempotent."""
        while self._task is not None and not self._task.done():
            self._task.cancel()  # more than once, as `Cleaner.close` does
            await asyncio.wait([self._task], timeout=1)

    def wake(self) -> None:
        """Have the next pass begin now: an index was switched on or off."""
        self._woken.set()

    async def run(self) -> None:
        """Pass after pass, until cancelled."""
        while True:
            try:
                await self.work()
            except (StoreAway, *DATABASE_AWAY) as error:
                log.warning("traces_not_indexed error=%s", str(error)[:200])
            except Exception:
                log.exception("traces_not_indexed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._woken.wait()
            self._woken.clear()

    async def work(self) -> None:
        """One pass over all projects with an index.

        Raises:
            StoreAway: the trace database does not answer; what was done by then stays.
        """
        if await self._store.database.read_soon(missing_indexes):
            await self._store.writer.change(renew_missing)
        for project in await self._store.database.read_soon(projects_of_search):
            await self._in_chunks(lambda c, most, project=project: work_on(c, project, most))
        if await self._store.database.read_soon(lost_places):
            await self._in_chunks(sweep)

    async def _in_chunks(self, work: Callable[[Connection, int], bool]) -> None:
        pace = Pace(CHUNK_ROWS)
        while True:
            most, begun = pace.rows, self._clock.monotonic_s()
            if not await self._store.writer.change(lambda c, most=most: work(c, most)):
                return
            await pace.rest(self._clock.monotonic_s() - begun)
