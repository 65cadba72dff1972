"""The background task of monitors: finds those that are switched on, and has each look at its project's new calls.

Any number of processes may do so on one database: a lease gives each monitor to one of them. A pass is short, and
everything in it is bounded: calls looked at, calls that wait, verdicts a minute, money a day. What a pass learns is
written down before the next one, so that a restart goes on where it was.
"""

import asyncio
import logging

from sqlalchemy import Connection

from weft.evals.completions.ask import Completions
from weft.evals.door import Asker
from weft.evals.monitors.spec import read_spec
from weft.evals.monitors.store import (
    add,
    change,
    end_leases,
    ensure,
    find_standing,
    list_published,
    newest_seq,
    pause,
    resume,
    seq_before,
    take_lease,
)
from weft.evals.monitors.types import LASTING, Pause, Standing, Watched
from weft.evals.monitors.watching.budget import BudgetedDoor, BudgetGone, Purse, utc_day
from weft.evals.monitors.watching.items import (
    fail_begun,
    list_ready,
    pass_over,
    scan,
    take_on,
    tidy,
)
from weft.evals.monitors.watching.judge import Court, bounded
from weft.evals.monitors.watching.parts import Key, Parts, Tally
from weft.evals.monitors.watching.rules import watch_rules
from weft.evals.runs.asking import ModelAsker, RunRefused
from weft.evals.runs.definition import read_scorers
from weft.evals.runs.score import Judges
from weft.evals.runs.scorers import Scorer
from weft.identity.projects.gate import Visitor
from weft.kit.clock import to_us
from weft.kit.db import DATABASE_AWAY
from weft.kit.errors import WeftError
from weft.kit.ids import new_id
from weft.traces.types import US_PER_S, ProjectKey
from weft.traces.writing.writer import StoreAway

log = logging.getLogger(__name__)

LEASE_S = 60
ERRORS = 5
"""Verdicts that fail in a row before a monitor stands still."""
AT_ONCE = 8
"""Monitors at work in one process."""
STOP_S = 10.0


class Monitors:
    """Looks after all monitors. Made inside the event loop; `close` ends what it does."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._owner = new_id("watch")
        self._leases: dict[Key, int] = {}
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._task: asyncio.Task[None] | None = None
        self.tally = Tally()

    def start(self) -> None:
        """Look after them from now on."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """End what is being done, and leave the rest to others. Idempotent."""
        tasks = [*self._tasks.values(), *([self._task] if self._task else [])]
        self._task = None
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_S)
        if self._leases:
            self._leases.clear()
            try:
                await self._parts.store.writer.change(lambda c: end_leases(c, self._owner))
            except (StoreAway, *DATABASE_AWAY):
                log.warning("monitor_leases_kept")

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._parts.pace.look_s)
            try:
                await self.look()
            except (
                Exception
            ):  # the owner of this task: whatever fails is tried again with the next look
                log.exception("monitors_look_failed")

    async def look(self) -> None:
        """Find the monitors that are switched on, and begin a pass of each that is at rest."""
        for watched in await self.discover():
            key = (watched.project, watched.spec.name)
            if key in self._tasks:
                await self._keep(watched)
                continue
            task = asyncio.get_running_loop().create_task(self._guarded(watched))
            self._tasks[key] = task
            task.add_done_callback(lambda _done, key=key: self._tasks.pop(key, None))

    async def rest(self) -> None:
        """Wait for the passes that have begun."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def discover(self) -> list[Watched]:
        """Every monitor of every project; an empty list while the database is away."""
        try:
            rows = await self._parts.store.database.read_soon(list_published)
        except DATABASE_AWAY:
            return []
        return [
            Watched(
                row.project,
                row.project_id,
                read_spec(
                    row.object_id,
                    row.digest,
                    row.val,
                    published_by=row.wb_user_id or "",
                    published_at_us=row.published_at_us,
                ),
            )
            for row in rows
        ]

    async def _guarded(self, watched: Watched) -> None:
        """One pass; what goes wrong is told, and tried again with the next one."""
        name, project_id = watched.spec.name, watched.project_id
        try:
            async with self._slots:
                await self._pass(watched)
        except (StoreAway, *DATABASE_AWAY):
            log.warning("monitor_waits_for_store project=%s monitor=%s", project_id, name)
        except Exception:
            log.exception("monitor_pass_failed project=%s monitor=%s", project_id, name)

    async def _pass(self, watched: Watched) -> None:
        """What one look at new calls comes to.

        1. the lease: nobody else works on this monitor
        2. may it run: switched on, sound, allowed to spend, not paused
        3. new calls: those in the sample are taken on, as far as there is room
        4. verdicts on those that have ended
        5. alerts
        """
        standing = await self._begin(watched)
        if standing is None:
            return
        why, standing = await self._stand(watched, standing)
        self.tally.states[watched.project, watched.spec.name] = why
        if why is not Pause.NONE:
            return
        try:
            visitor = await self._visitor(watched, standing)
            scorers = await self._scorers(watched, visitor)
        except _Unfit as unfit:
            await self._pause(watched, unfit.why, unfit.reason)
            return
        if any(one.model is not None for one in scorers) and not standing.may_spend(
            watched.spec.digest
        ):
            await self._pause(
                watched, Pause.GRANT, "It asks a model, and nobody gave this version a budget yet."
            )
            return
        await self._look_at_new(watched, standing)
        await self._judge(watched, visitor, scorers)
        fresh = await self._standing(watched)
        if fresh is not None:
            await watch_rules(
                self._parts.store, self._parts.clock, self._parts.herald, watched, visitor, fresh
            )

    async def _begin(self, watched: Watched) -> Standing | None:
        """What is known of the monitor, if it is this process's to look after."""
        standing = await self._standing(watched)
        if standing is None and not watched.spec.is_active:
            return None
        return await self._standing(watched) if await self._keep(watched) else None

    async def _keep(self, watched: Watched) -> bool:
        """Take or keep the lease."""
        key, now_us = (watched.project, watched.spec.name), self._now_us()
        until_us = self._leases.get(key, 0)
        if until_us - now_us > LEASE_S * US_PER_S // 2:
            return True
        spec, end_us = watched.spec, now_us + LEASE_S * US_PER_S

        def take(connection: Connection, project: ProjectKey) -> bool:
            ensure(
                connection,
                project,
                spec.name,
                spec.digest,
                seq_before(connection, project, spec.published_at_us),
            )
            is_mine = take_lease(
                connection, project, spec.name, self._owner, now_us=now_us, until_us=end_us
            )
            if is_mine and not until_us:  # whoever had it before is gone, with what it had begun
                lost = fail_begun(connection, project, spec.name, now_us)
                add(connection, project, spec.name, failed=lost)
            return is_mine

        is_mine = await self._parts.store.change(watched.project_id, take)
        self._leases[key] = end_us
        if not is_mine:
            del self._leases[key]
        return is_mine

    async def _stand(self, watched: Watched, standing: Standing) -> tuple[Pause, Standing]:
        """Whether it may run, by what is known; writes down what changed about that."""
        spec, was = watched.spec, standing.pause
        if not spec.is_active:
            if was is not Pause.OFF:
                await self._pause(watched, Pause.OFF, "")
            return Pause.OFF, standing
        if spec.problem:
            if was is not Pause.SCORER or standing.digest != spec.digest:
                await self._pause(watched, Pause.SCORER, spec.problem)
            return Pause.SCORER, standing
        is_changed = standing.digest != spec.digest
        is_over = (
            was is Pause.OFF
            or (was in LASTING and is_changed)
            or (was is Pause.BUDGET and standing.day != utc_day(self._parts.clock))
            or (was is Pause.GRANT and (is_changed or standing.may_spend(spec.digest)))
        )
        if is_changed or is_over:

            def go_on(connection: Connection, project: ProjectKey) -> None:
                change(connection, project, spec.name, digest=spec.digest)
                if is_over:
                    begin = seq_before(connection, project, spec.published_at_us)
                    at = begin if is_changed else newest_seq(connection)
                    resume(connection, project, spec.name, at)

            await self._parts.store.change(watched.project_id, go_on)
            standing = await self._standing(watched) or standing
        return standing.pause, standing

    async def _visitor(self, watched: Watched, standing: Standing) -> Visitor:
        """Whom it runs for: who gave it a budget, or else who published it."""
        user_id = watched.spec.published_by
        if standing.may_spend(watched.spec.digest):
            user_id = standing.granted_by
        try:
            return await self._parts.stewards.visitor(user_id, watched.project_id)
        except WeftError as error:
            raise _Unfit(Pause.OWNER, error.message) from error

    async def _scorers(self, watched: Watched, visitor: Visitor) -> list[Scorer]:
        try:
            found = await read_scorers(self._parts.shelf, visitor, list(watched.spec.scorers))
        except WeftError as error:
            if isinstance(error, StoreAway):
                raise
            remedy = str(error.metadata.get("remedy") or "")
            raise _Unfit(Pause.SCORER, f"{error.message}. {remedy}".strip()) from error
        return bounded(found)

    async def _look_at_new(self, watched: Watched, standing: Standing) -> None:
        parts, spec, now_us = self._parts, watched.spec, self._now_us()
        found = await parts.store.read(
            watched.project_id,
            lambda c, key: scan(c, key, spec, standing, now_us),
            empty=None,
        )
        if found is None or found.position == standing.position:
            return

        def note(connection: Connection, project: ProjectKey) -> None:
            _taken, left = take_on(
                connection, project, spec.name, found.chosen, most=parts.pace.backlog, now_us=now_us
            )
            left += tidy(connection, project, spec.name, found.position, now_us)
            add(connection, project, spec.name, seen=found.seen, skipped=left)
            change(connection, project, spec.name, position=found.position, looked_at_us=now_us)

        await parts.store.change(watched.project_id, note)

    async def _judge(self, watched: Watched, visitor: Visitor, scorers: list[Scorer]) -> None:
        parts, spec = self._parts, watched.spec
        ids = await parts.store.read(
            watched.project_id,
            lambda c, key: list_ready(c, key, spec.name, parts.pace.batch),
            empty=list[str](),
        )
        if not ids:
            return
        purse = Purse(parts.store, parts.clock, watched.project_id, spec.name, spec.digest)
        door = BudgetedDoor(parts.door, parts.charges, purse)
        asker = Asker.acting(visitor.user_id, visitor.name)
        models = ModelAsker(Completions(door, parts.store), parts.prompts, asker, visitor)
        court = Court(parts.store, parts.clock, watched, scorers, Judges(models, parts.ops))
        try:
            self.tally.judged += await court.judge(ids)
        except BudgetGone as gone:
            await self._pause(watched, Pause.BUDGET, f"{gone.message}.")
        except RunRefused as refused:
            self.tally.refused += 1
            remedy = str(refused.metadata.get("remedy") or "")
            await self._pause(watched, Pause.REFUSED, f"{refused.message} {remedy}".strip())
        fresh = await self._standing(watched)
        if fresh is not None and fresh.errors_in_row >= ERRORS:
            reason = f"{fresh.errors_in_row} judgements in a row failed. {fresh.last_error}"
            await self._pause(watched, Pause.ERRORS, reason)

    async def _pause(self, watched: Watched, why: Pause, reason: str) -> None:
        name, now_us = watched.spec.name, self._now_us()

        def stop(connection: Connection, project: ProjectKey) -> None:
            left = pass_over(connection, project, name, now_us)
            add(connection, project, name, skipped=left)
            change(connection, project, name, digest=watched.spec.digest)
            pause(connection, project, name, why, reason, now_us)

        await self._parts.store.change(watched.project_id, stop)
        self.tally.states[watched.project, name] = why
        if why not in {Pause.OFF, Pause.GRANT}:
            log.warning(
                "monitor_paused project=%s monitor=%s why=%s", watched.project_id, name, why.value
            )

    async def _standing(self, watched: Watched) -> Standing | None:
        return await self._parts.store.read(
            watched.project_id, lambda c, key: find_standing(c, key, watched.spec.name), empty=None
        )

    def _now_us(self) -> int:
        return to_us(self._parts.clock.now())


class _Unfit(Exception):
    """A monitor cannot run as it is."""

    def __init__(self, why: Pause, reason: str) -> None:
        super().__init__(reason)
        self.why = why
        self.reason = reason
