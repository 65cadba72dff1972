"""A chat completion: what the hot path asks for.

Owns no rule: it hands the flow's questions to the parts of `wire` that answer them for chats. `payload` is what the
request was decoded from: the client's body, or what a dialect made of it.
"""

from typing import ClassVar, Self

import msgspec

from weft.engines.types import Endpoint, Route
from weft.gateway.errands.probed import check_probed
from weft.gateway.estimate import Estimate
from weft.gateway.meter import Meter
from weft.gateway.relay import Relay, make_imprint, make_relay
from weft.gateway.wire.assemble import finish_completion
from weft.gateway.wire.body import engine_bodies
from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.capabilities import check_capabilities
from weft.gateway.wire.rewrite import Imprint
from weft.gateway.wire.stand_in import stand_in_ignores
from weft.gateway.wire.types import ChatRequest
from weft.gateway.wire.validate import parse_request

_STEPS = (Endpoint.CHAT,)


class ChatErrand(msgspec.Struct, frozen=True):
    """See `Errand`."""

    request: ChatRequest
    payload: bytes

    endpoint: ClassVar[Endpoint] = Endpoint.CHAT
    is_countable: ClassVar[bool] = True

    @classmethod
    def read(cls, payload: bytes, bounds: Bounds) -> Self:
        """See `Read`."""
        return cls(parse_request(payload, bounds), payload)

    @property
    def model(self) -> str:
        """See `Errand.model`."""
        return self.request.model

    @property
    def prompts(self) -> int:
        """See `Errand.prompts`."""
        return 1

    @property
    def said_in(self) -> str:
        """See `Errand.said_in`."""
        return "messages"

    @property
    def is_stream(self) -> bool:
        """See `Errand.is_stream`."""
        return bool(self.request.stream)

    def check(self, route: Route) -> None:
        """See `Errand.check`."""
        check_capabilities(self.request, route.asked, route.quirks, is_stand_in=route.is_stand_in)
        if route.found.off:
            check_probed(self.request, route)

    def ignored(self, route: Route) -> tuple[str, ...]:
        """See `Errand.ignored`."""
        return stand_in_ignores(self.request, route)

    def estimate(self, route: Route) -> Estimate:
        """See `Errand.estimate`."""
        return Estimate.of(self.request, self.payload, route)

    def bodies(
        self, route: Route, *, ignored: tuple[str, ...] = (), output_limit: int | None = None
    ) -> tuple[bytes, ...]:
        """See `Errand.bodies`."""
        return engine_bodies(
            self.payload,
            self.request,
            route.quirks,
            served_model=route.served_model,
            ignored=ignored,
            output_limit=output_limit,
        )

    def steps(self, route: Route) -> tuple[Endpoint, ...]:  # noqa: ARG002 - the protocol's signature
        """See `Errand.steps`."""
        return _STEPS

    def next_body(self, raw: bytes) -> bytes:
        """See `Errand.next_body`."""
        raise NotImplementedError("it takes one step")

    def comes_whole(self, route: Route) -> bool:
        """See `Errand.comes_whole`."""
        return not (self.request.stream or route.quirks.always_stream)

    def imprint(self, route: Route, request_id: str, created: int) -> Imprint:
        """See `Errand.imprint`."""
        return make_imprint(self.request, route, request_id, created)

    def relay(self, route: Route, imprint: Imprint, meters: list[Meter]) -> Relay:
        """See `Errand.relay`."""
        return make_relay(self.request, route, imprint, meters)

    def finish(self, route: Route, raw: bytes, imprint: Imprint, meter: Meter) -> bytes:  # noqa: ARG002
        """See `Errand.finish`."""
        body, usage = finish_completion(raw, imprint)
        meter.see_answer(usage, raw)
        return body
