"""Metrics in Prometheus form. The one place for their names.

Owns plain counters and bucket arrays that the hot path adds to, about a microsecond a request, and turns them into
Prometheus's text when asked. Names follow OpenTelemetry's GenAI conventions where these have one
(semantic-conventions-genai, docs/gen-ai/gen-ai-metrics.md, read 2026-11: `gen_ai.server.request.duration`,
`.time_to_first_token`, `.time_per_output_token`, `gen_ai.client.token.usage`, with their bounds), in Prometheus's
spelling: underscores, and the unit at the end. The duration's bounds go on past the convention's last one, because long
answers take longer. Written to from one thread.
"""

import platform
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

import weft

MAX_MODELS = 1000
"""Models told apart; more become `other`, so that a caller cannot make series without end."""

OTHER = "other"
COMPLETED = "completed"
"""The outcome that is no error; every other one becomes `error_type`."""

DURATION = "gen_ai_server_request_duration_seconds"
TTFT = "gen_ai_server_time_to_first_token_seconds"
PER_TOKEN = "gen_ai_server_time_per_output_token_seconds"  # noqa: S105 - a metric
TOKENS = "gen_ai_client_token_usage"
_CHAT = 'gen_ai_operation_name="chat",gen_ai_provider_name="weft"'
DURATION_BOUNDS_S = (
    *(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92),
    *(163.84, 327.68, 655.36),
)
TTFT_BOUNDS_S = (
    *(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0),
    *(30.0, 60.0),
)
PER_TOKEN_BOUNDS_S = (*(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5),)
TOKEN_BOUNDS = tuple(float(4**power) for power in range(14))


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure that is read when Prometheus asks."""

    name: str
    documentation: str
    labels: tuple[str, ...] = ()


REQUESTS_IN_FLIGHT = Gauge(
    "weft_requests_in_flight", "Requests that are being answered.", ("gen_ai_request_model",)
)
ENGINE_STATE = Gauge(
    "weft_engine_state", "1 for the state that an engine is in.", ("engine", "state")
)
ENGINE_IN_FLIGHT = Gauge("weft_engine_in_flight", "Requests that an engine works on.", ("engine",))
MODEL_QUEUE_DEPTH = Gauge(
    "weft_model_queue_depth", "Requests that wait for a model's engines.", ("model",)
)
USAGE_WRITER_BACKLOG = Gauge("weft_usage_writer_backlog", "Usage records that wait to be written.")
TRACE_BACKLOG = Gauge(
    "weft_trace_backlog", "Trace operations that were accepted and are not in the database yet."
)
TRACE_SPOOL_BYTES = Gauge("weft_trace_spool_bytes", "Trace operations that wait on disk, in bytes.")
TRACE_LOST = Gauge(
    "weft_trace_lost", "Trace operations that found no room anywhere, since the start."
)
DOOR_TRACES_LOST = Gauge(
    "weft_door_traces_lost", "Requests that left no trace for want of room, since the start."
)
OTLP_WAITING = Gauge("weft_otlp_waiting_spans", "Spans that wait for the OpenTelemetry collector.")
OTLP_SENT = Gauge("weft_otlp_sent_spans", "Spans that the collector has taken, since the start.")
OTLP_DROPPED = Gauge(
    "weft_otlp_dropped_spans", "Spans that the collector did not get, since the start."
)
REQUEST_LOG_LOST = Gauge(
    "weft_request_log_lost_lines", "Lines of the request log that were dropped."
)
MONITOR_STATES = Gauge(
    "weft_monitors", "Monitors that this process looks after, by how they are.", ("state",)
)
MONITOR_VERDICTS = Gauge(
    "weft_monitor_judged_calls", "Calls that monitors judged, since the start."
)
MONITOR_REFUSALS = Gauge(
    "weft_monitor_refusals", "Times that a monitor's model was refused, since the start."
)

Reading = tuple[tuple[str, ...], float]
"""The values of a gauge's labels, and its figure."""


class _Histogram:
    """Counts by bucket. The last bucket has no upper bound."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1  # a bound belongs to its bucket: le
        self.sum += value

    def lines(self, name: str, labels: str) -> Iterator[str]:
        """The series in Prometheus's text format."""
        total = 0
        for bound, count in zip(self.bounds, self.counts, strict=False):
            total += count
            yield f'{name}_bucket{{{labels},le="{bound}"}} {total}'
        total += self.counts[-1]
        yield f'{name}_bucket{{{labels},le="+Inf"}} {total}'
        yield f"{name}_count{{{labels}}} {total}"
        yield f"{name}_sum{{{labels}}} {self.sum}"


class _Model:
    """What was measured of one model."""

    __slots__ = (
        *("cached_input", "capped_charges", "durations", "input", "output", "per_token"),
        *("statuses", "ttft"),
    )

    def __init__(self) -> None:
        self.durations: dict[str, _Histogram] = {}
        self.statuses: dict[int, int] = {}
        self.ttft = _Histogram(TTFT_BOUNDS_S)
        self.per_token = _Histogram(PER_TOKEN_BOUNDS_S)
        self.input = _Histogram(TOKEN_BOUNDS)
        self.output = _Histogram(TOKEN_BOUNDS)
        self.cached_input = 0
        self.capped_charges = 0


class Metrics(Collector):
    """All metrics of this process."""

    def __init__(self) -> None:
        self._models: dict[str, _Model] = {}
        self._gauges: dict[Gauge, Callable[[], Iterable[Reading]]] = {}
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def observe_request(
        self,
        model: str,
        status: int,
        *,
        outcome: str,
        duration_s: float,
        ttft_s: float = 0.0,
        input_tokens: int = 0,
        cached_input_tokens: int = 0,
        output_tokens: int = 0,
    ) -> None:
        """Count one finished request. `ttft_s` is 0 where no answer streamed; `model` an id that exists."""
        measured = self._models.get(model) or self._start(model)
        statuses = measured.statuses
        statuses[status] = statuses.get(status, 0) + 1
        duration = measured.durations.get(outcome)
        if duration is None:
            duration = measured.durations[outcome] = _Histogram(DURATION_BOUNDS_S)
        duration.add(duration_s)
        if ttft_s > 0:
            measured.ttft.add(ttft_s)
            if output_tokens > 1 and outcome == COMPLETED:
                measured.per_token.add((duration_s - ttft_s) / (output_tokens - 1))
        if input_tokens:
            measured.input.add(input_tokens)
            measured.cached_input += cached_input_tokens
        if output_tokens:
            measured.output.add(output_tokens)

    def count_capped_charge(self, model: str) -> None:
        """Count a request that cost more than was set aside for it, so that it was charged less than it cost."""
        (self._models.get(model) or self._start(model)).capped_charges += 1

    def register(self, gauge: Gauge, read: Callable[[], Iterable[Reading]]) -> None:
        """Ask `read` for the gauge's figures at every scrape. Cheap, and never raises."""
        self._gauges[gauge] = read

    def render(self) -> tuple[bytes, str]:
        """Everything in Prometheus's text format, and its content type."""
        hot = "".join([f"{line}\n" for line in self._request_lines()])
        return hot.encode() + generate_latest(self._registry), CONTENT_TYPE_LATEST

    def collect(self) -> Iterator[Metric]:
        """What changes seldom; called by prometheus_client."""
        info = GaugeMetricFamily(
            "weft_build_info", "1; the labels say what runs.", labels=("version", "python_version")
        )
        info.add_metric((weft.__version__, platform.python_version()), 1)
        yield info
        for gauge, read in self._gauges.items():
            family = GaugeMetricFamily(gauge.name, gauge.documentation, labels=gauge.labels)
            for labels, figure in read():
                family.add_metric(labels, figure)
            yield family

    def _start(self, model: str) -> _Model:
        if len(self._models) >= MAX_MODELS:
            return self._models.setdefault(OTHER, _Model())
        return self._models.setdefault(model, _Model())

    def _request_lines(self) -> Iterator[str]:
        """What the hot path counts, written directly: prometheus_client would take the loop 20 ms for 20 models."""
        models = [
            (f'gen_ai_request_model="{_escaped(name)}"', m) for name, m in self._models.items()
        ]
        yield from _head("weft_requests_total", "counter", "Requests answered, by HTTP status.")
        for label, model in models:
            for status, count in model.statuses.items():
                yield f'weft_requests_total{{{label},status="{status}"}} {count}'
        yield from _head("weft_cached_input_tokens_total", "counter", "Input tokens found cached.")
        for label, model in models:
            yield f"weft_cached_input_tokens_total{{{label}}} {model.cached_input}"
        yield from _head(
            "weft_capped_charges_total",
            "counter",
            "Requests that used more than was set aside for them, and were charged less.",
        )
        for label, model in models:
            yield f"weft_capped_charges_total{{{label}}} {model.capped_charges}"
        yield from _head(DURATION, "histogram", "From a request's arrival to its answer's end.")
        for label, model in models:
            for outcome, histogram in model.durations.items():
                error = "" if outcome == COMPLETED else f',error_type="{_escaped(outcome)}"'
                yield from histogram.lines(DURATION, f"{_CHAT},{label}{error}")
        yield from _head(TTFT, "histogram", "From a request's arrival to its answer's first byte.")
        for label, model in models:
            yield from model.ttft.lines(TTFT, f"{_CHAT},{label}")
        yield from _head(PER_TOKEN, "histogram", "Time per output token after the first.")
        for label, model in models:
            yield from model.per_token.lines(PER_TOKEN, f"{_CHAT},{label}")
        yield from _head(TOKENS, "histogram", "Tokens of a request, by gen_ai_token_type.")
        for label, model in models:
            yield from model.input.lines(TOKENS, f'{_CHAT},{label},gen_ai_token_type="input"')
            yield from model.output.lines(TOKENS, f'{_CHAT},{label},gen_ai_token_type="output"')


def _head(name: str, kind: str, documentation: str) -> tuple[str, str]:
    return f"# HELP {name} {documentation}", f"# TYPE {name} {kind}"


def _escaped(value: str) -> str:
    """A label's value as the text format wants it."""
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
