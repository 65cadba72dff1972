"""The metrics as Prometheus reads them."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

import weft
from weft.kit import metrics as module
from weft.kit.metrics import (
    DURATION_BOUNDS_S,
    ENGINE_STATE,
    USAGE_WRITER_BACKLOG,
    Gauge,
    Metrics,
)

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def families(metrics: Metrics) -> Iterable[Metric]:
    body, _content_type = metrics.render()
    return text_string_to_metric_families(body.decode())


def samples(metrics: Metrics) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families(metrics)
        for sample in family.samples
    }


def figure(metrics: Metrics, name: str, **labels: str) -> float:
    """The one sample of that name that has these labels among its own."""
    wanted = set(labels.items())
    found = [value for (n, own), value in samples(metrics).items() if n == name and wanted <= own]
    assert len(found) == 1, (name, labels, found)
    return found[0]


def observe(
    metrics: Metrics, model: str = "m", status: int = 200, outcome: str = "completed"
) -> None:
    metrics.observe_request(
        model,
        status,
        outcome=outcome,
        duration_s=2.0,
        ttft_s=0.5,
        input_tokens=100,
        cached_input_tokens=30,
        output_tokens=4,
    )


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def test_render_when_nothing_happened_then_the_build_is_told(metrics: Metrics) -> None:
    assert figure(metrics, "weft_build_info", version=weft.__version__) == 1
    assert figure(metrics, "process_open_fds") > 0
    assert metrics.render()[1].startswith("text/plain")


def test_render_when_requests_finished_then_they_are_counted_by_status(metrics: Metrics) -> None:
    observe(metrics)
    observe(metrics)
    observe(metrics, status=502, outcome="failed")
    observe(metrics, model="n")
    name = "weft_requests_total"
    assert figure(metrics, name, gen_ai_request_model="m", status="200") == 2
    assert figure(metrics, name, gen_ai_request_model="m", status="502") == 1
    assert figure(metrics, name, gen_ai_request_model="n", status="200") == 1


def test_render_when_a_request_failed_then_its_duration_has_an_error_type(metrics: Metrics) -> None:
    observe(metrics, outcome="failed")
    name = "gen_ai_server_request_duration_seconds_count"
    assert figure(metrics, name, error_type="failed") == 1
    observe(metrics)
    own = [labels for (n, labels) in samples(metrics) if n == name]
    assert sorted("error_type" in dict(labels) for labels in own) == [False, True]


def test_render_when_a_request_completed_then_times_and_tokens_are_told(metrics: Metrics) -> None:
    observe(metrics)
    labels = {
        "gen_ai_operation_name": "chat",
        "gen_ai_provider_name": "weft",
        "gen_ai_request_model": "m",
    }
    ttft = "gen_ai_server_time_to_first_token_seconds"
    assert figure(metrics, f"{ttft}_bucket", le="0.5", **labels) == 1
    assert figure(metrics, f"{ttft}_bucket", le="0.25", **labels) == 0
    assert figure(metrics, f"{ttft}_sum", **labels) == 0.5
    per_token = "gen_ai_server_time_per_output_token_seconds"
    assert figure(metrics, f"{per_token}_sum", **labels) == 0.5  # 1.5 s for the 3 after the first
    used = "gen_ai_client_token_usage_sum"
    assert figure(metrics, used, gen_ai_token_type="input", **labels) == 100
    assert figure(metrics, used, gen_ai_token_type="output", **labels) == 4
    assert figure(metrics, "weft_cached_input_tokens_total", gen_ai_request_model="m") == 30


def test_render_when_a_request_had_no_token_then_only_its_duration_counts(metrics: Metrics) -> None:
    metrics.observe_request("m", 503, outcome="refused", duration_s=0.001)
    assert figure(metrics, "gen_ai_server_request_duration_seconds_count") == 1
    assert figure(metrics, "gen_ai_server_time_to_first_token_seconds_count") == 0
    assert figure(metrics, "gen_ai_client_token_usage_count", gen_ai_token_type="input") == 0


def test_render_when_charges_were_capped_then_they_are_counted_by_model(metrics: Metrics) -> None:
    observe(metrics)
    metrics.count_capped_charge("m")
    metrics.count_capped_charge("m")
    metrics.count_capped_charge("n")
    assert figure(metrics, "weft_capped_charges_total", gen_ai_request_model="m") == 2
    assert figure(metrics, "weft_capped_charges_total", gen_ai_request_model="n") == 1


def test_render_when_gauges_are_registered_then_they_are_read_each_time(metrics: Metrics) -> None:
    state = ["starting"]
    metrics.register(ENGINE_STATE, lambda: [(("tiny", state[0]), 1)])
    metrics.register(USAGE_WRITER_BACKLOG, lambda: [((), 7)])
    assert figure(metrics, "weft_engine_state", engine="tiny", state="starting") == 1
    assert figure(metrics, "weft_usage_writer_backlog") == 7
    state[0] = "ready"
    assert figure(metrics, "weft_engine_state", engine="tiny", state="ready") == 1


def test_render_when_a_gauge_has_no_figure_then_it_is_left_out(metrics: Metrics) -> None:
    metrics.register(ENGINE_STATE, list)
    assert "weft_engine_state" not in {name for name, _labels in samples(metrics)}


def test_observe_when_there_are_too_many_models_then_the_rest_is_one(
    metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_MODELS", 2)
    for model in ("a", "b", "c", "d", "a"):
        observe(metrics, model=model)
    counts = {
        dict(labels)["gen_ai_request_model"]: value
        for (name, labels), value in samples(metrics).items()
        if name == "weft_requests_total"
    }
    assert counts == {"a": 2, "b": 1, "other": 2}


def test_every_gauge_when_listed_then_its_name_is_ours_and_it_is_described() -> None:
    gauges = [value for value in vars(module).values() if isinstance(value, Gauge)]
    assert len(gauges) >= 6
    for gauge in gauges:
        assert gauge.name.startswith("weft_")
        assert gauge.documentation.endswith(".")


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]) | st.just("\n")))
def test_render_when_a_model_has_any_name_then_it_is_read_back(name: str) -> None:
    metrics = Metrics()
    observe(metrics, model=name)
    assert figure(metrics, "weft_requests_total", gen_ai_request_model=name) == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 2000) | st.sampled_from(DURATION_BOUNDS_S), max_size=50))
def test_render_when_durations_are_any_then_each_bucket_counts_those_at_most_its_bound(
    durations: list[float],
) -> None:
    metrics = Metrics()
    for duration_s in [1.0, *durations]:
        metrics.observe_request("m", 200, outcome="completed", duration_s=duration_s)
    buckets = {
        dict(labels)["le"]: value
        for (name, labels), value in samples(metrics).items()
        if name == "gen_ai_server_request_duration_seconds_bucket"
    }
    assert buckets.pop("+Inf") == len(durations) + 1
    assert buckets == {
        str(bound): sum(duration_s <= bound for duration_s in [1.0, *durations])
        for bound in DURATION_BOUNDS_S
    }
