"""What the inference door leaves in traces, and tells a collector, put together."""

import contextlib

from weft.gateway.tracing.export.exporter import Collector, Exporter
from weft.gateway.tracing.recorder import Recorder
from weft.kit.metrics import DOOR_TRACES_LOST, OTLP_DROPPED, OTLP_SENT, OTLP_WAITING, Metrics
from weft.kit.settings import Settings
from weft.traces.writing.writer import TraceWriter


def open_recorder(
    stack: contextlib.AsyncExitStack, settings: Settings, writer: TraceWriter, metrics: Metrics
) -> Recorder:
    """What takes over requests that are over; closed with `stack`, before the writer is.

    Raises:
        CannotStart: the settings name no collector that can be sent to.
    """
    sinks: list[Exporter] = []
    if settings.otlp_endpoint:
        collector = Collector.of(settings.otlp_endpoint, settings.otlp_headers.get_secret_value())
        exporter = Exporter(collector)
        exporter.start()
        stack.push_async_callback(exporter.close)
        metrics.register(OTLP_WAITING, lambda: [((), exporter.waiting)])
        metrics.register(OTLP_SENT, lambda: [((), exporter.counts.sent)])
        metrics.register(OTLP_DROPPED, lambda: [((), exporter.counts.dropped)])
        sinks.append(exporter)
    recorder = Recorder(writer.offer, sinks)
    recorder.start()
    stack.push_async_callback(recorder.close)
    metrics.register(DOOR_TRACES_LOST, lambda: [((), recorder.lost)])
    return recorder
