"""From a chat completion to a message: a whole one, or its events. Pure.

Owns the order of events: `message_start`, then for each block `content_block_start`, its deltas and
`content_block_stop`, then `message_delta` with why it ended and what was used, and `message_stop`. An engine counts the
prompt at its end, so `message_start` says 0 and `message_delta` the truth.
"""

from typing import Any

from msgspec import DecodeError, Raw, Struct, json

from weft.gateway.dialects.blocks import Block, Blocks, Closed, Grown, Kind, Opened, Step, blocks_of
from weft.gateway.dialects.messages.shapes import (
    AnswerBlock,
    AnswerMessage,
    MessageUsage,
    TextBlock,
    ThinkingBlock,
    ToolUseBlock,
)
from weft.gateway.wire.types import Usage
from weft.kit.errors import EngineFailed, Json

_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}
_OBJECT = json.Decoder(dict[str, Raw])
_EMPTY_OBJECT = Raw(b"{}")


class _Envelope(Struct):
    error: dict[str, Any]


_ENVELOPE = json.Decoder(_Envelope)


class MessageStream:
    """See `Translator`."""

    def __init__(self, request_id: str, *, shows_thinking: bool) -> None:
        self._request_id = request_id
        self._shows_thinking = shows_thinking
        self._blocks = Blocks()
        self._has_begun = False
        self._index = -1

    def feed(self, data: bytes) -> bytes:
        """See `Translator.feed`."""
        steps = self._blocks.feed(data)
        return self._begin() + self._told(steps)

    def finish(self) -> bytes:
        """See `Translator.finish`."""
        blocks = self._blocks
        told = self._begin() + self._told(blocks.finish())
        delta = {"stop_reason": _reason(blocks), "stop_sequence": blocks.stop_sequence}
        told += _event("message_delta", delta=delta, usage=usage_of(blocks.usage))
        return told + _event("message_stop")

    def fail(self, envelope: bytes) -> bytes:
        """See `Translator.fail`."""
        return b"event: error\ndata: " + error_body(0, envelope, self._request_id) + b"\n\n"

    def _begin(self) -> bytes:
        if self._has_begun:
            return b""
        self._has_begun = True
        message = AnswerMessage(
            id=_id(self._blocks, self._request_id), model=self._blocks.model, content=[]
        )
        return _event("message_start", message=message) + _event("ping")

    def _told(self, steps: list[Step]) -> bytes:
        return b"".join(
            self._tell(step)
            for step in steps
            if self._shows_thinking or step.block.kind is not Kind.THINKING
        )

    def _tell(self, step: Step) -> bytes:
        match step:
            case Opened(block):
                self._index += 1
                start = answer_block(block, is_whole=False)
                return _event("content_block_start", index=self._index, content_block=start)
            case Grown(block, piece):
                delta = _delta(block.kind, piece)
                return _event("content_block_delta", index=self._index, delta=delta)
            case Closed():
                return _event("content_block_stop", index=self._index)


def whole_message(completion: bytes, request_id: str, *, shows_thinking: bool) -> bytes:
    """A chat completion's body as a message.

    Raises:
        EngineFailed: it is no chat completion.
    """
    blocks = Blocks()
    steps = blocks.feed(completion) + blocks.finish()
    message = AnswerMessage(
        id=_id(blocks, request_id),
        model=blocks.model,
        content=[
            answer_block(block, is_whole=True)
            for block in blocks_of(steps)
            if shows_thinking or block.kind is not Kind.THINKING
        ],
        stop_reason=_reason(blocks),
        stop_sequence=blocks.stop_sequence,
        usage=usage_of(blocks.usage),
    )
    return json.encode(message)


def answer_block(block: Block, *, is_whole: bool) -> AnswerBlock:
    """A block, or the empty one that it begins as."""
    text = block.text if is_whole else ""
    match block.kind:
        case Kind.TEXT:
            return TextBlock(text)
        case Kind.THINKING:
            return ThinkingBlock(text)
        case Kind.CALL:
            return ToolUseBlock(block.call_id, block.name, _arguments(text))


def usage_of(usage: Usage | None) -> MessageUsage:
    """Token counts in this dialect's words."""
    if usage is None:
        return MessageUsage()
    details = usage.prompt_tokens_details
    cached = min((details.cached_tokens or 0) if details else 0, usage.prompt_tokens)
    return MessageUsage(
        input_tokens=usage.prompt_tokens - cached,
        output_tokens=usage.completion_tokens,
        cache_read_input_tokens=cached,
    )


def error_body(status: int, envelope: bytes, request_id: str) -> bytes:
    """An error in this dialect's shape; `status` 0: it came in the middle of a stream."""
    try:
        error = _ENVELOPE.decode(envelope).error
    except DecodeError as trouble:
        raise EngineFailed("an error has no envelope") from trouble
    kind = _TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
    if not status:
        kind = "overloaded_error" if error.get("code") == "overloaded" else "api_error"
    told: dict[str, Json] = {**error, "type": kind}
    return json.encode({"type": "error", "error": told, "request_id": request_id})


def _delta(kind: Kind, piece: str) -> dict[str, str]:
    match kind:
        case Kind.TEXT:
            return {"type": "text_delta", "text": piece}
        case Kind.THINKING:
            return {"type": "thinking_delta", "thinking": piece}
        case Kind.CALL:
            return {"type": "input_json_delta", "partial_json": piece}


def _reason(blocks: Blocks) -> str:
    if blocks.stop_sequence is not None:
        return "stop_sequence"
    return _REASONS.get(blocks.finish_reason or "stop", "end_turn")


def _arguments(text: str) -> Raw:
    """A call's arguments as an object; those that were cut short cannot be one."""
    try:
        _OBJECT.decode(text)
    except (DecodeError, RecursionError):
        return _EMPTY_OBJECT
    return Raw(text.encode())


def _id(blocks: Blocks, request_id: str) -> str:
    return "msg_" + (blocks.id.removeprefix("chatcmpl-") or request_id.removeprefix("req_"))


def _event(kind: str, **members: object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), json.encode({"type": kind, **members}))
