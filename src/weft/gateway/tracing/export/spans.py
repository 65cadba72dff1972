"""A request as an OpenTelemetry span: GenAI's names, no prompt and no answer.

Source: OpenTelemetry semantic conventions, gen-ai spans (1.37); W3C Trace Context for where a span belongs. Names that
begin with `weft.` are ours: what leads back to the usage record, the ledger and the log.
"""

from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from weft import __version__
from weft.gateway.tracing.note import Note
from weft.ledger.types import Outcome

_HEX = frozenset("0123456789abcdef")


def resource_of(instance: str) -> Resource:
    """This server, as the sender of spans."""
    told = {
        "service.name": "weft",
        "service.version": __version__,
        "service.instance.id": instance,
    }
    return Resource(attributes=_pairs(told))


def span_of(note: Note) -> Span:
    """The span of a request; its id is the end of the request's own."""
    record = note.record
    own = record.id.removeprefix("req_")
    link = note.tracked.link
    failed = note.failure is not None or record.outcome is not Outcome.COMPLETED
    span = Span(
        trace_id=_id(note.trace_id, 32) or bytes.fromhex(own),
        span_id=bytes.fromhex(own[-16:]),
        parent_span_id=_id(link.parent_id, 16) if link else b"",
        name=f"{note.kind.operation} {record.model_id}".rstrip(),
        kind=Span.SPAN_KIND_SERVER,
        start_time_unix_nano=record.started_at_us * 1000,
        end_time_unix_nano=note.ended_at_us * 1000,
        attributes=_pairs(_attributes(note)),
    )
    if failed:
        kind = record.error_code or "client_closed_request"
        span.status.code = Status.STATUS_CODE_ERROR
        span.status.message = kind
        span.attributes.append(_pair("error.type", kind))
    return span


def _attributes(note: Note) -> dict[str, Any]:
    record, link = note.record, note.tracked.link
    told: dict[str, Any] = {
        "gen_ai.operation.name": note.kind.operation,
        "gen_ai.provider.name": "weft",
        "gen_ai.request.model": record.model_id,
        "http.response.status_code": record.status,
        "weft.request_id": record.id,
        "weft.team": note.principal.team,
        "weft.project": note.principal.project,
        "weft.key_id": record.key_id,
        "weft.outcome": record.outcome.value,
        "weft.stream": record.stream,
        "weft.cost_nusd": str(note.charged_nusd),
        "weft.queue_ms": record.queue_us / 1e3,
        "weft.ttft_ms": record.ttft_us / 1e3,
    }
    if record.engine:
        told["weft.engine"] = record.engine
    if record.served_model_id:
        told["gen_ai.response.model"] = record.served_model_id
    if record.tokens.input or record.tokens.output:
        told["gen_ai.usage.input_tokens"] = record.tokens.input
        told["gen_ai.usage.output_tokens"] = record.tokens.output
        told["gen_ai.usage.cache_read.input_tokens"] = record.tokens.cached_input
    if link is not None and not _id(link.parent_id, 16):
        # A call of the Weave client is no span: its ids go along as its own client sends them.
        told["weave.parent_call.id"] = link.parent_id
        told["weave.parent_call.trace_id"] = link.trace_id
    return told


def _id(text: str, digits: int) -> bytes:
    """An id of so many hex digits, dashes left out; empty if it is none."""
    plain = text.replace("-", "").lower()
    return bytes.fromhex(plain) if len(plain) == digits and _HEX.issuperset(plain) else b""


def _pairs(told: dict[str, Any]) -> list[KeyValue]:
    return [_pair(name, value) for name, value in told.items()]


def _pair(name: str, value: str | float | bool) -> KeyValue:  # noqa: FBT001 - a value, no switch
    if isinstance(value, bool):
        return KeyValue(key=name, value=AnyValue(bool_value=value))
    if isinstance(value, int):
        return KeyValue(key=name, value=AnyValue(int_value=value))
    if isinstance(value, float):
        return KeyValue(key=name, value=AnyValue(double_value=value))
    return KeyValue(key=name, value=AnyValue(string_value=value))
