"""llama.cpp as a real child, with a model of a few kilobytes: what the door relies on, and that no stranger gets in."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from weft.catalog.types import LlamaCppSpec, ModelCard
from weft.engines.kinds import llama_cpp
from weft.engines.pool import Engines
from weft.engines.process.logs import LogRing
from weft.engines.process.spawn import Child, spawn
from weft.engines.types import EngineState, Lease
from weft.upstream import HeadTemplate, Origin, Pool

Until = Callable[[Callable[[], bool]], Awaitable[None]]
Post = Callable[..., Coroutine[None, None, tuple[int, bytes]]]
MAX_BYTES = 1 << 24
SECRET = "s3cret"
CONTEXT_TOKENS = 2048
LONG = {"max_tokens": 1900, "ignore_eos": True}


def options(weights: Path) -> list[str]:
    """The child's options, for two slots."""
    words = f"--alias tiny --context {CONTEXT_TOKENS} --parallel 2 --max-in-flight 4 --threads 1"
    return ["--model", str(weights), *words.split()]


class Server:
    """A llama.cpp child that nobody supervises."""

    def __init__(self, port: int) -> None:
        self.origin = Origin("127.0.0.1", port)
        self.pool = Pool(self.origin, reuse_after_stream=False)

    async def call(self, method: str, path: str, body: bytes = b"", key: str = SECRET) -> Any:
        """The JSON of an answer with status 200, or else the status."""
        headers = [(b"Authorization", b"Bearer " + key.encode())] if key else []
        head = HeadTemplate(method, path, host=self.origin.authority, headers=headers)
        response = await self.pool.send(head.render(len(body)), body)
        content = await response.read(MAX_BYTES)
        return json.loads(content) if response.status == 200 else response.status

    async def busy(self) -> list[dict[str, Any]]:
        """The slots that work."""
        slots = await self.call("GET", "/slots")
        return [slot for slot in slots if slot["is_processing"]]


@pytest.fixture
async def child(tiny_gguf: Path) -> AsyncIterator[Child]:
    argv = [sys.executable, "-m", "weft.engines.kinds.llama_child", *options(tiny_gguf)]
    made = await spawn(argv, secret=SECRET, log=LogRing())
    yield made
    await made.end(0)


@pytest.fixture
async def server(child: Child) -> AsyncIterator[Server]:
    made = Server(await child.announced)
    yield made
    await made.pool.close()


@pytest.fixture
async def lease(
    make_card: Callable[..., ModelCard],
    make_engines: Callable[..., Awaitable[Engines]],
    tiny_gguf: Path,
) -> AsyncIterator[Lease]:
    """Through the product's own way to a ready engine."""
    spec = LlamaCppSpec(str(tiny_gguf), context_tokens=CONTEXT_TOKENS, parallel=2)
    card = make_card("test/tiny", spec)
    engines = await make_engines(card)
    granted = await engines.lease(engines.find_route(card))
    yield granted
    granted.release()


def events_of(body: bytes) -> list[dict[str, Any]]:
    lines = [line.removeprefix(b"data: ") for line in body.split(b"\n\n") if line]
    assert lines[-1] == b"[DONE]"
    return [json.loads(line) for line in lines[:-1]]


# The file.


def test_weights_when_there_then_they_are_found(tiny_gguf: Path) -> None:
    assert llama_cpp.find_weights(LlamaCppSpec(str(tiny_gguf))) == tiny_gguf


@pytest.mark.parametrize(
    "weights",
    ["", "/nowhere/model.gguf", "package:weft.nowhere/x.gguf", "package:weft.demo/nothing.gguf"],
)
def test_weights_when_missing_then_none(weights: str) -> None:
    assert llama_cpp.find_weights(LlamaCppSpec(weights)) is None


def test_weights_when_the_file_is_only_a_pointer_then_none(tmp_path: Path) -> None:
    pointer = tmp_path / "model.gguf"
    pointer.write_text("version https://git-lfs.github.com/spec/v1\n")
    assert llama_cpp.find_weights(LlamaCppSpec(str(pointer))) is None


def test_weights_when_in_a_package_then_the_file_is_found(
    tmp_path: Path, tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "some_weights"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "tiny.gguf").write_bytes(tiny_gguf.read_bytes())
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    found = llama_cpp.find_weights(LlamaCppSpec("package:some_weights/tiny.gguf"))
    assert found == package / "tiny.gguf"


def test_launch_when_made_then_it_names_the_card_and_no_secret(
    make_card: Callable[..., ModelCard], tiny_gguf: Path
) -> None:
    spec = LlamaCppSpec(str(tiny_gguf), parallel=3, mmproj="/eyes.gguf")
    launch = llama_cpp.launch(make_card("a/b", spec), spec, threads=5)
    argv = list(launch.argv)
    assert argv[argv.index("--alias") + 1] == "a/b"
    assert argv[argv.index("--threads") + 1] == "5"
    assert argv[argv.index("--max-in-flight") + 1] == "6"
    assert argv[argv.index("--mmproj") + 1] == "/eyes.gguf"
    assert not launch.reuse_after_stream


def test_launch_when_threads_are_not_given_then_there_is_at_least_one(
    make_card: Callable[..., ModelCard], tiny_gguf: Path
) -> None:
    spec = LlamaCppSpec(str(tiny_gguf))
    argv = list(llama_cpp.launch(make_card("a/b", spec), spec, threads=0).argv)
    assert 1 <= int(argv[argv.index("--threads") + 1]) < max(2, os.cpu_count() or 1)


# The engine.


async def test_chat_when_asked_then_it_answers_under_the_card_s_name(
    lease: Lease, post: Post
) -> None:
    status, body = await post(lease, "Hello", max_tokens=4, ignore_eos=True)
    reply = json.loads(body)
    assert status == 200
    assert reply["model"] == "test/tiny"
    assert reply["usage"]["completion_tokens"] == 4


async def test_stream_when_timings_are_asked_for_then_they_count_prompt_and_completion(
    lease: Lease, post: Post
) -> None:
    fields = {
        "stream": True,
        "stream_options": {"include_usage": True},
        "timings_per_token": True,
        "max_tokens": 8,
        "ignore_eos": True,
        # "he" is the one token of letters: each chunk then holds exactly one.
        "logit_bias": {"he": 100},
    }
    _, first = await post(lease, "Hello there", **fields)
    _, second = await post(lease, "Hello there", **fields)
    for body, is_cached in ((first, False), (second, True)):
        *chunks, last = events_of(body)
        usage = last["usage"]
        assert usage["completion_tokens"] == 8
        told = [chunk["timings"] for chunk in chunks if "timings" in chunk]
        assert [timings["predicted_n"] for timings in told] == list(range(1, 9))
        for timings in told:
            assert timings["prompt_n"] + timings["cache_n"] == usage["prompt_tokens"]
        assert (usage["prompt_tokens_details"]["cached_tokens"] > 0) is is_cached
        assert told[-1]["cache_n"] == usage["prompt_tokens_details"]["cached_tokens"]


async def test_quirks_when_sent_along_then_the_members_are_json() -> None:
    assert json.loads(b"{" + llama_cpp.QUIRKS.extra_body + b"}") == {"timings_per_token": True}


async def test_parameters_when_sent_then_the_engine_takes_them_over(server: Server) -> None:
    sent = {
        "seed": 5,
        "temperature": 0.5,
        "top_p": 0.25,
        "top_k": 7,
        "min_p": 0.125,
        "typical_p": 0.75,
        "top_n_sigma": 2.0,
        "repeat_penalty": 1.25,
        "repeat_last_n": 33,
        "presence_penalty": 0.5,
        "frequency_penalty": 0.25,
        "dry_multiplier": 0.125,
        "dry_base": 1.5,
        "dry_allowed_length": 3,
        "dry_penalty_last_n": 9,
        "xtc_probability": 0.125,
        "xtc_threshold": 0.25,
        "dynatemp_range": 0.125,
        "dynatemp_exponent": 1.5,
        "mirostat": 1,
        "mirostat_tau": 4.5,
        "mirostat_eta": 0.25,
        "samplers": ["top_k", "min_p"],
        "ignore_eos": True,
    }
    assert set(sent) <= (llama_cpp.QUIRKS.parameters or set())
    messages = [{"role": "user", "content": "Hi"}]
    body = {"messages": messages, "max_completion_tokens": 1900, "stream": True, **sent}
    asking = asyncio.create_task(
        server.call("POST", "/v1/chat/completions", json.dumps(body).encode())
    )
    while not (busy := await server.busy()):
        assert not asking.done()
    parameters: dict[str, object] = busy[0]["params"]
    assert {name: parameters[name] for name in sent} == sent
    assert parameters["n_predict"] == 1900
    asking.cancel()
    await asyncio.wait([asking])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "x", "schema": {"const": 7}},
                }
            },
            "7",
        ),
        ({"logit_bias": {"he": 100}, "stop": ["hehehe"], "max_tokens": 9}, ""),
        ({"logit_bias": {"he": 100}, "max_tokens": 2}, "hehe"),
    ],
)
async def test_answer_when_it_is_bound_then_it_keeps_to_it(
    lease: Lease, post: Post, fields: dict[str, object], expected: str
) -> None:
    _, body = await post(lease, "Hi", **fields)
    assert json.loads(body)["choices"][0]["message"]["content"] == expected


async def test_abort_when_a_stream_is_dropped_then_the_slot_is_free_within_a_second(
    server: Server,
) -> None:
    body = json.dumps({"messages": [{"role": "user", "content": "Hi"}], "stream": True, **LONG})
    authorization = (b"Authorization", b"Bearer " + SECRET.encode())
    head = HeadTemplate(
        "POST",
        "/v1/chat/completions",
        host=server.origin.authority,
        headers=[authorization, (b"Connection", b"close")],
    )
    response = await server.pool.send(head.render(len(body)), body.encode())
    await response.next()
    assert len(await server.busy()) == 1
    response.abort()
    async with asyncio.timeout(1):
        while slots := await server.busy():
            assert slots[0]["next_token"][0]["n_decoded"] < 1900


async def test_context_when_every_slot_fills_its_share_then_nobody_s_answer_is_lost(
    lease: Lease, post: Post
) -> None:
    share = CONTEXT_TOKENS // 2
    asking = [post(lease, f"Hello {number}", **LONG) for number in range(6)]
    for status, body in await asyncio.gather(*asking):
        reply = json.loads(body)
        assert status == 200
        assert reply["choices"][0]["finish_reason"] == "length"
        assert reply["usage"]["total_tokens"] in range(share - 2, share + 2)


async def test_context_when_the_prompt_is_longer_than_a_slot_then_both_numbers_are_told(
    lease: Lease, post: Post
) -> None:
    status, body = await post(lease, "x" * CONTEXT_TOKENS)
    error = json.loads(body)["error"]
    assert status == 400
    assert error["type"] == "exceed_context_size_error"
    assert error["n_prompt_tokens"] > error["n_ctx"] == CONTEXT_TOKENS // 2


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/chat/completions"),
        ("POST", "/completion"),
        ("GET", "/v1/models"),
        ("GET", "/slots"),
        ("GET", "/props"),
        ("GET", "/metrics"),
    ],
)
async def test_request_when_the_secret_is_missing_or_wrong_then_it_is_refused(
    server: Server, method: str, path: str
) -> None:
    assert await server.call(method, path, b"{}", key="") == 401
    assert await server.call(method, path, b"{}", key="guess") == 401


async def test_health_when_loaded_then_anybody_may_look(server: Server) -> None:
    assert await server.call("GET", "/health", key="") == {"status": "ok"}


@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's list of sockets in /proc")
async def test_listening_when_started_then_it_is_on_loopback_only(
    server: Server, child: Child
) -> None:
    assert addresses_of(child.pid) == [f"0100007F:{server.origin.port:04X}"]


def addresses_of(pid: int) -> list[str]:
    """Where a process listens, as the kernel writes it: address and port in hex."""
    links = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
    inodes = {link.removeprefix("socket:[").rstrip("]") for link in links if "socket:" in link}
    listening: list[str] = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                listening.append(fields[1])
    return listening


@pytest.fixture
def broken_gguf(tiny_gguf: Path, tmp_path: Path) -> Path:
    path = tmp_path / "broken.gguf"
    path.write_bytes(tiny_gguf.read_bytes()[:3000])
    return path


async def test_start_when_the_file_is_broken_then_the_engine_fails_with_llama_cpp_s_words(
    make_card: Callable[..., ModelCard],
    make_engines: Callable[..., Awaitable[Engines]],
    broken_gguf: Path,
    until: Until,
) -> None:
    card = make_card("test/broken", LlamaCppSpec(str(broken_gguf)))
    engines = await make_engines(card)
    await until(lambda: engines.snapshot()[0].state is EngineState.FAILED)
    shot = engines.snapshot()[0]
    assert "llama.cpp cannot serve" in shot.reason
    assert any("failed to load model" in line for line in shot.log)


async def test_crash_when_killed_then_it_comes_back(
    make_card: Callable[..., ModelCard],
    make_engines: Callable[..., Awaitable[Engines]],
    tiny_gguf: Path,
    until: Until,
    post: Post,
) -> None:
    card = make_card("test/tiny", LlamaCppSpec(str(tiny_gguf), context_tokens=512, parallel=1))
    engines = await make_engines(card)
    route = engines.find_route(card)
    (await engines.lease(route)).release()
    pid = engines.snapshot()[0].pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: engines.snapshot()[0].restarts == 1)
    lease = await engines.lease(route)
    assert (await post(lease, "Hi", max_tokens=1))[0] == 200
    lease.release()
