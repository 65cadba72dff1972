"""A probe that an operator asks for: whether it can be made, and how long it may take.

Owns the refusals. Invariant: whoever asks gets an answer within `ASKED_S`, and no model is woken.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from weft.catalog.badges.types import Badge
from weft.engines.probes.schedule import can_be_probed
from weft.engines.types import Route
from weft.kit.errors import EngineTimeout, WeftError

ASKED_S = 1800.0
"""A whole suite, and a turn of another model before it."""

Probe = Callable[[Route], Awaitable[Sequence[Badge]]]
"""Probes a model when its turn has come; `Prober.probe`."""


class CannotProbe(WeftError):
    """Nothing that could be probed runs here under this name."""

    status = 409
    type = "invalid_request_error"
    code = "cannot_probe"


class Awake(Protocol):
    """What is asked of the pool."""

    def is_awake(self, route: Route) -> bool:
        """Whether a request for `route` would be taken at once, if there is a place."""
        ...


async def probe_when_asked(pool: Awake, probe: Probe, route: Route) -> Sequence[Badge]:
    """Probe a model now; its badges after that.

    Raises:
        CannotProbe: it sleeps, it does not chat, or another one answers in its place.
        EngineTimeout: it took too long.
    """
    name = route.asked.id
    if route.is_stand_in:
        raise CannotProbe(
            f"{name} does not run here: {route.card.id} answers in its place",
            remedy=f"`weft models show {name}` says what it needs",
        )
    if not can_be_probed(route):
        raise CannotProbe(
            f"{name} is not probed: it does not answer chats",
            remedy="name a chat model; of others nothing is probed",
        )
    if not pool.is_awake(route):
        raise CannotProbe(
            f"{name} is not awake, and a probe wakes nobody",
            remedy=f"load it and wait until it is ready, as `weft models probe {name}` does",
        )
    try:
        async with asyncio.timeout(ASKED_S):
            return await probe(route)
    except TimeoutError as error:
        raise EngineTimeout(
            f"probing {name} took longer than {ASKED_S:g} s",
            remedy="try again when the models of this server have less to do",
        ) from error
