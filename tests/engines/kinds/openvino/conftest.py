"""A child that serves the tiny model that ships, started once for all tests of a process."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

import weft.demo

SECRET = "s3cret"
WEIGHTS = Path(weft.demo.__file__).parent / "tiny-chat.gguf"
CONTEXT_TOKENS = 4096
PATIENCE_S = 60.0

collect_ignore_glob = (
    [] if importlib.util.find_spec("openvino_genai") else ["test_engine.py", "test_forms.py"]
)


@dataclass(frozen=True, slots=True)
class Server:
    """A child that nobody supervises."""

    process: subprocess.Popen[bytes]
    client: httpx.Client

    def chat(self, text: str, **fields: object) -> dict[str, Any]:
        """The whole answer to a message."""
        response = self.post("/v1/chat/completions", messages=[user(text)], **fields)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, **body: object) -> httpx.Response:
        """Ask."""
        return self.client.post(path, json={"temperature": 0, **body})

    def stats(self) -> dict[str, int]:
        """What the child did so far."""
        lines = self.client.get("/metrics").text.splitlines()
        (_, at_work), (_, tokens) = (line.split() for line in lines)
        return {"at_work": int(at_work), "tokens": int(tokens)}


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def events_of(text: str) -> list[dict[str, Any]]:
    lines = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


@contextmanager
def serve(*argv: str) -> Generator[Server]:
    """Start a child as Weft does."""
    process = subprocess.Popen(
        [sys.executable, "-m", *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{SECRET}\n".encode())
    process.stdin.flush()
    try:
        port = json.loads(process.stdout.readline())["weft_engine"]["port"]
        headers = {"Authorization": f"Bearer {SECRET}"}
        base = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=base, headers=headers, timeout=PATIENCE_S) as client:
            yield Server(process, client)
    finally:
        process.stdin.close()
        process.wait(PATIENCE_S)
        process.stdout.close()


def options(weights: Path = WEIGHTS) -> list[str]:
    words = f"--alias tiny --context {CONTEXT_TOKENS} --parallel 4 --threads 1"
    return ["--model", str(weights), *words.split()]


@pytest.fixture(scope="session")
def server() -> Generator[Server]:
    with serve("weft.engines.kinds.openvino.child", *options()) as made:
        yield made


@pytest.fixture(scope="session")
def llama_cpp() -> Generator[Server]:
    """The same weights under llama.cpp."""
    words = ["--max-in-flight", "4"]
    with serve("weft.engines.kinds.llama_child", *options(), *words) as made:
        made.client.headers["Connection"] = "close"
        yield made


ReadEvents = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def read_events() -> ReadEvents:
    return events_of
