"""Keys seen from outside: the engine's own count of what it was asked, and a server that is killed."""

import concurrent.futures
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import uuid
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from conformance.server import CARDS, WEFT, Engine, Weft, running_engine, wait_until

pytestmark = pytest.mark.conformance

COUNTED = "test/counted"


def a_key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


def a_body(text: str, **fields: Any) -> dict[str, Any]:
    return {"model": COUNTED, "messages": [{"role": "user", "content": text}], **fields}


@pytest.mark.parametrize("stream", [False, True])
def test_key_when_fifty_clients_use_it_then_the_engine_is_asked_once(
    weft: Weft, engine: Engine, client: openai.OpenAI, stream: bool
) -> None:
    key, before = a_key(), engine.stats()["requests"]

    def ask(_number: int) -> str:
        created: Any = client.chat.completions.create(
            **a_body("[[fake: delay_ms=10 tokens=20]] one two"), stream=stream, extra_headers=key
        )
        if not stream:
            return created.choices[0].message.content
        return "".join(chunk.choices[0].delta.content or "" for chunk in created)

    with concurrent.futures.ThreadPoolExecutor(50) as threads:
        texts = set(threads.map(ask, range(50)))
    assert texts == {" ".join(["one", "two"] * 10)}
    assert engine.stats()["requests"] == before + 1


def test_key_when_its_client_hangs_up_then_the_engine_is_not_stopped(tmp_path: Path) -> None:
    """On an engine of its own, since everything that it works on is counted."""
    key, body = a_key(), a_body("[[fake: delay_ms=10 tokens=50]] word", stream=True)
    with running_engine() as engine, serving(folder_before(engine, tmp_path)) as server:
        headers = {"Authorization": f"Bearer {server.said['api_key']}", **key}
        url = f"{server.said['url']}/chat/completions"
        with httpx.stream("POST", url, json=body, headers=headers) as response:
            next(response.iter_lines())
        wait_until(lambda: engine.stats()["in_flight"] == 0)
        told = engine.stats()
        assert (told["requests"], told["aborted"], told["tokens"]) == (1, 0, 50)


def test_key_when_the_server_was_killed_then_the_retry_is_answered_and_charged_once(
    tmp_path: Path,
) -> None:
    """kill -9 in the middle of a stream, then the same request to the next server in the same folder."""
    key, body = a_key(), a_body("[[fake: delay_ms=20 tokens=100]] word", stream=True)
    with running_engine() as engine:
        data_dir = folder_before(engine, tmp_path)
        with serving(data_dir, exit_code=-signal.SIGKILL) as server:
            headers = {"Authorization": f"Bearer {server.said['api_key']}", **key}
            killed_id = cut_by_kill(server, body, headers)
        with serving(data_dir) as server:
            url = f"{server.said['url']}/chat/completions"
            answers = [httpx.post(url, json=body, headers=headers, timeout=60) for _ in range(2)]
        assert engine.stats()["requests"] == 2  # the cut one, and one for both retries
    assert answers[0].content == answers[1].content
    assert answers[0].content.endswith(b"data: [DONE]\n\n")
    assert "idempotent-replayed" not in answers[0].headers
    original = answers[1].headers["x-weft-original-request-id"]
    assert original == answers[0].headers["x-request-id"]
    with contextlib.closing(sqlite3.connect(data_dir / "weft.db")) as connection:
        rows = connection.execute("SELECT id, outcome, cost_nusd FROM usage").fetchall()
    completed = [(row[0], row[2] > 0) for row in rows if row[1] == "completed"]
    assert completed == [(original, True)]
    assert {row[0] for row in rows} <= {original, killed_id}


def folder_before(engine: Engine, folder: Path) -> Path:
    """A data folder whose one model is this engine's."""
    catalog = folder / "data" / "catalog"
    catalog.mkdir(parents=True)
    card = (CARDS / "counted.toml").read_text().replace("ENGINE_URL", engine.url)
    (catalog / "counted.toml").write_text(card)
    return catalog.parent


@dataclass(frozen=True)
class Server:
    """A server that is not asked whether it ended well."""

    said: dict[str, str]
    process: "subprocess.Popen[str]"


def cut_by_kill(server: Server, body: dict[str, Any], headers: dict[str, str]) -> str:
    """Kill the server after the first lines of a stream; the id of the request."""
    url = f"{server.said['url']}/chat/completions"
    with httpx.stream("POST", url, json=body, headers=headers) as response:
        lines = response.iter_lines()
        for _ in range(5):
            next(lines)
        server.process.kill()
        with pytest.raises(httpx.TransportError):
            list(lines)
        return response.headers["x-request-id"]


@contextlib.contextmanager
def serving(data_dir: Path, *, exit_code: int = 0) -> Generator[Server]:
    """A server on a folder that may have had one before."""
    command = [str(WEFT), "serve", "--data", str(data_dir), "--port", "0", "--announce", "json"]
    environ = {**os.environ, "WEFT_PROBE_EVERY_S": "0"}  # what the engine is asked is counted
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environ
    ) as process:
        assert process.stdout is not None
        try:
            yield Server(json.loads(process.stdout.readline()), process)
        finally:
            process.terminate()
            assert process.wait(30) == exit_code
