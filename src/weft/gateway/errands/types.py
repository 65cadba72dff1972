"""The seam between the flow and what is asked for: all in which one endpoint differs from another.

An errand is one request, decoded and judged. The flow (`gateway/flow.py`) is the same for every kind: it knows who
asks, what it may cost, and when a record is durable; an errand knows what the words mean. Invariant: an errand never
waits and never changes after it was made.
"""

from collections.abc import Callable
from typing import ClassVar, Protocol

from weft.engines.types import Endpoint, Route
from weft.gateway.estimate import Estimate
from weft.gateway.meter import Meter
from weft.gateway.relay import Relay
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.rewrite import Imprint


class Errand(Protocol):
    """One request, as far as the flow has to know it."""

    endpoint: ClassVar[Endpoint]
    """What it asks of an engine."""
    is_countable: ClassVar[bool]
    """Whether an engine can be asked for the exact length of its prompt."""

    @property
    def model(self) -> str:
        """The name that the client asked for."""
        ...

    @property
    def said_in(self) -> str:
        """The field that the prompt is in."""
        ...

    @property
    def is_stream(self) -> bool:
        """Whether the client wants the answer as it comes."""
        ...

    @property
    def prompts(self) -> int:
        """How many different prompts its engine requests have: each counts once, whatever it is fanned out into."""
        ...

    def check(self, route: Route) -> None:
        """Raise Unprocessable, with the parameter's name, for what the model or its engine cannot do."""
        ...

    def ignored(self, route: Route) -> tuple[str, ...]:
        """The names of the parameters that a stand-in leaves out."""
        ...

    def estimate(self, route: Route) -> Estimate:
        """The most that it can use."""
        ...

    def bodies(
        self, route: Route, *, ignored: tuple[str, ...] = (), output_limit: int | None = None
    ) -> tuple[bytes, ...]:
        """What the engine gets: one body or several, of which each is a request of its own."""
        ...

    def steps(self, route: Route) -> tuple[Endpoint, ...]:
        """Where the engine is asked, one after the other; only what comes whole takes several steps."""
        ...

    def next_body(self, raw: bytes) -> bytes:
        """What the engine gets at the next step, when it answered `raw` at this one.

        Raises:
            EngineFailed: that is no such answer.
        """
        ...

    def comes_whole(self, route: Route) -> bool:
        """Whether a single engine request of its is answered in one piece."""
        ...

    def imprint(self, route: Route, request_id: str, created: int) -> Imprint:
        """What each piece of the answer carries, where it is changed at all."""
        ...

    def relay(self, route: Route, imprint: Imprint, meters: list[Meter]) -> Relay:
        """What turns the engine's events into the client's bytes."""
        ...

    def finish(self, route: Route, raw: bytes, imprint: Imprint, meter: Meter) -> bytes:
        """An engine's whole answer as the client gets it, counted.

        Raises:
            EngineFailed: `raw` is no such answer.
        """
        ...


Read = Callable[[bytes, Bounds], Errand]
"""Makes an errand of a request's body; raises a WeftError where that is malformed or too large."""
