"""A talk with one model's engine: one polite request at a time.

Owns the place that a probe takes, and how it gives way: no request is sent while others wait, one that others come to
wait for is dropped and tried again later, and a sleeping model is left asleep, or goes to sleep as if nobody asked.
Knows the words of chat completions, not what is judged by them. Invariant: every lease is given back, and no request
outlives `ASK_S`.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

from msgspec import json

from weft.catalog.types import ModelCard, ModelState, ReasoningPolicy
from weft.engines.probes.answers import Streamed, Whole, read_stream, read_whole
from weft.engines.probes.types import Asker, NoAnswer, Refused
from weft.engines.types import Lease, Route
from weft.kit.errors import Json, WeftError

PROBE_PROJECT = "weft:probes"
"""Under which name probes stand in the queue; no project's id has this form."""
LOWEST_WEIGHT = 0.001
ASK_S = 120.0
CALM_S = 60.0
"""How long a probe waits for the moment in which nobody else does."""
LOOK_S = 0.02
TRIES = 3
"""How often a request is sent that had to give way."""
THINKING_TOKENS = 1024
"""What a model that always reasons may spend before it answers."""

Members = Mapping[str, Json]


class Host(Protocol):
    """What probing needs of the pool."""

    def state_of(self, card: ModelCard) -> ModelState:
        """What this server can do with `card` now."""
        ...

    def waiting(self, route: Route) -> int:
        """How many requests wait for a place at its engine."""
        ...

    async def lease(
        self, route: Route, *, project: str = "", weight: float = 1.0, is_use: bool = True
    ) -> Lease:
        """The right to send one request; what is no use does not keep the model awake."""
        ...

    async def count_prompt(self, route: Route, payload: bytes) -> int | None:
        """How many tokens the prompt of this request has; None where the engine cannot tell."""
        ...


class _GaveWay(Exception):
    """Somebody waits for the place that a probe has."""


class Talk:
    """Requests to the engine of one route."""

    def __init__(self, host: Host, asker: Asker, route: Route) -> None:
        self.route = route
        self._host = host
        self._asker = asker
        self._quiet: Members = {}
        policy = route.card.capabilities.reasoning
        self.thinking_tokens = THINKING_TOKENS if policy is ReasoningPolicy.ALWAYS_ON else 0
        """To be added to the length of every answer of which something is to be read."""

    async def begin(self) -> None:
        """See whether the engine answers at all, and whether it can be asked not to think first.

        Raises:
            NoAnswer, Refused, BadAnswer: it does not answer the plainest of requests.
        """
        if self.route.card.capabilities.reasoning in {
            ReasoningPolicy.ENABLED_BY_DEFAULT,
            ReasoningPolicy.DISABLED_BY_DEFAULT,
        }:
            self._quiet = {"chat_template_kwargs": {"enable_thinking": False}}
            try:
                await self.plain()
            except Refused:
                self._quiet = {}
                self.thinking_tokens = THINKING_TOKENS
            else:
                return
        await self.plain()

    async def plain(self) -> Whole:
        """The answer to a request that asks for nothing but an answer."""
        return await self.whole("Say hello.", max_tokens=4)

    async def whole(self, text: str, **members: Json) -> Whole:
        """The answer in one piece."""
        return read_whole(await self._ask(self._payload(text, members)))

    async def streamed(self, text: str, **members: Json) -> Streamed:
        """The answer as a stream, read to its end."""
        options: Json = {"include_usage": True}
        payload = self._payload(text, {"stream": True, "stream_options": options, **members})
        return read_stream(await self._ask(payload))

    async def count(self, text: str, **members: Json) -> int | None:
        """How many tokens the prompt has, as the engine counts; None where it cannot tell."""
        body = self._asker.count_body(self.route, self._payload(text, members))
        return await self._host.count_prompt(self.route, body)

    async def hang_up(self, lease: Lease, text: str, **members: Json) -> None:
        """Ask for a stream and leave after the first token; `lease` comes from `place`."""
        payload = self._payload(text, {"stream": True, **members})
        async with _bounded():
            await self._asker.begin(self.route, lease, payload)

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[Lease]:
        """A place at the engine, taken when nobody waits for one.

        Raises:
            NoAnswer: there is none to be had.
        """
        await self._calm()
        try:
            lease = await self._host.lease(
                self.route, project=PROBE_PROJECT, weight=LOWEST_WEIGHT, is_use=False
            )
        except WeftError as error:
            raise NoAnswer(f"no place was free: {error.message}") from error
        try:
            yield lease
        finally:
            lease.release()

    def _payload(self, text: str, members: Members) -> bytes:
        body: dict[str, Json] = {
            "model": self.route.asked.id,
            "messages": [{"role": "user", "content": text}],
            "temperature": 0,
            **self._quiet,
            **members,
        }
        return json.encode({name: value for name, value in body.items() if value is not None})

    async def _ask(self, payload: bytes) -> bytes:
        for _ in range(TRIES):
            async with self.place() as lease:
                try:
                    return await self._give_way(lease, payload)
                except _GaveWay:
                    continue
        raise NoAnswer("requests kept waiting for the engine, so that the probe gave way")

    async def _give_way(self, lease: Lease, payload: bytes) -> bytes:
        """The answer, unless somebody comes to wait meanwhile.

        Raises:
            _GaveWay: somebody did.
        """
        work = asyncio.ensure_future(self._asker.ask(self.route, lease, payload))
        try:
            async with _bounded():
                while not work.done():
                    await asyncio.wait((work,), timeout=LOOK_S)
                    if not work.done() and self._host.waiting(self.route):
                        raise _GaveWay
            return work.result()
        finally:
            work.cancel()
            await asyncio.wait((work,), timeout=ASK_S)
            if work.done() and not work.cancelled():
                work.exception()  # taken note of: what is raised here counts

    async def _calm(self) -> None:
        """Wait until nobody waits.

        Raises:
            NoAnswer: the engine is not ready, or its queue never empties.
        """
        try:
            async with asyncio.timeout(CALM_S):
                while self._host.waiting(self.route):  # noqa: ASYNC110 - the queue tells nobody of its end
                    await asyncio.sleep(LOOK_S)
        except TimeoutError as error:
            raise NoAnswer("requests kept waiting for the engine") from error
        if self._host.state_of(self.route.card) is not ModelState.READY:
            raise NoAnswer("the engine is not ready")


@asynccontextmanager
async def _bounded() -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout(ASK_S):
            yield
    except TimeoutError as error:
        raise NoAnswer(f"no answer within {ASK_S:g} s") from error
