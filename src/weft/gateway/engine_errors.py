"""What an engine's failure means to the client: refusals, broken connections, error events, each in our own error tree.

An engine's 4xx is about the request, so its text is passed on. Its 401 and 403 are about our key, which is nothing the
client can mend. Texts of the hosted service stay verbatim where it has them.
"""

import re

import msgspec

from weft.engines.queue.places import OVERLOADED, RETRY_AFTER_S
from weft.kit.errors import (
    ContextTooLong,
    EngineFailed,
    EngineTimeout,
    InvalidRequest,
    Json,
    Overloaded,
    Unprocessable,
    WeftError,
)
from weft.upstream import (
    ConnectFailed,
    ConnectionClosed,
    FirstByteTimeout,
    IdleTimeout,
    UpstreamError,
    WriteTimeout,
)

MAX_ERROR_BYTES = 64 * 1024
_MAX_TEXT = 1000
_RETRY = "retry the request"
_CHANGE = "change what the engine complains of; retrying the same does not help"


class EngineLost(EngineFailed):
    """The engine cannot be reached, or went away before its answer was whole; another may be asked."""

    is_unreachable = False
    """Whether no connection could be made: then it has seen nothing of the request."""


class _ErrorBody(msgspec.Struct):
    message: str = ""
    type: str | None = None
    code: str | int | None = None
    param: str | None = None
    n_prompt_tokens: int | None = None
    n_ctx: int | None = None


class _Envelope(msgspec.Struct):
    error: _ErrorBody | str | None = None
    message: str = ""
    detail: str | list[object] | None = None


class _Event(msgspec.Struct):
    error: msgspec.Raw = msgspec.Raw()


_decode = msgspec.json.Decoder(_Envelope).decode
_decode_event = msgspec.json.Decoder(_Event).decode
_NO_ERROR = frozenset({b"", b"null", b'""'})
# The wording that vLLM and SGLang share; both numbers stand in it.
_CONTEXT = re.compile(r"maximum context length is (\d+)\D+?(\d+) (?:input )?tokens")
# llama.cpp's for embeddings, which are read in one batch; it says so with a 500.
_BATCH = re.compile(r"input \((\d+) tokens\) is too large .*batch size: (\d+)\)")


def from_status(status: int, body: bytes) -> WeftError:
    """The error for an engine that answered with anything but success."""
    found = _read(body)
    text = found.message[:_MAX_TEXT] or f"the engine answered {status}"
    if status in (429, 503):
        return Overloaded(
            OVERLOADED,
            retry_after_s=RETRY_AFTER_S,
            remedy="retry after the stated time",
            metadata={"engine": text},
        )
    if status in (408, 504):
        return EngineTimeout(
            "the engine took too long to answer", remedy=_RETRY, metadata={"engine": text}
        )
    too_long = _context_too_long(found)
    if too_long is not None:
        return too_long
    if status in (401, 403):
        return EngineFailed(
            "the engine refused this server's own key",
            remedy="whoever runs this server must set the engine's api_key in the model's card",
        )
    if status == 404:
        return EngineFailed(
            "the engine does not know this model",
            remedy="whoever runs this server must set served_model in the model's card",
            metadata={"engine": text, "engine_status": status},
        )
    if status == 422:
        return Unprocessable(text, param=found.param, remedy=_CHANGE)
    if 400 <= status < 500:
        return InvalidRequest(text, param=found.param, remedy=_CHANGE)
    return EngineFailed(
        "the engine failed to answer",
        remedy=_RETRY,
        metadata={"engine": text, "engine_status": status},
    )


def from_event(data: bytes) -> WeftError | None:
    """The error that a stream's event carries, if it is one."""
    try:
        told = bytes(_decode_event(data).error)
    except msgspec.DecodeError:
        return EngineFailed("the engine sent what is no chunk", remedy=_RETRY)
    if told == b"false":
        return None
    found = _read(data) if told in _NO_ERROR or told.startswith((b"{", b'"')) else _ErrorBody()
    if found.message:
        too_long = _context_too_long(found)
        return too_long or EngineFailed(found.message[:_MAX_TEXT], remedy=_RETRY)
    if told in _NO_ERROR:
        return None
    metadata: dict[str, Json] = {"engine": told[:_MAX_TEXT].decode(errors="replace")}
    return EngineFailed("the engine reported an error", remedy=_RETRY, metadata=metadata)


def from_upstream(error: UpstreamError) -> WeftError:
    """The error for a connection that failed."""
    if isinstance(error, FirstByteTimeout | IdleTimeout | WriteTimeout):
        return EngineTimeout(
            "the engine was silent for too long",
            remedy="retry, or ask for a shorter answer, or stream it",
            metadata={"cause": type(error).__name__},
        )
    if not error.sent:
        lost = EngineLost(
            "the engine cannot be reached",
            remedy="retry after a short wait; whoever runs this server finds the cause with `weft doctor`",
            metadata={"cause": type(error).__name__, "sent": False},
        )
        lost.is_unreachable = True
        return lost
    # A connection may also be refused after the request was given to it: the process died in between.
    is_refused = isinstance(error, ConnectFailed)
    kind = EngineLost if is_refused or isinstance(error, ConnectionClosed) else EngineFailed
    failed = kind(
        "the engine stopped before the answer was complete",
        remedy=_RETRY,
        metadata={"cause": type(error).__name__},
    )
    if isinstance(failed, EngineLost):
        failed.is_unreachable = is_refused
    return failed


def _read(body: bytes) -> _ErrorBody:
    try:
        envelope = _decode(body)
    except msgspec.DecodeError:
        return _ErrorBody(message=body[:_MAX_TEXT].decode(errors="replace").strip())
    error = envelope.error
    if isinstance(error, _ErrorBody):
        return error
    detail = envelope.detail if isinstance(envelope.detail, str) else ""
    return _ErrorBody(message=error or envelope.message or detail)


def _context_too_long(found: _ErrorBody) -> ContextTooLong | None:
    """Both numbers, from llama.cpp's fields or from the text that vLLM and SGLang send."""
    if found.n_prompt_tokens is not None and found.n_ctx is not None:
        limit, asked = found.n_ctx, found.n_prompt_tokens
    elif match := _CONTEXT.search(found.message):
        limit, asked = int(match[1]), int(match[2])
    elif match := _BATCH.search(found.message):
        limit, asked = int(match[2]), int(match[1])
    else:
        return None
    return ContextTooLong(
        f"This model's maximum context length is {limit} tokens. However, your messages resulted in {asked} tokens."
        " Please reduce the length of the messages.",
        param="messages",
        metadata={"max": limit, "current": asked},
        remedy="send fewer or shorter messages, or a smaller max_tokens",
    )
