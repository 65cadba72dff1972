"""Asks an engine on behalf of this server itself, as the door would for a client.

Owns nothing but the order of the steps: a client's words are checked, put into the engine's, sent, and its answer is
put back (`errands/chat.py`, `relay.py`), so that whatever the door makes up for is made up for here too. No
identity, limit, hold or record: whoever calls has the lease, and nobody pays. Invariant: when a call returns or raises,
the engine's work for it has been stopped.
"""

import dataclasses
from dataclasses import dataclass
from typing import Never

from weft.catalog.types import Capabilities, ModelCard
from weft.engines.probes.types import BadAnswer, NoAnswer, Refused
from weft.engines.types import Endpoint, Lease, Route
from weft.gateway import engine_errors
from weft.gateway.errands.chat import ChatErrand
from weft.gateway.meter import Meter
from weft.gateway.relay import StreamBroken
from weft.gateway.source import MergedSource, SingleSource, Source, Take
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.capabilities import check_capabilities
from weft.kit.errors import EngineFailed, EngineTimeout, Overloaded, WeftError
from weft.upstream import Response, UpstreamError

MAX_ANSWER_BYTES = 8 * 1024 * 1024
_REQUEST_ID = "req_probe"
_CREATED = 1
_EVERYTHING = Capabilities(tools=True, vision=True, lora=True)


class _Enough(Exception):
    """The first token is there."""


@dataclass(frozen=True, slots=True)
class EngineAsker:
    """Carries requests of this server's own; see `engines.probes.types.Asker`."""

    bounds: Bounds

    async def ask(self, route: Route, lease: Lease, payload: bytes) -> bytes:
        """See `Asker.ask`."""
        try:
            return await _answer(self._checked(route, payload), route, lease)
        except WeftError as error:
            _tell(error)
        except UpstreamError as error:
            raise NoAnswer(str(error)) from error

    async def begin(self, route: Route, lease: Lease, payload: bytes) -> None:
        """See `Asker.begin`."""
        try:
            await _begin(self._checked(route, payload), route, lease)
        except WeftError as error:
            _tell(error)
        except UpstreamError as error:
            raise NoAnswer(str(error)) from error

    def count_body(self, route: Route, payload: bytes) -> bytes:
        """See `Asker.count_body`."""
        try:
            body, *_ = self._checked(route, payload).bodies(route)
        except WeftError as error:
            _tell(error)
        return body

    def _checked(self, route: Route, payload: bytes) -> ChatErrand:
        """The request, if the engine can be told all of it; what the card claims does not matter here."""
        errand = ChatErrand.read(payload, self.bounds)
        check_capabilities(errand.request, _claiming_all(route.card), route.quirks)
        return errand


async def _answer(errand: ChatErrand, route: Route, lease: Lease) -> bytes:
    bodies = errand.bodies(route)
    imprint = errand.imprint(route, _REQUEST_ID, _CREATED)
    if len(bodies) == 1 and errand.comes_whole(route):
        response = await _send(lease, bodies[0])
        raw = await response.read(MAX_ANSWER_BYTES)
        return errand.finish(route, raw, imprint, Meter())
    relay = errand.relay(route, imprint, [Meter() for _ in bodies])
    parts: list[bytes] = []
    size = 0

    def take(index: int, events: bytes) -> bool:
        nonlocal size
        parts.append(relay.feed(index, events))
        size += len(parts[-1])
        if size > MAX_ANSWER_BYTES:
            raise EngineFailed("the engine sent far more than was asked for")
        return False

    await _pump(await _source(lease, bodies), take)
    parts.append(relay.finish())
    return b"".join(parts)


async def _begin(errand: ChatErrand, route: Route, lease: Lease) -> None:
    bodies = errand.bodies(route)
    meters = [Meter() for _ in bodies]
    relay = errand.relay(route, errand.imprint(route, _REQUEST_ID, _CREATED), meters)

    def take(index: int, events: bytes) -> bool:
        relay.feed(index, events)
        if any(meter.deltas or meter.reasoning_deltas for meter in meters):
            raise _Enough
        return False

    try:
        await _pump(await _source(lease, bodies), take)
    except _Enough:
        return


async def _source(lease: Lease, bodies: tuple[bytes, ...]) -> Source:
    if len(bodies) == 1:
        return SingleSource(await _send(lease, bodies[0]))

    async def send(body: bytes) -> Response:
        return await _send(lease, body)

    return MergedSource(send, bodies)


async def _pump(source: Source, take: Take) -> None:
    try:
        await source.pump(take, _never_full)
    except StreamBroken as broken:
        raise broken.error from broken.error.__cause__
    finally:
        source.abort()


async def _never_full() -> None:
    """There is always room: `take` never asks for a pause."""


async def _send(lease: Lease, body: bytes) -> Response:
    """One request to the engine.

    Raises:
        UpstreamError: it cannot be reached.
        Refused: it did not answer with success.
        NoAnswer: it has no room at the moment.
    """
    response = await lease.pool.send(lease.heads[Endpoint.CHAT].render(len(body)), body)
    if response.status == 200:
        return response
    raw = await response.read(engine_errors.MAX_ERROR_BYTES)
    error = engine_errors.from_status(response.status, raw)
    told = error.metadata.get("engine")
    text = told if isinstance(told, str) else error.message
    if isinstance(error, Overloaded | EngineTimeout) or response.status in (401, 403):
        raise NoAnswer(f"the engine answered {response.status}: {text}")
    raise Refused(response.status, text)


def _tell(error: WeftError) -> Never:
    """The same in the words of probes."""
    if isinstance(error, Overloaded | EngineTimeout) or isinstance(error.__cause__, UpstreamError):
        raise NoAnswer(error.message) from error
    if error.status < 500:
        raise Refused(error.status, error.message) from error
    raise BadAnswer(error.message) from error


def _claiming_all(card: ModelCard) -> ModelCard:
    policy = card.capabilities.reasoning
    return dataclasses.replace(
        card, capabilities=dataclasses.replace(_EVERYTHING, reasoning=policy)
    )
