"""llama.cpp by itself: the product's own child, started without a supervisor, and asked by plain HTTP."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

SECRET = "s3cret"
CONTEXT_TOKENS = 4096
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Bare:
    """An engine that runs."""

    client: httpx.Client

    def post(self, path: str, **fields: object) -> Any:
        """What it answers, as JSON."""
        response = self.client.post(path, json=fields)
        assert response.status_code == 200, response.text
        return response.json()

    def tokenize(self, text: str) -> list[int]:
        """The ids, without a first token; markers in the text are tokens."""
        return self.post("/tokenize", content=text, add_special=False)["tokens"]

    def render(
        self,
        messages: list[dict[str, Any]],
        tools: list[dict[str, Any]] | None,
        switches: Mapping[str, object],
    ) -> str:
        """The prompt that it would make of a conversation."""
        fields: dict[str, object] = {"messages": messages, "chat_template_kwargs": switches}
        if tools:
            fields["tools"] = tools
        return self.post("/apply-template", **fields)["prompt"]


@contextlib.contextmanager
def running_llama_cpp(
    gguf: Path,
    *,
    mmproj: Path | None = None,
    context_tokens: int = CONTEXT_TOKENS,
    more: Sequence[str] = (),
) -> Generator[Bare]:
    """Start it with one slot and `more` options, and kill it at the end."""
    options = f"--alias tiny --context {context_tokens} --parallel 1 --max-in-flight 2 --threads 1"
    argv = [sys.executable, "-m", "weft.engines.kinds.llama_child", "--model", str(gguf)]
    if mmproj is not None:
        argv += ["--mmproj", str(mmproj)]
    with subprocess.Popen(
        [*argv, *options.split(), *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(f"{SECRET}\n")
            process.stdin.flush()
            line = process.stdout.readline()
            assert line, f"llama.cpp does not load {gguf}"
            port = json.loads(line)["weft_engine"]["port"]
            headers = {"Authorization": f"Bearer {SECRET}", "Connection": "close"}
            url = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE_S) as client:
                _await_health(client)
                yield Bare(client)
        finally:
            process.kill()


def _await_health(client: httpx.Client) -> None:
    until = time.monotonic() + PATIENCE_S
    while client.get("/health").status_code != 200:
        assert time.monotonic() < until, "it never became healthy"
        time.sleep(0.01)
