"""Keeps the runs of this process: how many at once, signs of life, and an end to all when the server stops."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from weft.evals.calls import now_us
from weft.evals.runs.store import add_run, beat
from weft.kit.errors import Refused
from weft.traces.store import TraceStore
from weft.traces.writing.writer import StoreAway

log = logging.getLogger(__name__)

RUNS = 32
"""At once in this process."""
PROJECT_RUNS = 4
BEAT_S = 10.0
STOP_S = 10.0


class TooManyRuns(Refused):
    """As many evaluations run already as may."""

    code = "too_many_runs"

    def __init__(self, where: str, limit: int) -> None:
        super().__init__(
            f"{limit} evaluations run {where} already",
            remedy="Wait for one of them to end.",
            retry_after_s=30,
        )


@dataclass(frozen=True, slots=True)
class _Known:
    project_id: str
    call_id: str


class Runs:
    """Made inside the event loop; `close` ends what runs."""

    def __init__(self, store: TraceStore) -> None:
        self._store = store
        self._tasks: dict[asyncio.Task[None], _Known] = {}
        self._beating: asyncio.Task[None] | None = None

    async def begin(
        self, project_id: str, call_id: str, total_rows: int, work: Coroutine[Any, Any, None]
    ) -> None:
        """Have `work` done beside everything else.

        Raises:
            TooManyRuns: as many run already as may.
            StoreAway: the database does not answer.
        """
        try:
            self._check(project_id)
            await self._store.change(
                project_id, lambda c, key: add_run(c, key, call_id, total_rows, now_us())
            )
        except BaseException:
            work.close()
            raise
        self.also(project_id, call_id, work)

    def also(self, project_id: str, call_id: str, work: Coroutine[Any, Any, None]) -> None:
        """Have `work` done that nobody asks the progress of."""
        known = _Known(project_id, call_id)
        task = asyncio.get_running_loop().create_task(self._run(known, work))
        self._tasks[task] = known
        task.add_done_callback(self._done)
        if self._beating is None:
            self._beating = asyncio.get_running_loop().create_task(self._beat_forever())

    async def close(self) -> None:
        """Cancel what runs, and wait for the ends of its calls. Idempotent."""
        tasks = list(self._tasks)
        if self._beating is not None:
            self._beating.cancel()
            tasks.append(self._beating)
            self._beating = None
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_S)

    def check(self, project_id: str) -> None:
        """Raise `TooManyRuns` if no more may run for this project."""
        self._check(project_id)

    def _check(self, project_id: str) -> None:
        if len(self._tasks) >= RUNS:
            raise TooManyRuns("on this server", RUNS)
        own = sum(known.project_id == project_id for known in self._tasks.values())
        if own >= PROJECT_RUNS:
            raise TooManyRuns("for this project", PROJECT_RUNS)

    async def _run(self, known: _Known, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            with contextlib.suppress(
                StoreAway
            ):  # the root's own end, which is spooled, says it too
                await asyncio.shield(self._beat(known, is_over=True))

    async def _beat(self, known: _Known, *, is_over: bool = False) -> None:
        await self._store.change(
            known.project_id,
            lambda c, key: beat(c, key, known.call_id, now_us(), is_over=is_over),
        )

    async def _beat_forever(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            for known in list(self._tasks.values()):
                with contextlib.suppress(StoreAway):
                    await self._beat(known)

    def _done(self, task: "asyncio.Task[None]") -> None:
        known = self._tasks.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("evaluation_lost call=%s", known.call_id, exc_info=error)
