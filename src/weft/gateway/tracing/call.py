"""A request as the call that it leaves in its project's traces. Its id is the request's own id.

Level `metadata` keeps what the usage record has: no prompt, no answer, and of an error only its code, because messages
may quote what was sent. Level `full` adds the client's own body as inputs, what it was answered as output, and the
error's message.
"""

from typing import Any

import msgspec

from weft.gateway.tracing.note import Note
from weft.identity.types import TraceLevel
from weft.kit.errors import EngineFailed
from weft.ledger.types import Outcome, Tokens
from weft.traces.calls.parts import CallPart
from weft.traces.json_text import BadJson, clean, dump

INPUT_LIMIT_BYTES = 8 * 1024 * 1024
ESCAPED_LIMIT_BYTES = 1024 * 1024
"""Of texts with escapes, which take a slower way (`json_text.clean`)."""
BROKEN_CHARS = 16_384
"""Of a body that is no JSON."""
_CLIENT_CLOSED = "client_closed_request"


async def call_of(note: Note) -> CallPart:
    """The call."""
    record = note.record
    is_full = note.tracked.level is TraceLevel.FULL
    link = note.tracked.link
    return CallPart(
        id=record.id,
        trace_id=note.trace_id,
        op_name=note.kind.op,
        started_at_us=record.started_at_us,
        ended_at_us=note.ended_at_us,
        parent_id=link.parent_id if link else None,
        wb_user_id=record.user_id,
        attributes=dump(_attributes(note)),
        inputs=_inputs(note) if is_full else dump({"model": record.model_id}),
        output=await _output(note) if is_full else None,
        summary=dump(_summary(note)),
        exception=_exception(note, is_full=is_full),
    )


def _attributes(note: Note) -> dict[str, Any]:
    record, principal = note.record, note.principal
    return {
        "weave": {"kind": "llm"},
        "weft": {
            "request_id": record.id,
            "team": principal.team,
            "project": principal.project,
            "key_id": record.key_id,
            "stream": record.stream,
            "trace": note.tracked.level.value,
        },
    }


def _summary(note: Note) -> dict[str, Any]:
    record = note.record
    failed = _failed(note)
    summary: dict[str, Any] = {
        "status_counts": {"success": int(not failed), "error": int(failed)},
        "weft": {
            "status": record.status,
            "outcome": record.outcome.value,
            "error_code": record.error_code,
            "served_model": record.served_model_id,
            "engine": record.engine,
            "cost_nusd": str(note.charged_nusd),
            "price_version": record.price_version,
            "usage_source": record.usage_source.value,
            "queue_ms": record.queue_us / 1e3,
            "ttft_ms": record.ttft_us / 1e3,
            "total_ms": record.total_us / 1e3,
        },
    }
    if record.model_id and (record.tokens.input or record.tokens.output):
        summary["usage"] = {record.model_id: _usage(record.tokens)}
    if note.tracked.is_cut:
        summary["weft"]["answer_cut"] = True
    return summary


def _usage(tokens: Tokens) -> dict[str, Any]:
    return {
        "requests": 1,
        "prompt_tokens": tokens.input,
        "completion_tokens": tokens.output,
        "total_tokens": tokens.input + tokens.output,
        "prompt_tokens_details": {"cached_tokens": tokens.cached_input},
        "completion_tokens_details": {"reasoning_tokens": tokens.reasoning},
    }


def _failed(note: Note) -> bool:
    return note.failure is not None or note.record.outcome is not Outcome.COMPLETED


def _exception(note: Note, *, is_full: bool) -> str | None:
    """As the Weave clients write exceptions: type and message."""
    if not _failed(note):
        return None
    record, failure = note.record, note.failure
    kind = record.error_code or _CLIENT_CLOSED
    if failure is not None:
        kind = failure.code or failure.type
    message = f"{record.status} {kind}"
    if failure is not None and is_full:
        message = failure.message
    return dump({"type": kind, "message": message, "traceback": []})


def _inputs(note: Note) -> str:
    payload, model = note.tracked.payload, note.record.model_id
    has_escapes = b"\\u" in payload
    if len(payload) > (ESCAPED_LIMIT_BYTES if has_escapes else INPUT_LIMIT_BYTES):
        return dump({"model": model, "left_out": f"the body has {len(payload)} bytes"})
    try:
        msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
        return clean(payload).decode()
    except (msgspec.DecodeError, BadJson, UnicodeDecodeError, RecursionError):
        return dump({"body": payload[:BROKEN_CHARS].decode(errors="replace")})


async def _output(note: Note) -> str | None:
    tracked = note.tracked
    is_stream = note.record.stream and tracked.pieces
    body = await note.kind.assemble(tracked.pieces) if is_stream else b"".join(tracked.pieces)
    if not body:
        return None
    try:
        if note.kind.whole is not None:
            body = note.kind.whole(tracked.payload, body, note.record.id)
        return clean(body).decode()
    except (EngineFailed, BadJson, UnicodeDecodeError, RecursionError):
        return None
