"""OpenVINO as a real child with the model that ships: it says what llama.cpp says, and keeps what it promises."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

import weft.demo
from weft.catalog.types import ModelCard, OpenVinoSpec
from weft.engines.pool import Engines
from weft.engines.types import EngineState
from weft.gateway.asking import EngineAsker
from weft.gateway.wire.bounds import Bounds

PATIENCE_S = 60.0
ReadEvents = Callable[[str], list[dict[str, Any]]]
Post = Callable[..., Coroutine[None, None, tuple[int, bytes]]]
WEATHER = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
QUESTIONS = (
    "What is 2 + 2?",
    "Tell me a joke.",
    "Hello",
    "What is the capital of France?",
    "Who are you?",
)


class Server(Protocol):
    client: httpx.Client

    def chat(self, text: str, **fields: object) -> dict[str, Any]: ...

    def post(self, path: str, **body: object) -> httpx.Response: ...

    def stats(self) -> dict[str, int]: ...


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def content_of(answer: dict[str, Any]) -> str:
    return answer["choices"][0]["message"]["content"]


# The same answers.


@pytest.mark.parametrize("question", QUESTIONS)
def test_answer_when_greedy_then_it_is_llama_cpp_s(
    server: Server, llama_cpp: Server, question: str
) -> None:
    ours, theirs = (engine.chat(question, max_tokens=60) for engine in (server, llama_cpp))
    assert content_of(ours) == content_of(theirs)
    assert ours["choices"][0]["finish_reason"] == theirs["choices"][0]["finish_reason"] == "stop"
    for count in ("prompt_tokens", "completion_tokens"):
        assert ours["usage"][count] == theirs["usage"][count]


def test_prompt_when_it_is_long_then_it_has_as_many_tokens_as_llama_cpp_says(
    server: Server, llama_cpp: Server
) -> None:
    card = Path(weft.demo.__file__).with_name("MODEL_CARD.md").read_text("utf-8")
    text = " ".join(card.split())[:5000]  # the two read runs of blanks in different ways
    ours = server.post("/tokenize", prompt=text, add_special_tokens=False).json()
    theirs = llama_cpp.post("/tokenize", content=text, parse_special=True).json()
    assert ours["tokens"] == theirs["tokens"]


@pytest.mark.parametrize(
    "messages",
    [
        [user("Hi")],
        [{"role": "system", "content": "Be <brief> & kind."}, user("Größe?")],
        [user("a"), {"role": "assistant", "content": "b"}, user("c")],
    ],
)
@pytest.mark.parametrize("tools", [[], [WEATHER]])
def test_prompt_when_rendered_then_it_is_what_llama_cpp_makes_of_it(
    server: Server, llama_cpp: Server, messages: list[dict[str, str]], tools: list[object]
) -> None:
    asked: dict[str, object] = {"messages": messages, **({"tools": tools} if tools else {})}
    ours = server.post("/tokenize", **asked).json()
    prompt = llama_cpp.post("/apply-template", **asked).json()["prompt"]
    theirs = llama_cpp.post("/tokenize", content=prompt, parse_special=True).json()
    assert ours["tokens"] == theirs["tokens"]


@pytest.mark.parametrize("question", QUESTIONS[:3])
def test_stream_when_asked_for_then_it_says_what_the_whole_answer_does(
    server: Server, read_events: ReadEvents, question: str
) -> None:
    whole = server.chat(question)
    usage = {"include_usage": True}
    body = server.post(
        "/v1/chat/completions", messages=[user(question)], stream=True, stream_options=usage
    ).text
    *chunks, last = read_events(body)
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    deltas = [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks]
    assert "".join(deltas) == content_of(whole)
    assert chunks[-1]["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"]
    assert last["usage"] == whole["usage"]
    assert len(deltas) >= whole["usage"]["completion_tokens"]


def test_stream_when_timings_are_asked_for_then_each_chunk_counts(
    server: Server, read_events: ReadEvents
) -> None:
    body = server.post(
        "/v1/chat/completions",
        messages=[user("Tell me a joke.")],
        stream=True,
        timings_per_token=True,
    ).text
    counts = [event["timings"]["predicted_n"] for event in read_events(body)]
    assert counts == sorted(counts)
    assert counts[-1] == server.chat("Tell me a joke.")["usage"]["completion_tokens"]


# What binds an answer.


def test_stop_when_it_is_reached_then_the_text_ends_before_it(server: Server) -> None:
    whole = content_of(server.chat("Tell me a joke."))
    assert "doctor? Because" in whole
    for stop in ("the", "doctor? B", ["nowhere", "?"]):
        answer = server.chat("Tell me a joke.", stop=stop)
        word = stop if isinstance(stop, str) else "?"
        assert content_of(answer) == whole[: whole.index(word)]
        assert answer["choices"][0]["finish_reason"] == "stop"


def test_length_when_it_is_bound_then_the_answer_has_it(server: Server) -> None:
    answer = server.chat("Tell me a joke.", max_completion_tokens=7, ignore_eos=True)
    assert answer["usage"]["completion_tokens"] == 7
    assert answer["choices"][0]["finish_reason"] == "length"


def test_seed_when_it_is_the_same_then_so_is_the_answer_whoever_else_asks(server: Server) -> None:
    def ask(seed: int) -> str:
        return content_of(server.chat("Hi", temperature=2.5, seed=seed, max_tokens=12))

    alone = ask(5)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(ask, [1, 5, 2, 5, 3, 5]))
    assert [answers[at] for at in (1, 3, 5)] == [alone] * 3
    assert len(set(answers)) > 1


def test_seed_when_there_is_none_then_answers_differ(server: Server) -> None:
    texts = {content_of(server.chat("Hi", temperature=3, max_tokens=12)) for _ in range(3)}
    assert len(texts) > 1


def test_penalty_when_it_is_high_then_nothing_is_said_twice(server: Server) -> None:
    bound = {"max_tokens": 24, "ignore_eos": True}
    free = server.chat("Hi", logprobs=True, **bound)["choices"][0]["logprobs"]["content"]
    strict = server.chat("Hi", logprobs=True, repetition_penalty=50.0, **bound)
    told = strict["choices"][0]["logprobs"]["content"]
    assert len({item["token"] for item in told}) > len({item["token"] for item in free})


def test_logprobs_when_asked_for_then_one_for_each_token(server: Server) -> None:
    (choice,) = server.chat("Tell me a joke.", logprobs=True, max_tokens=4)["choices"]
    told = choice["logprobs"]["content"]
    assert "".join(item["token"] for item in told) == choice["message"]["content"]
    assert all(-20 < item["logprob"] <= 0 for item in told)
    assert bytes(told[0]["bytes"]).decode() == told[0]["token"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("temperature", -1),
        ("top_p", 1.5),
        ("seed", -1),
        ("n", 2),
        ("presence_penalty", 3),
        ("max_tokens", 0),
        ("stop", [""]),
        ("response_format", {"type": "cheese"}),
        ("messages", []),
        ("tools", [{"type": "function"}]),
    ],
)
def test_request_when_a_value_cannot_be_then_it_is_refused(
    server: Server, field: str, value: object
) -> None:
    body: dict[str, object] = {"messages": [user("Hi")], field: value}
    assert server.post("/v1/chat/completions", **body).status_code == 400


# Other endpoints.


def test_completion_when_asked_then_it_goes_on_with_the_text(
    server: Server, read_events: ReadEvents
) -> None:
    asked = {"prompt": "What is the capital of", "max_tokens": 3}
    whole = server.post("/v1/completions", **asked, logprobs=0).json()
    (choice,) = whole["choices"]
    assert whole["object"] == "text_completion"
    assert "".join(choice["logprobs"]["tokens"]) == choice["text"]
    events = read_events(server.post("/v1/completions", **asked, stream=True).text)
    assert "".join(event["choices"][0]["text"] for event in events) == choice["text"]
    tokens = server.post("/tokenize", prompt=asked["prompt"]).json()["tokens"]
    same = server.post("/v1/completions", prompt=tokens, max_tokens=3).json()
    assert same["choices"][0]["text"] == choice["text"]
    for prompt in (["a", "b"], [], [10_000_000], ""):
        assert server.post("/v1/completions", prompt=prompt).status_code == 400


def test_tokenize_when_asked_for_a_chat_then_it_says_what_the_usage_will(server: Server) -> None:
    for extra in ({}, {"tools": [WEATHER]}):
        asked = {"messages": [user("What is the weather in Paris?")], **extra}
        count = server.post("/tokenize", **asked).json()["count"]
        usage = server.post("/v1/chat/completions", **asked).json()["usage"]
        assert usage["prompt_tokens"] == count


def test_context_when_the_prompt_is_too_long_then_both_numbers_are_told(server: Server) -> None:
    refused = server.post("/v1/chat/completions", messages=[user("word " * 9000)])
    error = refused.json()["error"]
    assert refused.status_code == 400
    assert error["n_prompt_tokens"] > 9000
    assert error["n_ctx"] == 4096


def test_context_when_all_want_more_than_there_is_then_each_gets_its_answer(
    server: Server,
) -> None:
    def ask(number: int) -> int:
        answer = server.chat(f"{number}", max_tokens=1100, ignore_eos=True)
        return answer["usage"]["completion_tokens"]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == [1100] * 4


# Strangers and leavers.


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/tokenize", "/metrics"])
def test_request_when_the_secret_is_missing_or_wrong_then_it_is_refused(
    server: Server, path: str
) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer guess"}):
        assert server.client.post(path, json={}, headers=headers).status_code == 401
    assert server.client.get("/health", headers={"Authorization": ""}).status_code == 200


@pytest.mark.parametrize("stream", [True, False])
def test_abort_when_the_client_hangs_up_then_the_work_stops(server: Server, stream: bool) -> None:
    body = {"messages": [user("Hi")], "max_tokens": 4000, "ignore_eos": True, "stream": stream}
    before = server.stats()["tokens"]
    address = (server.client.base_url.host, server.client.base_url.port)
    with socket.create_connection(address, PATIENCE_S) as leaver:
        request = server.client.build_request("POST", "/v1/chat/completions", json=body)
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        leaver.sendall(f"POST {request.url.path} HTTP/1.1\r\n{head}\r\n".encode() + request.read())
        if stream:
            assert leaver.recv(1)
        until = time.monotonic() + PATIENCE_S
        while server.stats()["tokens"] == before:  # it is at work: a time-out could come before
            assert time.monotonic() < until
    until = time.monotonic() + PATIENCE_S
    while server.stats()["at_work"]:
        assert time.monotonic() < until
    assert server.stats()["tokens"] - before < 4000


def test_start_when_the_weights_are_broken_then_it_ends_and_says_so(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(Path(weft.demo.__file__).with_name("tiny-chat.gguf").read_bytes()[:3000])
    words = f"--model {broken} --alias x --context 512 --parallel 1 --threads 1".split()
    ended = subprocess.run(
        [sys.executable, "-m", "weft.engines.kinds.openvino.child", *words],
        input=b"secret\n",
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert ended.returncode != 0


# Through the product's own way.


async def test_engines_when_a_card_says_openvino_then_it_answers_and_counts(
    make_card: Callable[..., ModelCard],
    make_engines: Callable[..., Awaitable[Engines]],
    post: Post,
) -> None:
    spec = OpenVinoSpec("package:weft.demo/tiny-chat.gguf", context_tokens=1024, parallel=2)
    card = make_card("test/tiny", spec)
    engines = await make_engines(card)
    route = engines.find_route(card)
    lease = await engines.lease(route)
    status, body = await post(lease, "What is 2 + 2?", temperature=0)
    reply = json.loads(body)
    assert (status, reply["model"], content_of(reply)) == (200, "test/tiny", "4")
    payload = json.dumps({"messages": [user("What is 2 + 2?")]}).encode()
    assert await engines.count_prompt(route, payload) == reply["usage"]["prompt_tokens"]
    asked = {**json.loads(payload), "model": "test/tiny", "n": 2, "temperature": 0}
    both = await EngineAsker(Bounds()).ask(route, lease, json.dumps(asked).encode())
    choices = json.loads(both)["choices"]
    assert [choice["message"]["content"] for choice in choices] == ["4", "4"]
    lease.release()
    assert engines.snapshot()[0].name == "openvino:test/tiny#0"
    assert engines.snapshot()[0].state is EngineState.READY
