"""Spans of requests reach a collector, and requests never wait for it."""

import asyncio
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from tests.gateway.house import Door, open_door
from tests.gateway.tracing.export.receiver import Receiver, receiving
from tests.gateway.tracing.stored import TraceDatabase

from weft.gateway.tracing.export import exporter
from weft.gateway.tracing.export.exporter import Collector
from weft.kit.errors import CannotStart

pytestmark = pytest.mark.asyncio(loop_scope="module")
CONTEXT = f"00-{'ab' * 16}-{'cd' * 8}-01"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def collector() -> AsyncGenerator[Receiver]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporter.Exporter.__init__, "__kwdefaults__", {"gather_s": 0.01})
        patch.setattr(exporter, "FIRST_RETRY_S", 0.02)
        async with receiving() as receiver:
            yield receiver


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(
    collector: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Door]:
    """A server that tells the collector."""
    folder: Path = tmp_path_factory.mktemp("house")
    headers = "authorization=Bearer%20secret, x-team=a%2Cb"
    async with open_door(folder, otlp_endpoint=collector.url, otlp_headers=headers) as door:
        yield door


async def span_of(collector: Receiver, request_id: str) -> Span:
    """The span of a request, once it is there."""
    count = 1
    while True:
        for span in await collector.wait_for(count):
            if attributes(span)["weft.request_id"] == request_id:
                return span
        count = len(collector.spans) + 1


def attributes(span: Span) -> dict[str, Any]:
    return {
        pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "")
        for pair in span.attributes
    }


async def test_request_when_there_is_a_collector_then_it_gets_a_span(
    told: Door, collector: Receiver
) -> None:
    response = await told.ask("one two three")
    record = await told.record_of(response)
    assert record is not None
    span = await span_of(collector, record.id)
    found = attributes(span)
    assert span.name == "chat test/fake"
    assert span.kind == Span.SPAN_KIND_SERVER
    assert (found["gen_ai.operation.name"], found["gen_ai.request.model"]) == ("chat", "test/fake")
    assert (found["gen_ai.usage.input_tokens"], found["gen_ai.usage.output_tokens"]) == (3, 3)
    assert found["weft.cost_nusd"] == str(record.cost_nusd)
    assert (found["weft.team"], found["http.response.status_code"]) == ("my-team", 200)
    assert span.end_time_unix_nano - span.start_time_unix_nano == record.total_us * 1000
    assert span.trace_id.hex() == record.id.removeprefix("req_")
    assert span.parent_span_id == b""
    assert "one two" not in str(collector.requests[-1])
    head = collector.heads[-1].lower()
    assert head.startswith("post /v1/traces ")
    assert "authorization: bearer secret" in head
    assert "x-team: a,b" in head
    [group] = collector.requests[-1].resource_spans
    service = {pair.key: pair.value.string_value for pair in group.resource.attributes}
    assert service["service.name"] == "weft"


async def test_request_when_it_has_a_trace_context_then_its_span_is_in_that_trace(
    told: Door, collector: Receiver
) -> None:
    told_so = {"model": "test/fake", "messages": [{"role": "user", "content": "one"}]}
    response = await told.client.post(
        "/v1/chat/completions", json=told_so, headers={"traceparent": CONTEXT}
    )
    span = await span_of(collector, response.headers["x-request-id"])
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == ("ab" * 16, "cd" * 8)
    parent = "0198c2aa-0000-7000-8000-000000000001"
    trace = "0198c2aa-0000-7000-8000-0000000000ff"
    headers = {"x-weave-parent-call": parent, "x-weave-trace-id": trace}
    response = await told.client.post("/v1/chat/completions", json=told_so, headers=headers)
    span = await span_of(collector, response.headers["x-request-id"])
    assert span.trace_id.hex() == trace.replace("-", "")
    assert attributes(span)["weave.parent_call.id"] == parent


async def test_request_when_it_fails_then_its_span_says_so(told: Door, collector: Receiver) -> None:
    response = await told.ask("one", model="test/none")
    span = await span_of(collector, response.headers["x-request-id"])
    assert span.status.code == Status.STATUS_CODE_ERROR
    assert attributes(span)["error.type"] == response.json()["error"]["code"]


async def test_request_when_told_to_a_collector_only_then_leaves_no_call(
    told: Door, collector: Receiver
) -> None:
    stored = TraceDatabase(told)
    response = await told.ask("one")
    await span_of(collector, response.headers["x-request-id"])
    assert stored.find(response.headers["x-request-id"]) is None
    stored.database.close()


@pytest.mark.parametrize("answer", [(503, "retry-after: 0\r\n"), (429, ""), (502, "")])
async def test_spans_when_the_collector_is_busy_then_are_sent_again(
    told: Door, collector: Receiver, answer: tuple[int, str]
) -> None:
    collector.answers[:] = [answer, answer]
    response = await told.ask("one")
    await span_of(collector, response.headers["x-request-id"])
    assert not collector.answers


async def test_spans_when_the_collector_refuses_them_then_are_dropped_and_counted(
    told: Door, collector: Receiver
) -> None:
    before = await dropped(told)
    collector.answers[:] = [(400, "")]
    await told.ask("one")
    async with asyncio.timeout(10):
        while await dropped(told) == before:
            await asyncio.sleep(0.01)
    response = await told.ask("one")
    await span_of(collector, response.headers["x-request-id"])
    assert await dropped(told) == before + 1


async def test_requests_when_the_collector_says_nothing_then_go_on_and_the_wait_is_bounded(
    told: Door, collector: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporter, "WAITING_SPANS", 5)
    collector.speaks.clear()
    before, began_s = await dropped(told), time.monotonic()
    for _ in range(20):
        assert (await told.ask("one")).status_code == 200
    took_s = time.monotonic() - began_s
    assert took_s < 10, "a request waited for the collector"
    async with asyncio.timeout(10):
        while await dropped(told) < before + 15:
            await asyncio.sleep(0.01)
    collector.speaks.set()


async def dropped(door: Door) -> float:
    metrics = (await door.client.get("/metrics")).text
    [line] = [one for one in metrics.splitlines() if one.startswith("weft_otlp_dropped_spans ")]
    return float(line.split()[1])


async def test_collector_when_settings_name_it_then_path_and_headers_are_whole() -> None:
    assert Collector.of("http://a/b/", "").url == "http://a/b/v1/traces"
    assert Collector.of("http://a/v1/traces", "").url == "http://a/v1/traces"
    for broken in ("nonsense", "=x", "a b=c", "x=a\nb"):
        with pytest.raises(CannotStart):
            Collector.of("http://a", broken)
