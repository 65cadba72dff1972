"""A ready engine in a loop of its own, for tests that weigh many prompts: what it counts, and what it reports."""

import asyncio
import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from weft.catalog.types import (
    Capabilities,
    EngineSpec,
    Lifecycle,
    LlamaCppSpec,
    Modality,
    ModelCard,
    Price,
)
from weft.engines.options import EngineSettings
from weft.engines.pool import Engines
from weft.engines.types import Endpoint, Route
from weft.kit.clock import SystemClock
from weft.kit.money import NanoUsdPerMtok

TINY_CHAT = LlamaCppSpec("package:weft.demo/tiny-chat.gguf", context_tokens=16384, parallel=2)
"""The model that ships, with more room than its card gives it."""
MAX_BYTES = 1 << 26


def a_card(spec: EngineSpec, *, context_tokens: int = 8192) -> ModelCard:
    """A card with one engine; one dollar for a million tokens in, two for those out."""
    dollar = NanoUsdPerMtok(1_000_000_000)
    dollars = NanoUsdPerMtok(2_000_000_000)
    return ModelCard(
        id="test/weighed",
        label="weighed",
        provider="weft",
        description_short="",
        description_medium="",
        launched_on=None,
        license="",
        context_window_tokens=context_tokens,
        parameters_total=0,
        parameters_active=0,
        lifecycle=Lifecycle.GENERALLY_AVAILABLE,
        modalities_input=(Modality.TEXT,),
        modalities_output=(Modality.TEXT,),
        capabilities=Capabilities(tools=True),
        prices=(Price("v1", datetime(2026, 1, 1, tzinfo=UTC), dollar, dollars, dollar, "test"),),
        engines=(spec,),
        path=Path("card.toml"),
    )


@dataclass(frozen=True)
class Scale:
    """Weighs prompts."""

    route: Route
    _engines: Engines
    _runner: asyncio.Runner

    def count(self, body: bytes) -> int | None:
        """What the engine counts, asked beside its queue."""
        return self._runner.run(self._engines.count_prompt(self.route, body))

    def reported(self, body: bytes) -> int:
        """The prompt's tokens as the engine tells them for the same body: with its answer, or when it is too long."""
        return self._runner.run(self._ask(body))

    async def _ask(self, body: bytes) -> int:
        lease = await self._engines.lease(self.route)
        try:
            response = await lease.pool.send(lease.heads[Endpoint.CHAT].render(len(body)), body)
            answer: dict[str, Any] = json.loads(await response.read(MAX_BYTES))
        finally:
            lease.release()
        if response.status == 400:
            return answer["error"]["n_prompt_tokens"]
        assert response.status == 200, answer
        return answer["usage"]["prompt_tokens"]


@contextmanager
def scale(spec: EngineSpec) -> Generator[Scale]:
    """A scale with the engine of `spec`."""
    with asyncio.Runner() as runner:
        card = a_card(spec)
        engines = runner.run(_start(card))
        try:
            yield Scale(engines.find_route(card), engines, runner)
        finally:
            runner.run(engines.close())


async def _start(card: ModelCard) -> Engines:
    engines = Engines([card], EngineSettings(), clock=SystemClock())
    await engines.start()
    (await engines.lease(engines.find_route(card))).release()
    return engines
