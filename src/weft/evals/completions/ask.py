"""One completion, asked and kept: what the routes and the runs on the server have in common."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import msgspec

from weft.evals.completions.payload import CompletionWire, payload_of
from weft.evals.completions.stream import Events, Gathered
from weft.evals.completions.tracked import Tracked
from weft.evals.door import Asker, Door, Reply, read_whole
from weft.evals.refusals import Refusal, exception_text
from weft.kit.errors import EngineFailed, EngineTimeout
from weft.traces.store import TraceStore

LONGEST_S = 3600.0
"""For one completion; the door has its own bounds for silence."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A completion, or why there is none."""

    response: dict[str, Any]
    refusal: Refusal | None
    call_id: str | None

    @property
    def usage(self) -> dict[str, Any]:
        """Tokens by name; empty if they are not told."""
        return self.response.get("usage") or {}


@dataclass(frozen=True, slots=True)
class Completions:
    """Asks for completions, and leaves calls."""

    door: Door
    store: TraceStore

    async def whole(
        self, asker: Asker, wire: CompletionWire, messages: list[Any], tracked: Tracked | None
    ) -> Answered:
        """Ask for a completion that comes in one piece.

        Raises:
            EngineTimeout: it took longer than the caller wanted to wait.
            WeftError: the caller may not ask at all.
        """
        payload = payload_of(wire.inputs, messages, stream=False)
        request_id = ""
        try:
            async with (
                asyncio.timeout(patience_s(wire.inputs)),
                self.door.ask(asker, payload) as reply,
            ):
                request_id = reply.request_id
                body = await read_whole(reply)
        except TimeoutError as error:
            late = EngineTimeout("the completion took longer than the request's timeout")
            if tracked is not None:
                failed = exception_text("timeout", late.message)
                self.store.writer.offer(tracked.ended(None, None, exception=failed))
            raise late from error
        refusal = None if reply.status == 200 else Refusal.of(reply, body)
        response: dict[str, Any] = {} if refusal else msgspec.json.decode(body)
        if tracked is not None:
            exception = refusal.exception if refusal else None
            await self.store.writer.write(
                tracked.ended(
                    response or None,
                    response.get("usage"),
                    exception=exception,
                    request_id=request_id,
                )
            )
        return Answered(response, refusal, tracked.call_id if tracked else None)

    async def lines(
        self, stack: AsyncExitStack, reply: Reply, wire: CompletionWire, tracked: Tracked | None
    ) -> AsyncIterator[bytes]:
        """The lines of a streamed completion whose head is there; closes `stack` when it ends, however it ends."""
        events, gathered, is_whole = Events(), Gathered(), False
        shows_usage = tracked is None or _asks_for_usage(wire.inputs)
        try:
            if tracked is not None:
                meta = {"weave_call_id": tracked.call_id, "trace_id": tracked.trace_id}
                if wire.conversation_id:
                    meta["conversation_id"] = wire.conversation_id
                yield msgspec.json.encode({"_meta": meta}) + b"\n"
            async for piece in reply.pieces():
                for data in events.feed(piece):
                    if gathered.take(data) or shows_usage:
                        yield _line(data, gathered)
            is_whole = True
        except msgspec.DecodeError as error:
            raise EngineFailed("the stream holds what is no JSON") from error
        finally:
            if tracked is not None:
                failed = gathered.exception
                if not is_whole and failed is None:
                    failed = exception_text("cancelled", "the stream was not read to its end")
                self.store.writer.offer(
                    tracked.ended(
                        gathered.completion(),
                        gathered.usage,
                        exception=failed,
                        request_id=reply.request_id,
                    )
                )
            await stack.aclose()


def patience_s(inputs: dict[str, Any]) -> float:
    """How long the caller wants to wait."""
    try:
        wanted_s = float(inputs.get("timeout") or LONGEST_S)
    except (TypeError, ValueError):
        return LONGEST_S
    return min(max(wanted_s, 0.001), LONGEST_S)


def _asks_for_usage(inputs: dict[str, Any]) -> bool:
    options = inputs.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True  # pyright: ignore[reportUnknownMemberType]


def _line(data: bytes, gathered: Gathered) -> bytes:
    """One line for one event; an error is a text, as the clients expect it."""
    if gathered.exception is None:
        return data.replace(b"\n", b"") + b"\n"
    told = msgspec.json.decode(gathered.exception)
    return msgspec.json.encode({"error": told["message"]}) + b"\n"
