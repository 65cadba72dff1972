"""Streams on the wire: the shape of the events, the end of them, engines that die, and clients that hang up."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

from conformance.server import ECHO, TINY, Engine, Weft, wait_until

pytestmark = pytest.mark.conformance


def body(text: str, *, model: str = ECHO, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], "stream": True, **more}


def post(weft: Weft, content: dict[str, Any], **headers: str) -> httpx.Response:
    return httpx.post(
        f"{weft.url}/chat/completions",
        json=content,
        headers={**weft.headers, **headers},
        timeout=30,
    )


def events(response: httpx.Response) -> list[str]:
    parts = response.text.split("\n\n")
    assert parts.pop() == "", "the last event ends like the others"
    assert all(part.startswith("data: ") and "\n" not in part for part in parts)
    return [part.removeprefix("data: ") for part in parts]


@pytest.mark.parametrize("model", [ECHO, TINY])
def test_stream_when_complete_then_has_chunks_of_one_answer_and_done(
    weft: Weft, model: str
) -> None:
    response = post(weft, body("What is 2 + 2?", model=model))
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-cache"
    *chunks, done = events(response)
    assert done == "[DONE]"
    decoded = [json.loads(chunk) for chunk in chunks]
    assert len({chunk["id"] for chunk in decoded}) == 1
    assert {chunk["object"] for chunk in decoded} == {"chat.completion.chunk"}
    assert {chunk["model"] for chunk in decoded} == {model}
    assert decoded[0]["choices"][0]["delta"]["role"] == "assistant"
    assert [len(chunk["choices"]) for chunk in decoded] == [1] * len(decoded)
    reasons = [chunk["choices"][0]["finish_reason"] for chunk in decoded]
    assert reasons == [None] * (len(reasons) - 1) + ["stop"]
    assert not any(chunk.get("usage") for chunk in decoded)
    assert not any("timings" in chunk for chunk in decoded)


@pytest.mark.parametrize("model", [ECHO, TINY])
@pytest.mark.parametrize("choices", [1, 3])
def test_usage_when_asked_for_then_comes_once_before_done(
    weft: Weft, model: str, choices: int
) -> None:
    options = {"include_usage": True}
    response = post(weft, body("What is 2 + 2?", model=model, n=choices, stream_options=options))
    *chunks, last, done = events(response)
    assert done == "[DONE]"
    told = json.loads(last)
    assert told["choices"] == []
    assert told["usage"]["total_tokens"] > 0
    assert not any(json.loads(chunk).get("usage") for chunk in chunks)
    indices = {c["index"] for chunk in chunks for c in json.loads(chunk)["choices"]}
    assert indices == set(range(choices))
    record = weft.usage(response.headers["x-request-id"])
    assert record is not None
    assert record["output_tokens"] == told["usage"]["completion_tokens"]


@pytest.mark.parametrize("switches", ["odd_chunks", "crlf", "comments", "unicode odd_chunks"])
def test_stream_when_the_engine_writes_oddly_then_reads_the_same(
    weft: Weft, client: openai.OpenAI, switches: str
) -> None:
    stream = client.chat.completions.create(
        model=ECHO,
        messages=[{"role": "user", "content": f"[[fake: {switches}]] one two three"}],
        stream=True,
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    assert text == ("oneé🧵 twoé🧵 threeé🧵" if "unicode" in switches else "one two three")


@pytest.mark.parametrize("switches", ["", "chunk_tokens=5"])
def test_reasoning_when_streamed_then_has_both_names(
    weft: Weft, client: openai.OpenAI, switches: str
) -> None:
    response = post(weft, body(f"[[fake: {switches}]] hello", model="test/thinker"))
    *chunks, _done = events(response)
    deltas = [json.loads(chunk)["choices"][0]["delta"] for chunk in chunks]
    thoughts = "".join(delta.get("reasoning_content") or "" for delta in deltas)
    assert thoughts == "thought0 thought1 thought2 "
    assert "".join(delta.get("reasoning") or "" for delta in deltas) == thoughts


def test_reasoning_when_whole_then_has_both_names_and_is_null_without_any(
    client: openai.OpenAI,
) -> None:
    def message(model: str) -> dict[str, Any]:
        answer = client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "hello"}]
        )
        return answer.choices[0].message.model_dump()

    thinking, plain = message("test/thinker"), message(TINY)
    assert thinking["reasoning"] == thinking["reasoning_content"] == "thought0 thought1 thought2 "
    assert thinking["content"] == "hello"
    assert plain["reasoning"] is None


@pytest.mark.parametrize(
    ("model", "switches"),
    [
        ("test/mortal", "die_after=3"),
        (ECHO, "truncate_after=3"),
        (ECHO, "error_after=3"),
        (ECHO, "garbage"),
    ],
)
def test_engine_when_it_fails_within_a_stream_then_one_error_event_ends_it(
    weft: Weft, client: openai.OpenAI, model: str, switches: str
) -> None:
    content = body(f"[[fake: {switches}]] one two three four five", model=model)
    response = post(weft, content)
    *chunks, last = events(response)
    error = json.loads(last)["error"]
    assert error["message"]
    assert error["code"] == "engine_failed"
    assert all("error" not in json.loads(chunk) for chunk in chunks)
    record = weft.usage(response.headers["x-request-id"])
    assert record is not None
    assert record["outcome"] == "failed"
    assert 1 <= record["output_tokens"] <= 3
    assert record["usage_source"] == "counted"


def chunks_of(client: openai.OpenAI, model: str, text: str, **more: Any) -> tuple[Any, str]:
    raw = client.chat.completions.with_raw_response.create(
        model=model, messages=[{"role": "user", "content": text}], stream=True, extra_body=more
    )
    return raw.parse(), raw.headers["x-request-id"]


def test_client_when_it_hangs_up_then_the_engine_stops_within_a_second(
    weft: Weft, engine: Engine, client: openai.OpenAI
) -> None:
    before = engine.stats()
    stream, request_id = chunks_of(client, "test/counted", "[[fake: tokens=2000 delay_ms=10]] on")
    received = _take(iter(stream), 10)
    stream.close()
    took_s = wait_until(lambda: engine.stats()["aborted"] == before["aborted"] + 1)
    assert took_s < 1
    produced = engine.stats()["tokens"] - before["tokens"]
    wait_until(lambda: weft.usage(request_id) is not None)
    record = weft.usage(request_id)
    assert record is not None
    assert record["outcome"] == "cancelled"
    assert received - 1 <= record["output_tokens"] <= produced
    assert record["usage_source"] == "counted"
    assert int(record["cost_nusd"]) > 0


def test_client_when_it_hangs_up_on_llama_cpp_then_is_metered_for_what_was_produced(
    weft: Weft, client: openai.OpenAI
) -> None:
    stream, request_id = chunks_of(
        client, TINY, "Tell me a joke.", max_tokens=1900, ignore_eos=True
    )
    received = _take(iter(stream), 20)
    stream.close()
    assert wait_until(lambda: weft.in_flight(TINY) == 0) < 1
    wait_until(lambda: weft.usage(request_id) is not None)
    record = weft.usage(request_id)
    assert record is not None
    assert record["outcome"] == "cancelled"
    assert received - 2 <= record["output_tokens"] < 1900
    assert record["input_tokens"] > 0


def test_client_when_it_hangs_up_before_the_answer_then_the_engine_stops(
    weft: Weft, engine: Engine
) -> None:
    before = engine.stats()
    content = {**body("[[fake: stall_ms=20000]] on", model="test/counted"), "stream": False}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{weft.url}/chat/completions", json=content, headers=weft.headers, timeout=0.3)
    assert wait_until(lambda: engine.stats()["aborted"] == before["aborted"] + 1) < 1
    assert wait_until(lambda: weft.in_flight("test/counted") == 0) < 1


def _take(chunks: Iterator[Any], count: int) -> int:
    return sum(1 for _ in zip(chunks, range(count), strict=False))
