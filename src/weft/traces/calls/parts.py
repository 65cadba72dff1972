"""What clients send of calls: a start, an end, or both at once, as wire shapes and as the one form that is written.

Shapes: call/start, call/end and calls/complete of the Weave trace server's API (client 0.54), unknown fields left out.
JSON that nobody here has to understand stays the text that it came as (`msgspec.Raw`).
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from weft.kit.errors import InvalidRequest
from weft.kit.ids import uuid7_hex
from weft.traces.json_text import dump
from weft.traces.writing.ops import Op

ID_CHARS = 256
NAME_CHARS = 1024
OP_NAME_CHARS = 4096
EXCEPTION_CHARS = 1_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
_OLDEST_US = -62_135_596_800_000_000
_EMPTY = msgspec.Raw(b"{}")
_NULL = msgspec.Raw(b"null")


class BadCall(InvalidRequest):
    """A field of a call is out of its bounds."""

    code = "invalid_call"
    status = 422


class StartWire(msgspec.Struct):
    """A call that began."""

    op_name: str
    started_at: datetime
    project_id: str = ""
    id: str | None = None
    trace_id: str | None = None
    display_name: str | None = None
    parent_id: str | None = None
    thread_id: str | None = None
    turn_id: str | None = None
    attributes: msgspec.Raw = _EMPTY
    inputs: msgspec.Raw = _EMPTY
    otel_dump: msgspec.Raw = _NULL
    wb_run_id: str | None = None
    wb_run_step: int | None = None


class EndWire(msgspec.Struct):
    """A call that ended."""

    id: str
    ended_at: datetime
    project_id: str = ""
    trace_id: str | None = None
    started_at: datetime | None = None
    exception: str | None = None
    output: msgspec.Raw = _NULL
    summary: msgspec.Raw = _EMPTY
    wb_run_step_end: int | None = None


class CompleteWire(StartWire, kw_only=True):
    """A call that began and ended."""

    ended_at: datetime
    exception: str | None = None
    output: msgspec.Raw = _NULL
    summary: msgspec.Raw = _EMPTY
    wb_run_step_end: int | None = None


class CallPart(msgspec.Struct, array_like=True, omit_defaults=True):
    """What is known of one call: a start has `op_name`, an end has `ended_at_us`; whole ones have both."""

    id: str
    trace_id: str = ""
    op_name: str = ""
    started_at_us: int = 0
    ended_at_us: int | None = None
    parent_id: str | None = None
    display_name: str | None = None
    thread_id: str | None = None
    turn_id: str | None = None
    wb_user_id: str | None = None
    wb_run_id: str | None = None
    wb_run_step: int | None = None
    wb_run_step_end: int | None = None
    attributes: str = "{}"
    inputs: str = "{}"
    output: str | None = None
    summary: str | None = None
    exception: str | None = None
    otel_dump: str | None = None

    @property
    def has_start(self) -> bool:
        """Whether it says how the call began."""
        return self.op_name != ""


class WriteCalls(Op):
    """Parts of calls of one project."""

    parts: list[CallPart]


def from_start(wire: StartWire, user_id: str) -> CallPart:
    """A start as it is written; ids that the client left out are made."""
    id_ = _id(wire.id) if wire.id else uuid7_hex()
    return CallPart(
        id=id_,
        trace_id=_id(wire.trace_id) if wire.trace_id else uuid7_hex(),
        op_name=_text(wire.op_name, OP_NAME_CHARS, "op_name") or "unknown",
        started_at_us=stamp_us(wire.started_at),
        parent_id=_id(wire.parent_id) if wire.parent_id else None,
        display_name=_optional(wire.display_name, NAME_CHARS, "display_name"),
        thread_id=_optional(wire.thread_id, NAME_CHARS, "thread_id"),
        turn_id=_optional(wire.turn_id, NAME_CHARS, "turn_id"),
        wb_user_id=user_id,
        wb_run_id=_optional(wire.wb_run_id, NAME_CHARS, "wb_run_id"),
        wb_run_step=_step(wire.wb_run_step),
        attributes=_object(wire.attributes),
        inputs=_object(wire.inputs),
        otel_dump=_json(wire.otel_dump),
    )


def from_end(wire: EndWire) -> CallPart:
    """An end as it is written."""
    return CallPart(
        id=_id(wire.id),
        trace_id=_id(wire.trace_id) if wire.trace_id else "",
        started_at_us=0 if wire.started_at is None else stamp_us(wire.started_at),
        ended_at_us=stamp_us(wire.ended_at),
        wb_run_step_end=_step(wire.wb_run_step_end),
        output=_json(wire.output),
        summary=_object(wire.summary),
        exception=_optional(wire.exception, EXCEPTION_CHARS, "exception"),
    )


def from_complete(wire: CompleteWire, user_id: str) -> CallPart:
    """A whole call as it is written."""
    part = from_start(wire, user_id)
    part.ended_at_us = stamp_us(wire.ended_at)
    part.wb_run_step_end = _step(wire.wb_run_step_end)
    part.output = _json(wire.output)
    part.summary = _object(wire.summary)
    part.exception = _optional(wire.exception, EXCEPTION_CHARS, "exception")
    return part


def merged(before: CallPart, after: CallPart) -> CallPart:
    """One part that says what both say; of two starts or two ends the later one counts."""
    if after.has_start and after.ended_at_us is not None:
        return after
    start, end = (after, before) if after.has_start else (before, after)
    if not start.has_start:  # two ends
        return after
    if end.ended_at_us is None:  # two starts
        return after
    return msgspec.structs.replace(
        start,
        ended_at_us=end.ended_at_us,
        wb_run_step_end=end.wb_run_step_end,
        output=end.output,
        summary=end.summary,
        exception=end.exception,
    )


def stamp_us(moment: datetime) -> int:
    """Microseconds since the epoch; a moment without a zone is in UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - _EPOCH) // _US, _OLDEST_US)


def _id(text: str) -> str:
    if not 0 < len(text) <= ID_CHARS or "\0" in text:
        raise BadCall(f"an id has 1 to {ID_CHARS} characters and no NUL", param="id")
    return text


def _text(text: str, limit: int, name: str) -> str:
    if len(text) > limit:
        raise BadCall(f"{name} is over {limit} characters", param=name)
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}") if "\0" in text else text


def _optional(text: str | None, limit: int, name: str) -> str | None:
    return None if text is None else _text(text, limit, name)


def _step(step: int | None) -> int | None:
    if step is not None and not -(1 << 62) < step < 1 << 62:
        raise BadCall("wb_run_step is out of bounds", param="wb_run_step")
    return step


def _object(raw: msgspec.Raw) -> str:
    text = bytes(raw).decode()
    if text.startswith("{"):
        return text
    if text == "null":
        return "{}"
    value: Any = msgspec.json.decode(raw)
    return dump({"value": value})  # what is to be an object, and is none, is kept all the same


def _json(raw: msgspec.Raw) -> str | None:
    text = bytes(raw).decode()
    return None if text == "null" else text
