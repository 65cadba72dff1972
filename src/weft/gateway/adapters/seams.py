"""What the flow asks of whoever knows models by other names, and of whoever runs them.

`gateway.adapters` and `engines.pool` are the usual ones. `app` may hand in others that know more names and reach more
servers: the flow is the same for them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from weft.catalog.types import ModelCard
from weft.engines.types import Lease, Outlook, Route
from weft.identity.types import Principal
from weft.upstream import Response

Send = Callable[[bytes], Awaitable[Response]]
"""Sends one body to the engine of a lease and checks that it answers with success."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a request asks for by a name that is no model's id."""

    card: ModelCard
    names: tuple[str, ...]
    """All that this caller may call it; what keys are restricted to."""


class OtherNames(Protocol):
    """Knows names that are no model's id: those with a colon."""

    async def find(self, principal: Principal, model: str) -> Named:
        """What `model` names for this caller.

        Raises:
            WeftError: nothing that they may use.
        """
        ...

    async def route(self, named: Named) -> Route:
        """What answers for it.

        Raises:
            WeftError: nothing can.
        """
        ...

    def sender(self, lease: Lease, route: Route, send: Send) -> Send:
        """How a request for `route` is sent, where it takes more than `send`."""
        ...


class Runners(Protocol):
    """Knows where models run, and lends places there; see `engines.pool.Engines`."""

    @property
    def cold_stream_timeout_s(self) -> float:
        """How long a stream may wait for a model that is being loaded."""
        ...

    def find_route(self, card: ModelCard) -> Route:
        """What answers for `card`."""
        ...

    def try_lease(self, route: Route, payload: bytes = b"") -> Lease | None:
        """A place without waiting; None where there is none."""
        ...

    async def lease(
        self,
        route: Route,
        *,
        project: str = "",
        weight: float = 1.0,
        payload: bytes = b"",
        timeout_s: float | None = None,
    ) -> Lease:
        """A place, once there is one."""
        ...

    def outlook(self, route: Route) -> Outlook:
        """What a request that comes now has to expect."""
        ...

    async def count_prompt(self, route: Route, payload: bytes) -> int | None:
        """How many tokens a request's prompt has; None where nobody can tell."""
        ...
