"""`/completions/create` and `/completions/create_stream`."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from weft.evals.completions.ask import Completions
from weft.evals.completions.payload import CompletionWire, filled, payload_of
from weft.evals.completions.tracked import Tracked
from weft.evals.door import Asker, read_whole
from weft.evals.prompts import Prompts
from weft.evals.refusals import Refusal
from weft.traces.json_text import BadShape
from weft.traces.routes.desk import Asked, Desk, json_answer, trace_router


def router(desk: Desk, completions: Completions, prompts: Prompts) -> APIRouter:
    """The routes of completions."""
    routes = trace_router(tags="evaluations")

    async def read(request: Request) -> tuple[Asked[CompletionWire], list[Any], Tracked | None]:
        asked = await desk.writing(request, CompletionWire)
        wire = asked.body
        messages = await messages_of(wire, asked, prompts)
        tracked = Tracked(wire, asked.visitor) if wire.track_llm_call is not False else None
        return asked, messages, tracked

    @routes.post("/completions/create")
    async def create(request: Request) -> Response:
        """A chat completion that the project pays for."""
        asked, messages, tracked = await read(request)
        asker = Asker.of(request, asked.visitor.name)
        done = await completions.whole(asker, asked.body, messages, tracked)
        if done.refusal is not None:
            return done.refusal.response(weave_call_id=done.call_id)
        answer: dict[str, Any] = {"response": done.response, "weave_call_id": done.call_id}
        if tracked is not None:
            answer["trace_id"] = tracked.trace_id
        if asked.body.conversation_id:
            answer["conversation_id"] = asked.body.conversation_id
        return json_answer(answer)

    @routes.post("/completions/create_stream")
    async def create_stream(request: Request) -> Response:
        """The same as lines of JSON, one for each chunk, as they come."""
        asked, messages, tracked = await read(request)
        wire = asked.body
        payload = payload_of(wire.inputs, messages, stream=True, wants_usage=tracked is not None)
        stack = AsyncExitStack()
        try:
            asker = Asker.of(request, asked.visitor.name)
            reply = await stack.enter_async_context(completions.door.ask(asker, payload))
            if reply.status != 200:
                refusal = Refusal.of(reply, await read_whole(reply))
                if tracked is not None:
                    await completions.store.writer.write(
                        tracked.ended(
                            None, None, exception=refusal.exception, request_id=reply.request_id
                        )
                    )
                await stack.aclose()
                return refusal.response(weave_call_id=tracked.call_id if tracked else None)
        except BaseException:
            await stack.aclose()
            raise
        lines = completions.lines(stack, reply, wire, tracked)
        return _Lines(lines, stack)

    _ = (create, create_stream)
    return routes


class _Lines(StreamingResponse):
    """Lines as they come; hangs up on the door also where the client was gone before the first one."""

    def __init__(self, lines: AsyncIterator[bytes], stack: AsyncExitStack) -> None:
        super().__init__(lines, media_type="application/jsonl")
        self._stack = stack

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._stack.aclose()


async def messages_of(
    wire: CompletionWire, asked: Asked[CompletionWire], prompts: Prompts
) -> list[Any]:
    """The messages that the door is sent: those of a saved prompt first, with the template's places filled.

    Raises:
        WeftError: the prompt is not there, or a place has no value.
    """
    given: Any = wire.inputs.get("messages") or []
    variables: Any = wire.inputs.get("template_vars") or {}
    if not isinstance(given, list) or not isinstance(variables, dict):
        raise BadShape("inputs: messages is a list, template_vars an object")
    prompt = wire.inputs.get("prompt")
    before = (
        await prompts.messages(asked.visitor, prompt) if isinstance(prompt, str) and prompt else []
    )
    messages: list[Any] = [*before, *given]
    return filled(messages, variables) if variables or before else messages  # pyright: ignore[reportUnknownArgumentType]
