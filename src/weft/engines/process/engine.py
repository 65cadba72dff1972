"""One engine that runs as a child process: started, watched, stopped, and started again when it dies.

One owning task, `run`, makes every decision and every change of state; others ask through `want` and `stop`, which only
leave a note. Knows nothing of what the child computes: a `Launch` says how to start and reach it. Invariants: the child
and all that it started are gone before `run` returns; a link to the child exists only while the engine is ready, so
that no request is sent to one that is not.
"""

import asyncio
import math
import secrets
from dataclasses import dataclass

import structlog

from weft.engines.kinds.counting import PromptCounter
from weft.engines.process.life import Backoff, Change, Life
from weft.engines.process.logs import LogRing
from weft.engines.process.spawn import Child, spawn
from weft.engines.queue.places import RETRY_AFTER_S, EngineDown, Places
from weft.engines.types import EngineSnapshot, EngineState, Launch, Link
from weft.kit.clock import Clock
from weft.kit.errors import WeftError
from weft.upstream import HeadTemplate, Origin, Pool, Timeouts, UpstreamError

_SECRET_BYTES = 32
_HEALTH_BYTES = 64 * 1024
_LINES_IN_REASON = 3
_LINES_IN_SNAPSHOT = 50
FAILURES_TO_GIVE_UP = 3

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Timings:
    """How long each stage of an engine's life may take; all in seconds."""

    start_timeout_s: float = 600.0
    """From the start to readiness: a large model is read from a slow disk."""
    probe_every_s: float = 0.05
    probe_timeout_s: float = 2.0
    stop_grace_s: float = 5.0
    """From SIGTERM to SIGKILL."""
    backoff_first_s: float = 0.5
    backoff_max_s: float = 30.0
    stable_s: float = 60.0
    """An engine that was ready for so long begins with the first backoff again."""
    remote_probe_every_s: float = 10.0


class _Failed(Exception):
    """The child died or did not get ready; the text says how."""


class _StopAsked(Exception):
    """Somebody called `stop`."""


class EngineProcess:
    """An engine in a child process."""

    def __init__(
        self,
        name: str,
        launch: Launch,
        places: Places,
        *,
        timings: Timings,
        timeouts: Timeouts,
        clock: Clock,
    ) -> None:
        self.name = name
        self.places = places
        self.link: Link | None = None
        """How to reach it; None while it is not ready."""
        self.life = Life(clock, self._changed)
        self._failures_in_row = 0
        self._launch = launch
        self._timings = timings
        self._timeouts = timeouts
        self._clock = clock
        self._log = LogRing()
        self._backoff = Backoff(timings.backoff_first_s, timings.backoff_max_s, timings.stable_s)
        loop = asyncio.get_running_loop()
        self._wanted: asyncio.Future[None] = loop.create_future()
        self._stop_asked: asyncio.Future[None] = loop.create_future()
        self._child: Child | None = None
        self._pool: Pool | None = None
        self._starts = 0
        self._restart_at_s = 0.0

    # For everybody

    def want(self) -> None:
        """Ask for a start; nothing happens if it was asked for before."""
        if not self._wanted.done():
            self._wanted.set_result(None)

    def stop(self) -> None:
        """Ask for the end of `run`, which ends the child first."""
        if not self._stop_asked.done():
            self._stop_asked.set_result(None)

    @property
    def is_given_up(self) -> bool:
        """Whether it failed so often in a row that nobody should count on it; the restarts go on."""
        return self._failures_in_row >= FAILURES_TO_GIVE_UP

    def refusal(self) -> WeftError:
        """What a request is told while this engine cannot take it."""
        if self._stop_asked.done():
            return EngineDown("The server is shutting down", retry_after_s=RETRY_AFTER_S)
        wait_s = self._restart_at_s - self._clock.monotonic_s()
        return EngineDown(
            "The engine of this model has failed and is about to be started again",
            remedy="retry after the stated time",
            retry_after_s=max(1, math.ceil(wait_s)),
        )

    def snapshot(self, model: str) -> EngineSnapshot:
        """This engine now."""
        last = self.life.last
        starting = self._child if last.state is EngineState.STARTING else None
        return EngineSnapshot(
            name=self.name,
            model=model,
            state=last.state,
            since=last.at,
            reason=starting.note if starting else last.reason,
            pid=self._child.pid if self._child else None,
            in_flight=self.places.in_flight,
            max_in_flight=self.places.limit,
            waiting=self.places.waiting,
            restarts=max(0, self._starts - 1),
            history=tuple(change.state for change in self.life.history),
            log=self._log.tail(_LINES_IN_SNAPSHOT),
        )

    # The owning task

    async def run(self) -> None:
        """Own this engine until `stop` is called. Started once, in a task of the pool's."""
        try:
            await self._first_of(self._wanted)
            while True:
                await self._live()
                await self._first_of(timeout_s=self._restart_at_s - self._clock.monotonic_s())
        except _StopAsked:
            self.places.shut(self.refusal)
            if self.life.state is EngineState.FAILED:
                self.life.to(EngineState.STOPPED)
        finally:
            if self._child is not None:  # cancelled: no time left for manners
                self._child.abandon()

    async def _live(self) -> None:
        """One life of the child, from its start to its failure.

        Raises:
            _StopAsked: once the child is gone.
        """
        self._starts += 1
        self.life.to(EngineState.STARTING)
        ready_at_s: float | None = None
        try:
            child = await self._start()
            ready_at_s = self._clock.monotonic_s()
            self.life.to(EngineState.READY)
            await self._first_of(child.exited)
            reason = child.describe_end()
        except _StopAsked:
            self.life.to(EngineState.STOPPING)
            await self._clear()
            self.life.to(EngineState.STOPPED)
            raise
        except (_Failed, OSError) as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - the owning task: a bug here must not end the other engines
            _log.exception("engine_supervision_failed", engine=self.name)
            reason = f"its supervision failed: {error!r}"
        self._fail(reason, 0.0 if ready_at_s is None else self._clock.monotonic_s() - ready_at_s)
        await self._clear()

    async def _start(self) -> Child:
        """Start the child and wait until it can work.

        Raises:
            _Failed: it ended, or took too long.
            OSError: it could not be started at all.
        """
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + self._timings.start_timeout_s
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        launch = self._launch
        child = self._child = await spawn(
            launch.argv, secret=secret, log=self._log, passed=launch.passed
        )
        await self._first_of(child.exited, child.announced, timeout_s=deadline_s - loop.time())
        if not child.announced.done():
            raise _Failed(_why(child, child.note or "it did not say where it listens"))
        origin = Origin(child.host, child.announced.result())
        self._pool = Pool(
            origin,
            timeouts=self._timeouts,
            reuse_after_stream=self._launch.reuse_after_stream,
        )
        authorization = (b"Authorization", b"Bearer " + secret.encode())
        health = HeadTemplate(
            "GET", self._launch.health_path, host=origin.authority, headers=(authorization,)
        ).render(None)
        while not await self._is_healthy(self._pool, health):
            await self._first_of(child.exited, timeout_s=self._timings.probe_every_s)
            if child.exited.done() or loop.time() > deadline_s:
                raise _Failed(_why(child, "it did not become ready"))
        self.link = self._link_to(self._pool, origin, authorization)
        return child

    def _link_to(self, pool: Pool, origin: Origin, authorization: tuple[bytes, bytes]) -> Link:
        launch = self._launch
        headers = (authorization, (b"Content-Type", b"application/json"), *launch.headers)

        def head(path: str) -> HeadTemplate:
            return HeadTemplate("POST", path, host=origin.authority, headers=headers)

        counting = launch.counting
        counter = None if counting is None else PromptCounter(counting, pool, head)
        heads = {endpoint: head(path) for endpoint, path in launch.paths.items()}
        return Link(pool, heads, counter)

    async def _is_healthy(self, pool: Pool, head: bytes) -> bool:
        try:
            async with asyncio.timeout(self._timings.probe_timeout_s):
                response = await pool.send(head)
                await response.read(_HEALTH_BYTES)
        except (UpstreamError, TimeoutError) as error:
            _log.debug("engine_probed", engine=self.name, trouble=str(error) or "no answer in time")
            return False
        _log.debug("engine_probed", engine=self.name, status=response.status)
        return response.status == 200

    def _fail(self, reason: str, ready_for_s: float) -> None:
        stable = ready_for_s >= self._timings.stable_s
        self._failures_in_row = 1 if stable else self._failures_in_row + 1
        delay_s = self._backoff.after_failure(ready_for_s)
        self._restart_at_s = self._clock.monotonic_s() + delay_s
        lines = self._log.tail(_LINES_IN_REASON)
        self.life.to(
            EngineState.FAILED, ": ".join((reason, " / ".join(lines))) if lines else reason
        )

    async def _clear(self) -> None:
        """End what is left of this life: connections, child, grandchildren."""
        self.link = None
        pool, self._pool = self._pool, None
        if pool is not None:
            try:
                await pool.close()
            except TimeoutError:
                _log.warning("engine_connections_lingered", engine=self.name)
        if self._child is not None:
            await self._child.end(self._timings.stop_grace_s)
            self._child = None

    async def _first_of(
        self, *futures: asyncio.Future[None] | asyncio.Future[int], timeout_s: float | None = None
    ) -> None:
        """Wait until one of `futures` is done or the time is over.

        Raises:
            _StopAsked: somebody called `stop`, before or meanwhile.
        """
        await asyncio.wait(
            (self._stop_asked, *futures),
            timeout=None if timeout_s is None else max(0.0, timeout_s),
            return_when=asyncio.FIRST_COMPLETED,
        )
        if self._stop_asked.done():
            raise _StopAsked

    def _changed(self, change: Change) -> None:
        """Open the places while ready; let requests wait during a start, and send them away otherwise."""
        match change.state:
            case EngineState.READY:
                self.places.open()
            case EngineState.STOPPED | EngineState.STARTING:
                self.places.shut()
            case EngineState.FAILED | EngineState.STOPPING:
                self.link = None
                self.places.shut(self.refusal)
        _log.info(
            "engine_state_changed",
            engine=self.name,
            state=change.state.value,
            reason=change.reason or None,
        )


def _why(child: Child, otherwise: str) -> str:
    return child.describe_end() if child.exited.done() else otherwise
