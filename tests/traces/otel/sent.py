"""OTLP requests as exporters send them."""

from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

START_NS = 1_764_000_000_000_000_000


def value(told: Any) -> AnyValue:
    if isinstance(told, bool):
        return AnyValue(bool_value=told)
    if isinstance(told, int):
        return AnyValue(int_value=told)
    if isinstance(told, float):
        return AnyValue(double_value=told)
    if isinstance(told, list):
        return AnyValue(array_value=ArrayValue(values=[value(one) for one in told]))  # pyright: ignore[reportUnknownVariableType]
    return AnyValue(string_value=str(told))


def pairs(attributes: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=name, value=value(told)) for name, told in attributes.items()]


def span(number: int, attributes: Mapping[str, Any], *, parent: int = 0, trace: int = 1) -> Span:
    return Span(
        trace_id=trace.to_bytes(16, "big"),
        span_id=number.to_bytes(8, "big"),
        parent_span_id=parent.to_bytes(8, "big") if parent else b"",
        name=f"span {number}",
        kind=Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=START_NS + number * 1_000_000,
        end_time_unix_nano=START_NS + number * 1_000_000 + 5_000_000,
        attributes=pairs(attributes),
    )


def request(*spans: Span, resource: Mapping[str, Any] | None = None) -> ExportTraceServiceRequest:
    return requests([(resource or {"service.name": "test"}, spans)])


def requests(
    groups: Sequence[tuple[Mapping[str, Any], Sequence[Span]]],
) -> ExportTraceServiceRequest:
    told = ExportTraceServiceRequest()
    for resource, spans in groups:
        group = ResourceSpans(scope_spans=[ScopeSpans(spans=spans)])
        group.resource.attributes.extend(pairs(resource))
        told.resource_spans.append(group)
    return told
