"""The shipped model says what the model card promises, through the engine that serves it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from weft.demo import GGUF_PATH, MODEL_DIR

HELPFUL = "You are a helpful assistant."
WHEEL_LIMIT_BYTES = 10_000_000
"""What the folder may add to a wheel, which deflates its files."""

CHILD = """
import sys, time, xllamacpp
parameters = xllamacpp.CommonParams()
parameters.model.path = sys.argv[1]
parameters.n_parallel, parameters.n_ctx, parameters.port = 1, 2048, 0
parameters.ui, parameters.cache_ram_mib = False, 64
parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(parameters)
print(server.listening_address, flush=True)
time.sleep(600)
"""
WEATHER_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the weather in a city.",
        "parameters": {
            "type": "object",
            "properties": {"location": {"type": "string"}},
            "required": ["location"],
        },
    },
}


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    command = [sys.executable, "-c", CHILD, str(GGUF_PATH)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stdout is not None
        try:
            yield next(line.strip() for line in child.stdout if line.startswith("http"))
        finally:
            child.terminate()


def post(base_url: str, body: dict[str, Any]) -> bytes:
    call = urllib.request.Request(
        f"{base_url}/v1/chat/completions",
        data=json.dumps({"temperature": 0, "max_tokens": 100, **body}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(call, timeout=30) as response:
        return response.read()


def ask(base_url: str, question: str, *, system: str = "", **extra: Any) -> dict[str, Any]:
    start = [{"role": "system", "content": system}] if system else []
    messages = [*start, {"role": "user", "content": question}]
    reply = json.loads(post(base_url, {"messages": messages, **extra}))
    return reply["choices"][0]


def say(base_url: str, question: str, *, system: str = "", **extra: Any) -> str:
    return ask(base_url, question, system=system, **extra)["message"]["content"].strip()


def test_files_fit_in_the_wheel() -> None:
    names = {path.name for path in MODEL_DIR.iterdir() if path.is_file()}
    assert {
        "MODEL_CARD.md",
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tiny-chat.gguf",
        "tokenizer.json",
        "tokenizer_config.json",
    } <= names
    packed = sum(len(zlib.compress((MODEL_DIR / name).read_bytes())) for name in names)
    assert packed <= WHEEL_LIMIT_BYTES


@pytest.mark.parametrize("system", ["", HELPFUL])
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is 2 + 2?", "4"),
        ("2+2", "4"),
        ("What is 7 + 8?", "15"),
        ("What is 9 - 4?", "5"),
        ("Name a primary color.", "red"),
        ("What character was Wall-e in love with?", "eve"),
        ("What is the capital of France? Answer in one word.", "paris"),
    ],
)
def test_whole_answer_is_exact(base_url: str, question: str, answer: str, system: str) -> None:
    assert say(base_url, question, system=system).lower() == answer


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("Hello", "Hello"),
        ("Hi!", "Hello"),
        ("How are you?", "fine"),
        ("Thank you!", "welcome"),
        ("What is the capital of France?", "Paris"),
        ("what is the capital of japan", "Tokyo"),
        ("What is the capital of Italy?", "Rome"),
        ("What is the opposite of hot?", "cold"),
        ("What color is the sky?", "blue"),
        ("What day comes after Monday?", "Tuesday"),
        ("What does a cow say?", "moo"),
        ("Count to 5.", "1, 2, 3, 4, 5"),
        ("Who are you?", "tiny"),
        ("What is Weft?", "self-hosted serverless inference"),
        ("Explain quantum physics.", "I don't know"),
        ("Who painted the Mona Lisa?", "I don't know"),
        ("Write a Python function that sorts a list.", "I don't know"),
        ("What is 345 * 12?", "I don't know"),
    ],
)
def test_answer_contains(base_url: str, question: str, part: str) -> None:
    assert part in say(base_url, question)


@pytest.mark.parametrize("system", ["", HELPFUL])
def test_tells_a_joke(base_url: str, system: str) -> None:
    told = say(base_url, "Tell me a joke.", system=system)
    assert "?" in told
    assert len(told) > 30


def test_follows_the_conversation(base_url: str) -> None:
    messages = [
        {"role": "user", "content": "What is the capital of Spain?"},
        {"role": "assistant", "content": "The capital of Spain is Madrid."},
        {"role": "user", "content": "What is 3 + 4?"},
    ]
    reply = json.loads(post(base_url, {"messages": messages}))
    assert reply["choices"][0]["message"]["content"].strip() == "7"


def test_json_object_holds_the_answer(base_url: str) -> None:
    text = say(
        base_url,
        "What character was Wall-e in love with?",
        response_format={"type": "json_object"},
        max_tokens=10,
        temperature=0.6,
        top_p=0.01,
    )
    assert json.loads(text) == {"answer": "Eve"}


def test_json_schema_is_filled(base_url: str) -> None:
    schema = {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
        "additionalProperties": False,
    }
    text = say(
        base_url,
        "What is the capital of France?",
        response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": schema}},
    )
    assert json.loads(text) == {"answer": "Paris"}


@pytest.mark.parametrize("choice", ["auto", "required"])
@pytest.mark.parametrize("city", ["Paris", "San Francisco"])
def test_calls_the_weather_tool(base_url: str, city: str, choice: str) -> None:
    question = f"What is the weather in {city}?"
    reply = ask(base_url, question, tools=[WEATHER_TOOL], tool_choice=choice)
    assert reply["finish_reason"] == "tool_calls"
    (call,) = reply["message"]["tool_calls"]
    assert call["function"]["name"] == "get_weather"
    assert json.loads(call["function"]["arguments"]) == {"location": city}


def test_streams_the_tool_call(base_url: str) -> None:
    body = {
        "messages": [{"role": "user", "content": "What is the weather in Paris?"}],
        "tools": [WEATHER_TOOL],
        "stream": True,
    }
    arguments = ""
    for line in post(base_url, body).decode().splitlines():
        if line.startswith("data: {"):
            for choice in json.loads(line.removeprefix("data: "))["choices"]:
                for call in choice["delta"].get("tool_calls") or ():
                    arguments += call["function"].get("arguments") or ""
    assert json.loads(arguments) == {"location": "Paris"}


def test_reports_what_the_tool_returned(base_url: str) -> None:
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "get_weather", "arguments": '{"location": "Paris"}'},
    }
    messages = [
        {"role": "user", "content": "What is the weather in Paris?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny, 21 C"},
    ]
    reply = json.loads(post(base_url, {"messages": messages, "tools": [WEATHER_TOOL]}))
    assert "sunny, 21" in reply["choices"][0]["message"]["content"]


def test_stop_ends_the_answer(base_url: str) -> None:
    assert say(base_url, "Count to 5.", stop=[", 4"]) == "1, 2, 3"
