"""Spans as they are read: what OTLP sends, with plain values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1 import trace_pb2

from weft.traces.otel.values import Attributes, plain

_KINDS: Mapping[int, str] = {
    number: name.removeprefix("SPAN_KIND_") for name, number in trace_pb2.Span.SpanKind.items()
}
_STATUS = {0: "UNSET", 1: "OK", 2: "ERROR"}
EVENTS_LIMIT = 1000
_LATEST_US = 1 << 53


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened within a span."""

    name: str
    at_us: int
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Resource:
    """The program that sent a span."""

    attributes: Attributes = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Span:
    """One span. Ids are lower-case hex; times are microseconds."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: str
    started_at_us: int
    ended_at_us: int
    attributes: Attributes
    status: str = "UNSET"
    status_message: str = ""
    events: tuple[Event, ...] = ()
    resource: Resource = Resource()
    scope: str = ""
    scope_version: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether it has the ids and times that a span must have."""
        return bool(self.trace_id.strip("0") and self.span_id.strip("0")) and bool(
            self.started_at_us
        )


def spans_of(request: ExportTraceServiceRequest) -> Iterator[Span]:
    """All spans of a request, in their order; ids of a wrong length are empty."""
    for group in request.resource_spans:
        resource = Resource(plain(group.resource.attributes))
        for scoped in group.scope_spans:
            for span in scoped.spans:
                yield _span(span, resource, scoped.scope.name, scoped.scope.version)


def _span(span: trace_pb2.Span, resource: Resource, scope: str, version: str) -> Span:
    started = _us(span.start_time_unix_nano)
    return Span(
        trace_id=span.trace_id.hex() if len(span.trace_id) == 16 else "",
        span_id=span.span_id.hex() if len(span.span_id) == 8 else "",
        parent_id=span.parent_span_id.hex() if len(span.parent_span_id) == 8 else "",
        name=span.name,
        kind=_KINDS.get(span.kind, "UNSPECIFIED"),
        started_at_us=started,
        ended_at_us=max(_us(span.end_time_unix_nano), started),
        attributes=plain(span.attributes),
        status=_STATUS.get(span.status.code, "UNSET"),
        status_message=span.status.message,
        events=tuple(
            Event(event.name, _us(event.time_unix_nano), plain(event.attributes))
            for event in span.events[:EVENTS_LIMIT]
        ),
        resource=resource,
        scope=scope,
        scope_version=version,
    )


def _us(nano: int) -> int:
    return min(nano // 1000, _LATEST_US)
