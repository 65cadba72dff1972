"""The two ways to an engine: through Weft, and bare, by a second one with the very same command line."""

import contextlib
import json
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1]
sys.path.append(str(BENCH / "gateway"))  # the load client and the rest of the tool live there

from load import Load, LoadFailed, LoadRun, Programs, run_load  # noqa: E402
from processes import Pinned, family, read_announcement  # noqa: E402
from scenarios import Scenario  # noqa: E402
from targets import PATH, CannotMeasure  # noqa: E402
from weft_server import Weft  # noqa: E402

START_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One of the two ways to the engine."""

    name: str
    url: str
    headers: tuple[tuple[str, str], ...]
    engine_pid: int = 0
    door_pid: int = 0
    """0 where there is no door."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What one run of the load client came to."""

    tokens_per_s: float
    engine_ms: float
    """CPU time of the engine's process for each token: hardly moved by other work on the machine."""
    door_ms: float
    """The same of Weft's."""


def bare_twin(
    weft: Weft, model: str, folder: Path, stack: contextlib.ExitStack, *, name: str = "bare"
) -> Endpoint:
    """A second engine like the one that Weft has started for `model`, ready to work."""
    secret = secrets.token_urlsafe(16)
    _, argv = find_engine(weft, model)
    log = folder / f"{name}-engine.log"
    port, pid = _start(argv, secret, log, stack)
    headers = [("Authorization", f"Bearer {secret}")]
    if "weft.engines.kinds.llama_child" in argv:
        # llama.cpp's server ends a connection after a stream though it says otherwise; so does the door's own client.
        headers.append(("Connection", "close"))
    _wait_until_healthy(port)
    return Endpoint(name, f"http://127.0.0.1:{port}{PATH}", tuple(headers), engine_pid=pid)


def through(weft: Weft, model: str, name: str = "weft") -> Endpoint:
    """The way through Weft to the engine that it has started for `model`."""
    pid, _ = find_engine(weft, model)
    headers = tuple(weft.target.headers)
    door = weft.target.process.popen.pid
    return Endpoint(name, weft.target.url, headers, engine_pid=pid, door_pid=door)


def find_engine(weft: Weft, model: str) -> tuple[int, list[str]]:
    """Process and command line of the engine that Weft has started for `model`."""
    for pid in family(weft.target.process.popen.pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
            if model in words and any("weft.engines.kinds." in word for word in words):
                return pid, words
    raise CannotMeasure(f"Weft has started no engine for {model}")


def _start(argv: list[str], secret: str, log: Path, stack: contextlib.ExitStack) -> tuple[int, int]:
    """Start the engine as Weft does: the secret comes by stdin, whose end ends it; answers its port and process."""
    with log.open("w") as out:
        popen = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=out, stderr=out, start_new_session=True
        )
    process = Pinned(popen)
    stack.callback(process.end)
    assert popen.stdin is not None
    popen.stdin.write(f"{secret}\n".encode())
    popen.stdin.flush()
    line = read_announcement(process, log, b'"port"', START_TIMEOUT_S)
    if line is None:
        raise CannotMeasure(f"the bare engine did not start, see {log}")
    port: int = json.loads(line)["weft_engine"]["port"]
    return port, popen.pid


def _wait_until_healthy(port: int) -> None:
    """The model is loaded after the port is open."""
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise CannotMeasure("the bare engine did not become healthy")


def streams_of(model: str, streams: int, *, seconds: float, warm_s: float = 1.0) -> Scenario:
    """So many streams of 128 tokens at once."""
    return Scenario(
        f"engine{streams}",
        f"{streams} streams of 128 tokens",
        connections=streams,
        seconds=seconds,
        warm_s=warm_s,
        model=model,
        streamed=True,
        least_events=1,
        members='"ignore_eos":true',
    )


def rate(programs: Programs, scenario: Scenario, endpoint: Endpoint) -> Rate:
    """Tokens per second, and what they cost.

    Raises:
        LoadFailed: a request did not end as it should.
    """
    door = (endpoint.door_pid,) if endpoint.door_pid else ()
    engine = (endpoint.engine_pid,) if endpoint.engine_pid else ()
    run = LoadRun(
        endpoint.url, endpoint.headers, gateway_pids=door, upstream_pids=engine, core=None
    )
    load = run_load(programs, scenario, run)
    if load.lost:
        raise LoadFailed(f"{load.lost} requests of {endpoint.name} were not ok: {load.complaint}")
    speed = tokens_per_s(load)
    tokens = speed * load.seconds
    if not tokens:
        raise LoadFailed(f"{endpoint.name} made no token within the window: it is too short")
    return Rate(speed, load.upstream_cpu_s * 1000 / tokens, load.gateway_cpu_s * 1000 / tokens)


def tokens_per_s(load: Load) -> float:
    """From the events within the window, so that no request that straddles its edges is lost or counted whole."""
    tokens_per_event = load.life.completion_tokens / load.life.chunks
    return load.window.chunks * tokens_per_event / load.seconds
