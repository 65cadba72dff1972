"""An engine that somebody else runs: any server that speaks the OpenAI API, such as vLLM or SGLang.

Owns the connections to it and an opinion on whether it is up: a light request every few seconds. Knows nothing of what
it runs on. Invariant: the opinion is only told, never acted on: requests are sent also to a server that seems to be
down, and fail by themselves if it is.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from weft.catalog.types import ModelCard, RemoteSpec
from weft.engines.kinds.counting import PromptCounter, vllm
from weft.engines.process.engine import Timings
from weft.engines.process.life import Life
from weft.engines.queue.places import RETRY_AFTER_S, EngineDown
from weft.engines.queue.slots import Slots
from weft.engines.types import Change, Endpoint, EngineSnapshot, EngineState, Link, Plan, Quirks
from weft.kit.clock import Clock
from weft.kit.errors import CannotStart, WeftError
from weft.upstream import HeadTemplate, Origin, Pool, Timeouts, UpstreamError

QUIRKS = Quirks(endpoints=frozenset(Endpoint) - {Endpoint.RENDER})
_PROBE_BYTES = 4 * 1024 * 1024
_KEY_BYTES = 16 * 1024

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def plan(card: ModelCard, spec: RemoteSpec) -> Plan:
    """How `card` is reached."""
    return Plan(
        kind="remote",
        quirks=QUIRKS,
        served_model=spec.served_model or card.id,
        max_in_flight=spec.max_in_flight,
    )


class RemoteEngine:
    """A server at a URL."""

    def __init__(
        self,
        slots: Slots,
        spec: RemoteSpec,
        *,
        timings: Timings,
        timeouts: Timeouts,
        clock: Clock,
    ) -> None:
        """Prepare; nothing is sent before `run`.

        Raises:
            CannotStart: the URL, the key or a header cannot be used.
        """
        self.name = slots.name
        self.slots = slots
        self.gpus: tuple[int, ...] = ()
        self.ready_at_s = 0.0
        self.load_s = 0.0
        """It is never loaded here."""
        self.life = Life(clock, self._changed)
        self._timings = timings
        self._server = _reach(self.name, spec, timeouts)
        self._pool = self._server.pool
        self.link: Link | None = Link(self._pool, self._server.heads, self._server.counter)
        loop = asyncio.get_running_loop()
        self._wanted: asyncio.Future[None] = loop.create_future()
        self._stop_asked: asyncio.Future[None] = loop.create_future()
        slots.open()

    # For everybody

    def want(self) -> None:
        """Ask for the probes to begin."""
        if not self._wanted.done():
            self._wanted.set_result(None)

    def rest(self) -> None:
        """Nothing: it is not ours to end."""

    def suspect(self, *, is_unreachable: bool) -> None:
        """Nothing: requests are sent to it whatever is thought of it."""

    @property
    def is_wanted(self) -> bool:
        """Whether the probes began."""
        return self._wanted.done()

    @property
    def is_stopping(self) -> bool:
        """Never: it holds nothing here."""
        return False

    def stop(self) -> None:
        """Ask for the end of `run`."""
        if not self._stop_asked.done():
            self._stop_asked.set_result(None)

    @property
    def is_given_up(self) -> bool:
        """Whether it does not answer."""
        return self.life.state is EngineState.FAILED

    def refusal(self) -> WeftError:
        """What a request is told after `stop`."""
        return EngineDown("The server is shutting down", retry_after_s=RETRY_AFTER_S)

    def snapshot(self, model: str) -> EngineSnapshot:
        """This engine now."""
        last = self.life.last
        return EngineSnapshot(
            name=self.name,
            model=model,
            state=last.state,
            since=last.at,
            reason=last.reason,
            pid=None,
            in_flight=self.slots.in_flight,
            max_in_flight=self.slots.limit,
            restarts=0,
            history=self.life.states,
            log=(),
            failure=self.life.failure,
        )

    # The owning task

    async def run(self) -> None:
        """Probe until `stop` is called. Started once, in a task of the pool's."""
        await self._rest(self._wanted)
        while not self._stop_asked.done():
            trouble = await self._probe()
            _log.debug("engine_probed", engine=self.name, trouble=trouble or None)
            self._note(trouble)
            await self._rest(timeout_s=self._timings.remote_probe_every_s)
        self.slots.refuse(self.refusal)
        self.link = None
        if self.life.state is EngineState.READY:
            self.life.to(EngineState.STOPPING)
        try:
            await self._pool.close()
        except TimeoutError:
            _log.warning("engine_connections_lingered", engine=self.name)
        if self.life.state is not EngineState.STOPPED:
            self.life.to(EngineState.STOPPED)

    async def _probe(self) -> str:
        """Why the server cannot be used. Silence counts when it is there twice in a row.

        This process may have been busy itself, above all while it starts: it would tell everybody that the model does
        not run, until the next probe.
        """
        timeout_s = self._timings.probe_timeout_s
        trouble = await self._server.probe(timeout_s)
        return await self._server.probe(timeout_s) if trouble == _silence(timeout_s) else trouble

    def _note(self, trouble: str) -> None:
        state = self.life.state
        if trouble and state is EngineState.FAILED:
            return
        if not trouble and state is EngineState.READY:
            return
        if state in (EngineState.STOPPED, EngineState.FAILED):
            self.life.to(EngineState.STARTING)
        self.life.to(EngineState.FAILED if trouble else EngineState.READY, trouble)

    async def _rest(self, *futures: asyncio.Future[None], timeout_s: float | None = None) -> None:
        """Wait for one of `futures`, the end of the time, or a call of `stop`."""
        await asyncio.wait(
            (self._stop_asked, *futures), timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
        )

    def _changed(self, change: Change) -> None:
        _log.info(
            "engine_state_changed",
            engine=self.name,
            state=change.state.value,
            reason=change.reason or None,
        )


@dataclass(frozen=True, slots=True)
class _Server:
    """How to reach one server."""

    pool: Pool
    probe_head: bytes
    heads: Mapping[Endpoint, HeadTemplate]
    counter: PromptCounter

    async def probe(self, timeout_s: float) -> str:
        """Why the server cannot be used; empty when it can."""
        try:
            async with asyncio.timeout(timeout_s):
                response = await self.pool.send(self.probe_head)
                await response.read(_PROBE_BYTES)
        except TimeoutError:
            return _silence(timeout_s)
        except UpstreamError as error:
            return str(error)
        if response.status in (401, 403):
            return f"it refused this server's key ({response.status})"
        return f"it answered {response.status}" if response.status >= 500 else ""


def _silence(timeout_s: float) -> str:
    return f"no answer within {timeout_s:g} s"


async def probe_once(name: str, spec: RemoteSpec, timeout_s: float) -> str:
    """Why the server of `spec` cannot be used, by one light request; empty when it can. `name` is for the error.

    Raises:
        CannotStart: the URL, the key or a header cannot be used.
    """
    server = _reach(name, spec, Timeouts(connect_s=timeout_s, first_byte_s=timeout_s))
    try:
        return await server.probe(timeout_s)
    finally:
        with contextlib.suppress(TimeoutError):  # a socket that lingers says nothing of the server
            await server.pool.close()


def _reach(name: str, spec: RemoteSpec, timeouts: Timeouts) -> _Server:
    try:
        origin, prefix = Origin.parse(spec.url)
        origin = replace(origin, ca_file=spec.ca_file or None)
        headers = _headers(spec)
        probe_head = HeadTemplate(
            "GET", f"{prefix}/models", host=origin.authority, headers=headers
        ).render(None)
        posted = [*headers, (b"Content-Type", b"application/json")]

        def post(path: str) -> HeadTemplate:
            return HeadTemplate("POST", path, host=origin.authority, headers=posted)

        pool = Pool(origin, timeouts=timeouts)
        counting = vllm(_path(prefix, Endpoint.TOKENIZE))
        counter = PromptCounter(counting, pool, post)
        heads = {endpoint: post(_path(prefix, endpoint)) for endpoint in Endpoint}
        return _Server(pool, probe_head, heads, counter)
    except (ValueError, OSError) as error:  # ssl.SSLError is an OSError
        raise CannotStart(f"{name}: {error}") from error


def _path(prefix: str, endpoint: Endpoint) -> str:
    """Where the server has `endpoint`: below the version part, or beside it for what OpenAI does not have."""
    if not endpoint.startswith("/v1/"):
        return prefix.removesuffix("/v1") + endpoint.value
    return prefix + endpoint.value.removeprefix("/v1")


def _headers(spec: RemoteSpec) -> list[tuple[bytes, bytes]]:
    """The card's own headers, and its key unless they carry one.

    Raises:
        OSError: the key's file cannot be read.
        ValueError: it is empty, or a header is no text.
    """
    headers = [(name.encode(), value.encode()) for name, value in spec.headers.items()]
    key = spec.api_key
    if spec.api_key_file:
        with Path(spec.api_key_file).open(encoding="utf-8") as file:
            key = file.read(_KEY_BYTES).strip()
        if not key:
            raise ValueError(f"the key file {spec.api_key_file} is empty")
    if key and not any(name.lower() == b"authorization" for name, _ in headers):
        headers.append((b"Authorization", b"Bearer " + key.encode()))
    return headers
