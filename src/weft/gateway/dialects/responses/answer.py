"""From a chat completion to a response: a whole one, or its events. Pure.

Owns the order of events and their numbers: `response.created` and `.in_progress`, then for each item its `added`, the
deltas and `done` of what is in it, and its own `done`, then `response.completed`, `.incomplete` or `.failed` with all
of it again.
"""

from typing import Any

from msgspec import Raw, Struct, json, structs

from weft.gateway.dialects.blocks import Block, Blocks, Closed, Grown, Kind, Opened, Step
from weft.gateway.dialects.responses.shapes import (
    CallItem,
    InputDetails,
    MessageItem,
    OutputDetails,
    OutputItem,
    OutputText,
    ReasoningItem,
    ReasoningText,
    Response,
    ResponsesRequest,
    ResponseUsage,
)
from weft.gateway.wire.types import Usage

_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}
_PREFIXES = {Kind.TEXT: "msg", Kind.THINKING: "rs", Kind.CALL: "fc"}


class _Error(Struct):
    message: str = ""
    code: str | None = None
    param: str | None = None


class _Envelope(Struct):
    error: _Error


_ENVELOPE = json.Decoder(_Envelope)


class ResponseStream:
    """See `Translator`."""

    def __init__(self, request: ResponsesRequest, request_id: str) -> None:
        self._made = _Made(request, request_id)
        self._number = -1
        self._has_begun = False

    def feed(self, data: bytes) -> bytes:
        """See `Translator.feed`."""
        steps = self._made.blocks.feed(data)
        return self._begin() + self._told(steps)

    def finish(self) -> bytes:
        """See `Translator.finish`."""
        told = self._begin() + self._told(self._made.blocks.finish())
        response = self._made.response()
        return told + self._event(f"response.{response.status}", response=response)

    def fail(self, envelope: bytes) -> bytes:
        """See `Translator.fail`."""
        error = _ENVELOPE.decode(envelope).error
        if not self._has_begun:
            return self._event("error", code=error.code, message=error.message, param=error.param)
        failed = {"code": "server_error", "message": error.message}
        response = structs.replace(self._made.response(), status="failed", error=failed)
        response.incomplete_details = None
        return self._event("response.failed", response=response)

    def _begin(self) -> bytes:
        if self._has_begun:
            return b""
        self._has_begun = True
        response = self._made.response(is_over=False)
        return self._event("response.created", response=response) + self._event(
            "response.in_progress", response=response
        )

    def _told(self, steps: list[Step]) -> bytes:
        return b"".join(self._tell(step) for step in steps)

    def _tell(self, step: Step) -> bytes:
        made, block = self._made, step.block
        match step:
            case Opened():
                index = made.open(block)
                item = made.items[index]
                added = self._event("response.output_item.added", output_index=index, item=item)
                if block.kind is Kind.CALL:
                    return added
                return added + self._part("response.content_part.added", index, block, b"")
            case Grown(_, piece, logprobs):
                return self._grown(len(made.items) - 1, block, piece, logprobs)
            case Closed():
                index = len(made.items) - 1
                made.close(block)
                return self._closed(index, block)

    def _grown(self, index: int, block: Block, piece: str, logprobs: tuple[Raw, ...]) -> bytes:
        where: dict[str, Any] = {"item_id": self._made.items[index].id, "output_index": index}
        match block.kind:
            case Kind.CALL:
                return self._event("response.function_call_arguments.delta", **where, delta=piece)
            case Kind.THINKING:
                return self._event(
                    "response.reasoning_text.delta", **where, content_index=0, delta=piece
                )
            case Kind.TEXT:
                return self._event(
                    "response.output_text.delta",
                    **where,
                    content_index=0,
                    delta=piece,
                    logprobs=logprobs,
                )

    def _closed(self, index: int, block: Block) -> bytes:
        item, text = self._made.items[index], block.text
        where: dict[str, Any] = {"item_id": item.id, "output_index": index}
        match block.kind:
            case Kind.CALL:
                told = self._event(
                    "response.function_call_arguments.done",
                    **where,
                    name=block.name,
                    arguments=text,
                )
            case Kind.THINKING:
                told = self._event(
                    "response.reasoning_text.done", **where, content_index=0, text=text
                )
            case Kind.TEXT:
                told = self._event(
                    "response.output_text.done",
                    **where,
                    content_index=0,
                    text=text,
                    logprobs=block.logprobs,
                )
        if block.kind is not Kind.CALL:
            told += self._part("response.content_part.done", index, block, text.encode())
        return told + self._event("response.output_item.done", output_index=index, item=item)

    def _part(self, kind: str, index: int, block: Block, text: bytes) -> bytes:
        part: OutputText | ReasoningText = ReasoningText(text.decode())
        if block.kind is Kind.TEXT:
            part = OutputText(text.decode(), logprobs=block.logprobs if text else [])
        return self._event(
            kind,
            item_id=self._made.items[index].id,
            output_index=index,
            content_index=0,
            part=part,
        )

    def _event(self, kind: str, **members: object) -> bytes:
        self._number += 1
        data = json.encode({"type": kind, "sequence_number": self._number, **members})
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), data)


def whole_response(request: ResponsesRequest, completion: bytes, request_id: str) -> bytes:
    """A chat completion's body as a response.

    Raises:
        EngineFailed: it is no chat completion.
    """
    made = _Made(request, request_id)
    for step in made.blocks.feed(completion) + made.blocks.finish():
        match step:
            case Opened(block):
                made.open(block)
            case Closed(block):
                made.close(block)
            case Grown():
                pass
    return json.encode(made.response())


class _Made:
    """A response as it is made."""

    def __init__(self, request: ResponsesRequest, request_id: str) -> None:
        self.blocks = Blocks()
        self.items: list[OutputItem] = []
        self._request = request
        self._request_id = request_id

    def open(self, block: Block) -> int:
        """A new item, with nothing in it; its index."""
        index = len(self.items)
        name = f"{_PREFIXES[block.kind]}_{self._base()}_{index}"
        self.items.append(_item(block, name, status="in_progress", is_whole=False))
        return index

    def close(self, block: Block) -> None:
        """The last item is whole, or as whole as it gets."""
        was_cut = self.blocks.finish_reason in _INCOMPLETE
        status = "incomplete" if was_cut else "completed"
        self.items[-1] = _item(block, self.items[-1].id, status=status, is_whole=True)

    def response(self, *, is_over: bool = True) -> Response:
        """All of it now."""
        request, blocks = self._request, self.blocks
        reason = _INCOMPLETE.get(blocks.finish_reason or "") if is_over else None
        status = "incomplete" if reason else "completed"
        response = Response(
            id="resp_" + self._base(),
            created_at=blocks.created,
            status=status if is_over else "in_progress",
            model=blocks.model or request.model,
            output=list(self.items),
            usage=usage_of(blocks.usage) if is_over else None,
            incomplete_details={"reason": reason} if reason else None,
            instructions=request.instructions,
            max_output_tokens=request.max_output_tokens,
            temperature=request.temperature,
            top_p=request.top_p,
            top_logprobs=request.top_logprobs,
            parallel_tool_calls=request.parallel_tool_calls is not False,
            metadata=request.metadata or {},
            user=request.user,
        )
        if request.tools:
            response.tools = _again([_without_absent(tool) for tool in request.tools])
        if request.tool_choice is not None:
            response.tool_choice = _again(request.tool_choice)
        if request.text is not None and request.text.format is not None:
            response.text = _again({"format": _without_absent(request.text.format)})
        if request.reasoning is not None:
            response.reasoning = _again(request.reasoning)
        return response

    def _base(self) -> str:
        return self.blocks.id.removeprefix("chatcmpl-") or self._request_id.removeprefix("req_")


def usage_of(usage: Usage | None) -> ResponseUsage | None:
    """Token counts in this dialect's words."""
    if usage is None:
        return None
    read, made = usage.prompt_tokens_details, usage.completion_tokens_details
    return ResponseUsage(
        input_tokens=usage.prompt_tokens,
        input_tokens_details=InputDetails((read.cached_tokens or 0) if read else 0),
        output_tokens=usage.completion_tokens,
        output_tokens_details=OutputDetails((made.reasoning_tokens or 0) if made else 0),
        total_tokens=usage.prompt_tokens + usage.completion_tokens,
    )


def _item(block: Block, name: str, *, status: str, is_whole: bool) -> OutputItem:
    text = block.text if is_whole else ""
    match block.kind:
        case Kind.TEXT:
            content = [OutputText(text, logprobs=block.logprobs)] if is_whole else []
            return MessageItem(name, status, content)
        case Kind.THINKING:
            return ReasoningItem(name, status, [ReasoningText(text)] if is_whole else [])
        case Kind.CALL:
            return CallItem(name, status, block.call_id, block.name, text)


def _without_absent(struct: Struct) -> dict[str, object]:
    return {
        name: value
        for name, value in structs.asdict(struct).items()
        if value is not None and not (isinstance(value, Raw) and not bytes(value))
    }


def _again(value: object) -> Raw:
    """What was asked for, as it is repeated."""
    return Raw(json.encode(_without_absent(value) if isinstance(value, Struct) else value))
