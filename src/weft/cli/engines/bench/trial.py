"""One engine on trial: started alone, asked for what the card claims, and timed.

Owns how a rate is measured. Knows no table and no file. Every request goes the door's own way (`gateway/asking.py`),
without limits and books. Invariant: when a trial is over, nothing of the engine is left.
"""

import asyncio
import dataclasses
import secrets
import time
from dataclasses import dataclass

from msgspec import json

from weft.catalog.badges.types import Feature, claims
from weft.catalog.types import EngineSpec, ModelCard
from weft.engines.pool import Engines, EngineSettings
from weft.engines.probes.answers import read_stream
from weft.engines.probes.suite import run_suite
from weft.engines.probes.talk import Talk
from weft.engines.probes.types import BadAnswer, NoAnswer, Outcome, Refused
from weft.engines.types import Lease, Route
from weft.gateway.asking import EngineAsker
from weft.gateway.wire.bounds import Bounds
from weft.kit.clock import SystemClock
from weft.kit.errors import Json, WeftError

START_S = 1800.0
"""A large model is read from a slow disk."""
MEASURE_S = 300.0
"""For one figure."""
ANSWER_TOKENS = 128
STREAMS = (1, 8)
PROMPT_TOKENS = 1000
_TRIED = (
    *(Feature.STREAM, Feature.STOP, Feature.TOOLS, Feature.JSON_OBJECT, Feature.JSON_SCHEMA),
    *(Feature.LOGPROBS, Feature.REASONING, Feature.VISION),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it."""

    kind: str
    tokens_per_s: dict[int, float]
    """By the number of streams; none where it could not be measured."""
    prompt_s: float
    """From a prompt of some thousand tokens to the first token of its answer; 0 where it could not be measured."""
    lacks: tuple[str, ...]
    """What the card claims and the engine was seen not to do."""
    problem: str = ""
    """Why there are no figures."""

    @property
    def is_fit(self) -> bool:
        """Whether it does what the card claims."""
        return not self.problem and not self.lacks

    @property
    def speed(self) -> float:
        """What engines are ranked by: the tokens of many at once."""
        return self.tokens_per_s.get(STREAMS[-1], 0.0)


async def hold_trial(
    card: ModelCard, kind: str, spec: EngineSpec, settings: EngineSettings, bounds: Bounds
) -> Trial:
    """Try one way to run `card`."""
    alone = dataclasses.replace(card, engines=(spec,))
    patient = dataclasses.replace(settings, queue_timeout_s=START_S)
    engines = Engines([alone], patient, clock=SystemClock())
    await engines.start()
    try:
        route = engines.find_route(alone)
        (await engines.lease(route)).release()
        return await _try(engines, route, kind, EngineAsker(bounds))
    except (WeftError, NoAnswer, Refused, BadAnswer) as error:
        return Trial(kind, {}, 0.0, (), problem=str(error))
    except TimeoutError:
        return Trial(kind, {}, 0.0, (), problem=f"it took more than {MEASURE_S:g} s")
    finally:
        await engines.close()


async def _try(engines: Engines, route: Route, kind: str, asker: EngineAsker) -> Trial:
    wanted = [feature for feature in _TRIED if claims(route.card.capabilities, feature)]
    talk = Talk(engines, asker, route)
    verdicts = await run_suite(talk, SystemClock(), context_max_tokens=0, features=wanted)
    lacks = tuple(
        verdict.feature.value
        for verdict in verdicts
        if verdict.outcome in (Outcome.FAILED, Outcome.UNSUPPORTED)
    )
    rates = {streams: await _rate(engines, route, asker, streams) for streams in STREAMS}
    return Trial(kind, rates, await _prompt_s(engines, route, asker), lacks)


async def _rate(engines: Engines, route: Route, asker: EngineAsker, streams: int) -> float:
    """Tokens per second of so many streams at once, after one that warms the engine up."""
    await _tokens(engines, route, asker)
    async with asyncio.timeout(MEASURE_S):
        began_s = time.monotonic()
        counts = await asyncio.gather(*(_tokens(engines, route, asker) for _ in range(streams)))
        return sum(counts) / (time.monotonic() - began_s)


async def _tokens(engines: Engines, route: Route, asker: EngineAsker) -> int:
    """Have one answer made; how many tokens it has."""
    options: Json = {"include_usage": True}
    body: dict[str, Json] = {"max_tokens": ANSWER_TOKENS, "stream": True, "stream_options": options}
    parameters = route.quirks.parameters
    if parameters is not None and "ignore_eos" in parameters:
        body["ignore_eos"] = True
    lease = await engines.lease(route)
    try:
        answer = await asker.ask(route, lease, _payload(route, "Tell me a long story.", body))
    finally:
        lease.release()
    usage = read_stream(answer).whole.usage
    return usage.completion_tokens if usage is not None else 0


async def _prompt_s(engines: Engines, route: Route, asker: EngineAsker) -> float:
    """The time to the first token of an answer to a prompt that no cache holds."""
    limit = route.context_tokens or route.card.context_window_tokens
    words = min(PROMPT_TOKENS, limit // 2)
    lease: Lease = await engines.lease(route)
    try:
        # A word and a blank are a token or two; the first words are nobody's, so that nothing is cached.
        text = f"{secrets.token_hex(4)} " + "word " * (words - 10)
        async with asyncio.timeout(MEASURE_S):
            began_s = time.monotonic()
            await asker.begin(route, lease, _payload(route, text, {"stream": True}))
            return time.monotonic() - began_s
    finally:
        lease.release()


def _payload(route: Route, text: str, members: dict[str, Json]) -> bytes:
    messages: Json = [{"role": "user", "content": text}]
    return json.encode({"model": route.asked.id, "messages": messages, **members})
