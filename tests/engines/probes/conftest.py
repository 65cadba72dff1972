"""Parts for the tests of probes: a model with one engine, and the suite run against it."""

import dataclasses
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

import pytest

from weft.catalog.badges.types import Feature
from weft.catalog.types import Capabilities, FakeSpec, ModelCard, ReasoningPolicy
from weft.engines.pool import Engines
from weft.engines.probes.suite import EVERY_FEATURE, run_suite
from weft.engines.probes.talk import Talk
from weft.engines.probes.types import Verdict
from weft.engines.types import Endpoint
from weft.gateway.asking import EngineAsker
from weft.gateway.wire.bounds import Bounds
from weft.kit.clock import SystemClock

CONTEXT_TOKENS = 512
MOST_TOKENS = 8192
SOUND = "reasoning=2,vision,context=512,delay_ms=1"
"""A fake engine that can do everything. Slow enough that one can hang up on it."""
EVERYTHING = Capabilities(tools=True, vision=True, reasoning=ReasoningPolicy.ENABLED_BY_DEFAULT)

Verdicts = dict[Feature, Verdict]


@dataclass(frozen=True)
class Bench:
    """A model whose engine is ready."""

    engines: Engines
    card: ModelCard

    async def probe(self, features: Collection[Feature] = EVERY_FEATURE) -> Verdicts:
        talk = Talk(self.engines, EngineAsker(Bounds()), self.engines.find_route(self.card))
        found = await run_suite(
            talk, SystemClock(), context_max_tokens=MOST_TOKENS, features=features
        )
        assert {verdict.feature for verdict in found} == set(features)
        return {verdict.feature: verdict for verdict in found}

    async def behave(self, behaviour: str) -> None:
        """Have the running fake engine behave otherwise from now on."""
        lease = await self.engines.lease(self.engines.find_route(self.card))
        head = lease.heads[Endpoint.CHAT].beside("POST", "/fake/behaviour")
        body = behaviour.encode()
        response = await lease.pool.send(head.render(len(body)), body)
        told = await response.read(4096)
        assert response.status == 200, told
        lease.release()


MakeBench = Callable[[ModelCard], Awaitable[Bench]]


@pytest.fixture
def capable(make_card: Callable[..., ModelCard]) -> Callable[..., ModelCard]:
    """A card that claims everything, for a fake engine: `capable("broken=tools")`."""

    def make(behaviour: str = SOUND, capabilities: Capabilities = EVERYTHING) -> ModelCard:
        card = make_card("test/capable", FakeSpec(behaviour))
        return dataclasses.replace(
            card, capabilities=capabilities, context_window_tokens=CONTEXT_TOKENS
        )

    return make


@pytest.fixture
def make_bench(make_engines: Callable[..., Awaitable[Engines]]) -> MakeBench:
    async def make(card: ModelCard) -> Bench:
        engines = await make_engines(card)
        (await engines.lease(engines.find_route(card))).release()
        return Bench(engines, card)

    return make


@pytest.fixture
async def bench(make_bench: MakeBench, capable: Callable[..., ModelCard]) -> Bench:
    """A sound fake engine."""
    return await make_bench(capable())
