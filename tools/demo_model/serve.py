"""Serves one GGUF file with llama.cpp in a child process, for the gate.

Run as a module it is the child: it prints its address and sleeps until it is ended.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

THREADS = 1
SLOTS = 4


@contextmanager
def served(model: Path) -> Iterator[str]:
    """The base URL of a server for `model`, which ends with the block."""
    command = [sys.executable, "-m", "tools.demo_model.serve", "--model", str(model)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        try:
            assert child.stdout is not None
            lines = (line.strip() for line in child.stdout)
            yield next(line for line in lines if line.startswith("http"))
        finally:
            child.terminate()


def chat(base: str, request: dict[str, Any]) -> dict[str, Any]:
    """POST one chat completion (temperature 0 unless the request says so) and return its JSON."""
    body = {"temperature": 0, "max_tokens": 120, "cache_prompt": False, **request}
    with _post(base, body) as response:
        return json.load(response)


def chat_stream(base: str, request: dict[str, Any]) -> list[dict[str, Any]]:
    """The same as a stream; returns the chunks."""
    body = {"temperature": 0, "max_tokens": 120, "stream": True, **request}
    chunks: list[dict[str, Any]] = []
    with _post(base, body) as response:
        for raw in response:
            line = raw.decode().strip()
            if line.startswith("data: {"):
                chunks.append(json.loads(line[6:]))
    return chunks


def _post(base: str, body: dict[str, Any]) -> Any:
    call = urllib.request.Request(
        f"{base}/v1/chat/completions",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    return urllib.request.urlopen(call, timeout=60)


def main() -> None:
    """The child: load, announce, wait."""
    import xllamacpp  # noqa: PLC0415  (the parent never loads the engine)

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parameters = xllamacpp.CommonParams()
    parameters.model.path = parser.parse_args().model
    parameters.n_parallel = SLOTS
    parameters.kv_unified = True
    parameters.n_ctx = 2048
    parameters.port = 0
    parameters.ui = False
    parameters.cpuparams.n_threads = THREADS
    parameters.cpuparams_batch.n_threads = THREADS
    parameters.cache_ram_mib = 64
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main()
