"""The fake over real HTTP: each switch, and what it counts."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest

from weft.engines.process.spawn import Child
from weft.upstream import ConnectionClosed, HeadTemplate, Origin, Pool, UpstreamError

Until = Callable[[Callable[[], bool]], Awaitable[None]]
Start = Callable[..., Awaitable[tuple[Child, int]]]
MAX_BYTES = 1 << 24


class Client:
    """Speaks to one fake engine."""

    def __init__(self, port: int, key: str = "") -> None:
        self.origin = Origin("127.0.0.1", port)
        self.pool = Pool(self.origin)
        self.headers = [(b"Authorization", b"Bearer " + key.encode())] if key else []

    async def ask(self, text: str, **fields: object) -> tuple[int, bytes]:
        return await self.send(json.dumps(body_of(text, **fields)).encode())

    async def send(self, body: bytes, path: str = "/v1/chat/completions") -> tuple[int, bytes]:
        response = await self.pool.send(self.head("POST", path).render(len(body)), body)
        return response.status, await response.read(MAX_BYTES)

    async def get(self, path: str) -> tuple[int, Any]:
        response = await self.pool.send(self.head("GET", path).render(None))
        return response.status, json.loads(await response.read(MAX_BYTES))

    async def stats(self) -> dict[str, int]:
        return (await self.get("/fake/stats"))[1]

    async def chunks(self, text: str, **fields: object) -> list[bytes]:
        """The stream as it was read off the wire."""
        body = json.dumps(body_of(text, stream=True, **fields)).encode()
        head = self.head("POST", "/v1/chat/completions").render(len(body))
        response = await self.pool.send(head, body)
        assert response.status == 200
        found: list[bytes] = []
        while chunk := await response.next():
            found.append(chunk)
        return found

    async def events(self, text: str, **fields: object) -> list[dict[str, Any]]:
        """The JSON events of a stream, without `[DONE]`."""
        lines = b"".join(await self.chunks(text, **fields)).decode().splitlines()
        data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
        return [json.loads(item) for item in data if item != "[DONE]"]

    def head(self, method: str, path: str) -> HeadTemplate:
        return HeadTemplate(method, path, host=self.origin.authority, headers=self.headers)


def body_of(text: str, **fields: object) -> dict[str, object]:
    return {"model": "m", "messages": [{"role": "user", "content": text}], **fields}


def content_of(events: list[dict[str, Any]], index: int = 0) -> str:
    deltas = [
        choice["delta"]
        for event in events
        for choice in event["choices"]
        if choice["index"] == index
    ]
    return "".join(delta.get("content") or "" for delta in deltas)


@pytest.fixture
async def client(fake_server: Start) -> AsyncIterator[Client]:
    _, port = await fake_server()
    made = Client(port)
    yield made
    await made.pool.close()


async def test_reply_when_not_streamed_then_it_has_openai_s_shape(client: Client) -> None:
    status, body = await client.ask("Hello big world", max_tokens=2)
    reply = json.loads(body)
    assert status == 200
    assert reply["object"] == "chat.completion"
    assert reply["choices"][0]["message"] == {"role": "assistant", "content": "Hello big "}
    assert reply["choices"][0]["finish_reason"] == "length"
    usage = reply["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (3, 2, 5)


async def test_stream_when_asked_for_then_role_words_reason_and_usage_come_in_order(
    client: Client,
) -> None:
    events = await client.events("Hello big world", stream_options={"include_usage": True})
    assert events[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert content_of(events) == "Hello big world"
    assert events[-2]["choices"][0] == {"index": 0, "delta": {}, "finish_reason": "stop"}
    assert events[-1]["choices"] == []
    assert events[-1]["usage"]["completion_tokens"] == 3


async def test_stream_when_usage_is_not_asked_for_or_switched_off_then_it_is_not_told(
    client: Client,
) -> None:
    assert "usage" not in (await client.events("Hello"))[-1]
    events = await client.events(
        "[[fake: usage=off]] Hello", stream_options={"include_usage": True}
    )
    assert "usage" not in events[-1]
    _, body = await client.ask("[[fake: usage=off]] Hello")
    assert "usage" not in json.loads(body)


async def test_stream_when_ended_then_done_is_last_unless_switched_off(client: Client) -> None:
    assert b"".join(await client.chunks("Hi")).endswith(b"data: [DONE]\n\n")
    assert b"[DONE]" not in b"".join(await client.chunks("[[fake: done=off]] Hi"))


async def test_stream_when_several_choices_then_each_has_its_index(client: Client) -> None:
    events = await client.events("a b", n=2, stream_options={"include_usage": True})
    assert content_of(events, 0) == "a b"
    assert content_of(events, 1) == "b a"
    assert events[-1]["usage"]["completion_tokens"] == 4


async def test_stream_when_a_tool_is_called_then_its_arguments_come_in_pieces(
    client: Client,
) -> None:
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
    tool = {"type": "function", "function": {"name": "weather", "parameters": parameters}}
    events = await client.events("weather city=Paris", tools=[tool])
    calls = [
        call
        for event in events
        for choice in event["choices"]
        for call in choice["delta"].get("tool_calls", ())
    ]
    assert calls[0]["function"]["name"] == "weather"
    assert json.loads("".join(call["function"]["arguments"] for call in calls)) == {"city": "Paris"}
    assert events[-1]["choices"][0]["finish_reason"] == "tool_calls"
    _, body = await client.ask("weather city=Paris", tools=[tool])
    message = json.loads(body)["choices"][0]["message"]
    assert message["content"] is None
    assert json.loads(message["tool_calls"][0]["function"]["arguments"]) == {"city": "Paris"}


async def test_logprobs_when_asked_for_then_each_token_has_one(client: Client) -> None:
    _, body = await client.ask("Hello you", logprobs=True, top_logprobs=2)
    content = json.loads(body)["choices"][0]["logprobs"]["content"]
    assert [item["token"] for item in content] == ["Hello ", "you"]
    assert len(content[0]["top_logprobs"]) == 2
    events = await client.events("Hello you", logprobs=True)
    assert events[1]["choices"][0]["logprobs"]["content"][0]["logprob"] == -0.25


async def test_switch_reasoning_then_thoughts_come_first_and_are_counted(client: Client) -> None:
    text = "[[fake: reasoning=2]] Hello"
    events = await client.events(text, stream_options={"include_usage": True})
    assert [event["choices"][0]["delta"] for event in events[1:4]] == [
        {"reasoning_content": "thought0 "},
        {"reasoning_content": "thought1 "},
        {"content": "Hello"},
    ]
    assert events[-1]["usage"]["completion_tokens_details"] == {"reasoning_tokens": 2}
    _, body = await client.ask(text)
    assert json.loads(body)["choices"][0]["message"]["reasoning_content"] == "thought0 thought1 "


async def test_switch_cached_and_timings_then_counts_come_with_each_chunk(client: Client) -> None:
    text = "[[fake: cached=1 timings]] Hello you"
    events = await client.events(text, stream_options={"include_usage": True})
    told = [event["timings"] for event in events]
    assert told[0] == {"cache_n": 1, "prompt_n": 1, "predicted_n": 0}
    assert [timings["predicted_n"] for timings in told[1:3]] == [1, 2]
    assert events[-1]["usage"]["prompt_tokens_details"] == {"cached_tokens": 1}


async def test_switch_chunk_tokens_and_tokens_then_chunks_hold_so_many(client: Client) -> None:
    events = await client.events("[[fake: tokens=5,chunk_tokens=2]] a b")
    contents = [event["choices"][0]["delta"].get("content") for event in events[1:-1]]
    assert contents == ["a b ", "a b ", "a"]


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
async def test_switch_fail_status_then_that_is_the_answer(client: Client, status: int) -> None:
    answered, body = await client.ask(f"[[fake: fail_status={status} retry_after=7]] Hi")
    assert answered == status
    assert json.loads(body)["error"]["code"] == status
    assert (await client.stats())["failed"] == 1


async def test_switch_retry_after_then_the_header_says_it(client: Client) -> None:
    body = json.dumps(body_of("[[fake: fail_status=429 retry_after=7]] Hi")).encode()
    head = client.head("POST", "/v1/chat/completions").render(len(body))
    response = await client.pool.send(head, body)
    assert response.headers[b"retry-after"] == b"7"
    await response.read(MAX_BYTES)


async def test_switch_context_then_longer_prompts_are_refused_as_llama_cpp_does(
    client: Client,
) -> None:
    status, body = await client.ask("[[fake: context=2]] one two three")
    error = json.loads(body)["error"]
    assert status == 400
    assert error["type"] == "exceed_context_size_error"
    assert (error["n_prompt_tokens"], error["n_ctx"]) == (3, 2)


async def test_switch_truncate_after_then_the_connection_ends_inside_the_stream(
    client: Client,
) -> None:
    with pytest.raises(ConnectionClosed):
        await client.chunks("[[fake: truncate_after=2 tokens=9]] a")
    assert (await client.stats())["tokens"] == 2


async def test_switch_die_after_then_the_process_is_gone(fake_server: Start) -> None:
    child, port = await fake_server()
    client = Client(port)
    with pytest.raises(UpstreamError):
        await client.chunks("[[fake: die_after=1 tokens=9]] a")
    await child.exited
    assert child.describe_end() == "it exited with code 70"
    await client.pool.close()


@pytest.mark.parametrize("switch", ["error_event", "error_after=1"])
async def test_switch_error_then_an_event_carries_it(client: Client, switch: str) -> None:
    events = await client.events(f"[[fake: {switch} tokens=9]] a")
    assert "error" in events[-1]
    assert content_of(events[:-1]) == "a "


async def test_switch_garbage_then_an_event_is_no_json(client: Client) -> None:
    with pytest.raises(json.JSONDecodeError):
        await client.events("[[fake: garbage]] Hello you")


async def test_switch_odd_chunks_then_characters_are_cut_and_nothing_is_lost(
    client: Client,
) -> None:
    chunks = await client.chunks("[[fake: odd_chunks unicode]] Hello big world")
    whole = b"".join(chunks).decode()
    assert "Helloé🧵" in json.loads(whole.split("data: ")[2])["choices"][0]["delta"]["content"]

    def cuts_a_character(chunk: bytes) -> bool:
        try:
            chunk.decode()
        except UnicodeDecodeError:
            return True
        return False

    # msgspec leaves characters as they are, so that some cuts fall inside of one.
    assert len(chunks) > 3
    assert any(cuts_a_character(chunk) for chunk in chunks)


async def test_switch_huge_bytes_then_one_event_is_huge(client: Client) -> None:
    events = await client.events("[[fake: huge_bytes=300000]] Hi")
    assert len(events[1]["choices"][0]["delta"]["content"]) == 300_001


async def test_switch_comments_and_crlf_then_the_stream_has_them(client: Client) -> None:
    raw = b"".join(await client.chunks("[[fake: comments crlf]] Hi"))
    assert raw.startswith(b": still here\r\n\r\ndata: {")
    assert b"\r\n\r\n" in raw
    assert all(before == 13 for before, at in pairwise(raw) if at == 10)


async def test_switch_keep_alive_off_then_each_request_needs_a_connection(
    fake_server: Start,
) -> None:
    _, port = await fake_server("keep_alive=off")
    client = Client(port)
    assert (await client.ask("Hi"))[0] == 200
    assert (await client.ask("Hi"))[0] == 200
    assert (await client.stats())["connections"] == 3
    await client.pool.close()


@pytest.mark.parametrize(
    "switches", ["stall_ms=600000", "stall_ms=600000 stall_after=1", "delay_ms=20 tokens=100000"]
)
@pytest.mark.parametrize("stream", [True, False])
async def test_abort_when_the_client_hangs_up_then_the_work_stops(
    client: Client, until: Until, switches: str, stream: bool
) -> None:
    body = json.dumps(body_of(f"[[fake: {switches}]] a b", stream=stream)).encode()
    head = client.head("POST", "/v1/chat/completions").render(len(body))
    hasty = Pool(client.origin)
    request = asyncio.create_task(hasty.send(head, body))
    while (await client.stats())["in_flight"] != 1:
        pass
    request.cancel()
    await asyncio.wait([request])
    await hasty.close()
    while (stats := await client.stats())["in_flight"]:
        pass
    assert stats["aborted"] == 1
    assert stats["tokens"] < 1000


async def test_stats_when_all_is_well_then_tokens_are_counted(client: Client) -> None:
    await client.ask("a b c")
    await client.events("a b")
    stats = await client.stats()
    assert (stats["requests"], stats["finished"], stats["tokens"]) == (2, 2, 5)
    assert (stats["in_flight"], stats["aborted"], stats["failed"]) == (0, 0, 0)


async def test_request_when_malformed_then_it_is_refused(client: Client) -> None:
    assert (await client.send(b"{"))[0] == 400
    assert (await client.send(b'{"messages": 5}'))[0] == 400
    assert (await client.ask("[[fake: unheard_of]] Hi"))[0] == 400
    assert (await client.send(b"{}", "/v1/nothing"))[0] == 404


async def test_request_when_a_secret_is_set_then_only_health_is_open(fake_server: Start) -> None:
    _, port = await fake_server(secret="s3cret")
    stranger, friend = Client(port), Client(port, "s3cret")
    assert (await stranger.ask("Hi"))[0] == 401
    assert (await stranger.get("/fake/stats"))[0] == 401
    assert (await stranger.get("/health"))[0] == 200
    assert (await friend.ask("Hi"))[0] == 200
    assert (await friend.get("/v1/models"))[1]["object"] == "list"
    await stranger.pool.close()
    await friend.pool.close()


async def test_health_when_told_to_start_slowly_then_it_is_503_at_first(fake_server: Start) -> None:
    _, port = await fake_server("start_delay_ms=600000")
    client = Client(port)
    assert (await client.get("/health"))[0] == 503
    await client.pool.close()
