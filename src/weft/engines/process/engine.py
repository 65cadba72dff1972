"""One replica that runs as a child process: started, watched, put to sleep, and started again when it dies.

One owning task, `run`, makes every decision and every change of state; others ask through `want`, `rest` and `stop`,
which only leave a note. Knows nothing of what the child computes: a `Launch` says how to start and reach it. A child
that lives and does not answer for its health is drained and then started anew. Invariants: the child and all that it
started are gone before the state is stopped, and before `run` returns; a link to the child exists only while the engine
is ready, so that no request is sent to one that is not.
"""

import asyncio
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from weft.engines.kinds.counting import PromptCounter
from weft.engines.process.life import Backoff, Life
from weft.engines.process.logs import LogRing
from weft.engines.process.spawn import Child, spawn
from weft.engines.queue.places import RETRY_AFTER_S, EngineDown
from weft.engines.queue.slots import Door, Slots
from weft.engines.types import Change, EngineSnapshot, EngineState, Launch, Link
from weft.kit.clock import Clock
from weft.kit.errors import WeftError
from weft.upstream import HeadTemplate, Origin, Pool, Timeouts, UpstreamError

_SECRET_BYTES = 32
_HEALTH_BYTES = 64 * 1024
_LINES_IN_REASON = 3
DRAIN_LOOK_S = 0.1
FAILURES_TO_GIVE_UP = 3
SHORT_WAIT_S = 5.0
"""A start that is no further away is waited for."""
UNWELL_TO_FAIL = 3
"""Questions after its health in a row that a ready engine may leave without a good answer."""

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
    health_every_s: float = 5.0
    """How often a ready engine is asked how it is."""
    health_timeout_s: float = 5.0
    drain_s: float = 30.0
    """What the requests of an engine that is no longer well have to finish."""


class _Failed(Exception):
    """The child died or did not get ready; the text says how."""


class _EndAsked(Exception):
    """Somebody called `stop`, or `rest`."""


class EngineProcess:
    """An engine in a child process."""

    def __init__(
        self,
        slots: Slots,
        launch: Launch,
        *,
        timings: Timings,
        timeouts: Timeouts,
        clock: Clock,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; `on_change` hears of every change of state, after it was made."""
        self.name = slots.name
        self.slots = slots
        self.link: Link | None = None
        self.life = Life(clock, self._changed)
        self.gpus: tuple[int, ...] = ()
        """The devices that it may use; chosen before each start."""
        self.ready_at_s = 0.0
        self.load_s = 0.0
        self._on_change = on_change
        self._failures_in_row = 0
        self._launch, self._timings = launch, timings
        self._timeouts = timeouts
        self._clock = clock
        self._log = LogRing()
        self._backoff = Backoff(timings.backoff_first_s, timings.backoff_max_s, timings.stable_s)
        loop = asyncio.get_running_loop()
        self._wanted: asyncio.Future[None] = loop.create_future()
        self._rest_asked: asyncio.Future[None] = loop.create_future()
        self._stop_asked: asyncio.Future[None] = loop.create_future()
        self._suspected: asyncio.Future[None] = loop.create_future()
        self._child: Child | None = None
        self._pool: Pool | None = None
        self._health = b""
        self._starts = 0
        self._restart_at_s = 0.0

    # For everybody

    def want(self) -> None:
        """Ask for a start; nothing happens if it was asked for before."""
        if not self._wanted.done():
            self._wanted.set_result(None)
            if not self.is_stopping:
                self.slots.coming()

    def rest(self) -> None:
        """Ask for the end of the child, until the next `want`."""
        if self._wanted.done() and not self._rest_asked.done():
            self._rest_asked.set_result(None)
            self.slots.leave()

    def stop(self) -> None:
        """Ask for the end of `run`, which ends the child first."""
        if not self._stop_asked.done():
            self._stop_asked.set_result(None)

    def suspect(self, *, is_unreachable: bool) -> None:
        """A request lost it: ask after its health now; where it cannot be reached, send nobody before the answer."""
        if self.slots.is_open:
            if not self._suspected.done():
                self._suspected.set_result(None)
            if is_unreachable:
                self.slots.coming()

    @property
    def is_wanted(self) -> bool:
        """Whether it runs, or is going to."""
        return self._wanted.done() and not self._rest_asked.done()

    @property
    def is_stopping(self) -> bool:
        """Whether it still has to end before it can start."""
        return self._wanted.done() and self._rest_asked.done()

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
            in_flight=self.slots.in_flight,
            max_in_flight=self.slots.limit,
            restarts=max(0, self._starts - 1),
            history=self.life.states,
            log=self._log.tail(),
            log_end=self._log.written,
            failure=self.life.failure,
        )

    # The owning task

    async def run(self) -> None:
        """Own this engine until `stop` is called. Started once, in a task of the pool's."""
        try:
            while not self._stop_asked.done():
                await self._round()
        finally:
            if self._child is not None:  # cancelled: no time left for manners
                self._child.abandon()

    async def _round(self) -> None:
        """From a wish to its end: by `rest`, after which there may be another one, or by `stop`."""
        try:
            await self._first_of(self._wanted)
            while True:
                await self._live()
                await self._first_of(timeout_s=self._restart_at_s - self._clock.monotonic_s())
        except _EndAsked:
            if self.life.state is EngineState.FAILED:
                self.life.to(EngineState.STOPPED)
        if self._stop_asked.done():
            self.slots.refuse(self.refusal)
            return
        loop = asyncio.get_running_loop()
        self._wanted, self._rest_asked = loop.create_future(), loop.create_future()
        self.slots.leave()
        self._on_change()

    async def _live(self) -> None:
        """One life of the child, from its start to its failure.

        Raises:
            _EndAsked: once the child is gone.
        """
        self._starts += 1
        self.life.to(EngineState.STARTING)
        began_at_s = self._clock.monotonic_s()
        ready_at_s: float | None = None
        try:
            child = await self._start()
            ready_at_s = self.ready_at_s = self._clock.monotonic_s()
            self.load_s = ready_at_s - began_at_s
            self.life.to(EngineState.READY)
            reason = await self._watch(child)
        except _EndAsked:
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

    async def _watch(self, child: Child) -> str:
        """Why a ready engine is one no more: it ended, or it does not answer for its health.

        Raises:
            _EndAsked: somebody called `stop` or `rest`.
        """
        assert self._pool is not None, "a ready engine has connections"
        unwell = 0
        while unwell < UNWELL_TO_FAIL:
            self._suspected = asyncio.get_running_loop().create_future()
            pause_s = self._timings.health_every_s / (1 if not unwell else 5)
            await self._first_of(child.exited, self._suspected, timeout_s=pause_s)
            if child.exited.done():
                return child.describe_end()
            well = await self._is_healthy(self._pool, self._health, self._timings.health_timeout_s)
            unwell = 0 if well else unwell + 1
            if well and self.slots.door is Door.COMING:
                self.slots.open()
        _log.warning("engine_unwell", engine=self.name, in_flight=self.slots.in_flight)
        self.slots.coming()  # drained: what it works on may end, nothing new is sent to it
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + self._timings.drain_s
        while self.slots.in_flight and loop.time() < deadline_s and not child.exited.done():
            await self._first_of(child.exited, timeout_s=DRAIN_LOOK_S)
        return "it did not answer for its health"

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
            launch.argv, secret=secret, log=self._log, passed=launch.passed, gpus=self.gpus
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
        health = self._health = HeadTemplate(
            "GET", self._launch.health_path, host=origin.authority, headers=(authorization,)
        ).render(None)
        while not await self._is_healthy(self._pool, health, self._timings.probe_timeout_s):
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

    async def _is_healthy(self, pool: Pool, head: bytes, timeout_s: float) -> bool:
        try:
            async with asyncio.timeout(timeout_s):
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
            _EndAsked: somebody called `stop` or `rest`, before or meanwhile.
        """
        await asyncio.wait(
            (self._stop_asked, self._rest_asked, *futures),
            timeout=None if timeout_s is None else max(0.0, timeout_s),
            return_when=asyncio.FIRST_COMPLETED,
        )
        if self._stop_asked.done() or self._rest_asked.done():
            raise _EndAsked

    def _is_back_soon(self) -> bool:
        """Whether a failure is worth waiting out: for a request, a short wait is better than an error."""
        wait_s = self._restart_at_s - self._clock.monotonic_s()
        return not self.is_given_up and wait_s <= SHORT_WAIT_S

    def _changed(self, change: Change) -> None:
        """Open the slots while ready; let requests wait for a start, and send them away where none is near."""
        match change.state:
            case EngineState.READY:
                self.slots.open()
            case EngineState.STARTING:
                self.slots.coming()
            case EngineState.FAILED:
                self.link = None
                if self._is_back_soon():
                    self.slots.coming()
                else:
                    self.slots.refuse(self.refusal)
            case EngineState.STOPPING | EngineState.STOPPED:
                self.link = None
                if self._stop_asked.done():
                    self.slots.refuse(self.refusal)
                else:
                    self.slots.leave()
        _log.info(
            "engine_state_changed",
            engine=self.name,
            state=change.state.value,
            reason=change.reason or None,
        )
        self._on_change()


def _why(child: Child, otherwise: str) -> str:
    return child.describe_end() if child.exited.done() else otherwise
