"""What is measured: a running target, and how each peer is started.

Every peer is set up for speed as its documentation advises, on one worker, with a key check where it has one.
"""

import json
import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from environments import LITELLM, ROUTERS, Environment
from load import Mock
from processes import Memory, Pinned, free_port, memory_of, start_pinned

KEY = "sk-bench-9f8d7c6b5a4e3d2c1b0a"
READY_TIMEOUT_S = 90.0
PATH = "/v1/chat/completions"


class CannotMeasure(Exception):
    """This target is left out of the run; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """A gateway that runs and has answered."""

    name: str
    version: str
    url: str
    key: str
    process: Pinned
    checks_key: bool
    records: str
    """What it writes down about each request."""

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        """What every request to it carries."""
        return (("Authorization", f"Bearer {self.key}"),)

    def memory(self) -> Memory:
        """What it holds now."""
        return memory_of(self.process.pids())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a peer is started."""

    folder: Path
    """For its configuration and its log."""
    upstream_port: int
    core: int


@dataclass(frozen=True, slots=True)
class Launch:
    """How one peer is started on `port`."""

    argv: Sequence[str]
    port: int
    env: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Peer:
    """A gateway that we did not write."""

    name: str
    launch: Callable[[Place], Launch]
    version: str
    environment: Environment | None = None
    program: str = ""
    """A program that has to be there, if it does not come with `environment`."""
    checks_key: bool = True
    records: str = "nothing"


def launch_haproxy(place: Place) -> Launch:
    """Haproxy with a key check as an access rule; `http-no-delay`, or each stream's start waits 200 ms."""
    port = free_port()
    config = place.folder / "haproxy.cfg"
    config.write_text(
        f"""global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  option http-no-delay
frontend door
  bind 127.0.0.1:{port}
  http-request deny deny_status 401 unless {{ req.hdr(authorization) -m str "Bearer {KEY}" }}
  default_backend upstream
backend upstream
  http-reuse always
  server mock 127.0.0.1:{place.upstream_port} maxconn 4096
"""
    )
    return Launch(["haproxy", "-db", "-f", str(config)], port)


def launch_litellm(place: Place) -> Launch:
    """LiteLLM's proxy without a database: its master key is checked, no spend is kept."""
    port = free_port()
    config = place.folder / "litellm.json"
    models = [
        {
            "model_name": name,
            "litellm_params": {
                "model": f"openai/{name}",
                "api_base": f"http://127.0.0.1:{place.upstream_port}/v1",
                "api_key": "sk-upstream",
            },
        }
        for name in ("mock", "mock-slow")
    ]
    settings = {
        "model_list": models,
        "litellm_settings": {"telemetry": False, "set_verbose": False},
        "general_settings": {"master_key": KEY},
    }
    config.write_text(json.dumps(settings))  # YAML is a superset of JSON
    argv = [str(LITELLM.program("litellm")), "--config", str(config)]
    argv += ["--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    env = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOG": "ERROR",
        "LITELLM_MODE": "PRODUCTION",
        "NO_DOCS": "True",
    }
    return Launch(argv, port, env)


def launch_sglang_router(place: Place) -> Launch:
    """sglang-router in front of one worker."""
    argv = [str(ROUTERS.python), "-m", "sglang_router.launch_router", "--api-key", KEY]
    return _router(argv, place)


def launch_vllm_router(place: Place) -> Launch:
    """vllm-router in front of one worker."""
    return _router([str(ROUTERS.program("vllm-router"))], place)


def _router(argv: list[str], place: Place) -> Launch:
    port = free_port()
    argv += ["--host", "127.0.0.1", "--port", str(port), "--policy", "round_robin"]
    argv += ["--worker-urls", f"http://127.0.0.1:{place.upstream_port}"]
    argv += ["--log-level", "error", "--prometheus-port", str(free_port())]
    return Launch(argv, port)


PEERS = (
    Peer("haproxy", launch_haproxy, version="", program="haproxy"),
    Peer("sglang-router", launch_sglang_router, version="0.3.2", environment=ROUTERS),
    Peer(
        "vllm-router", launch_vllm_router, version="0.1.17", environment=ROUTERS, checks_key=False
    ),
    Peer("litellm", launch_litellm, version="1.106.2", environment=LITELLM),
)


def direct(mock: Mock) -> Target:
    """The bare upstream, measured through no gateway at all."""
    url = f"http://127.0.0.1:{mock.port}{PATH}"
    return Target("direct", "", url, KEY, mock.process, checks_key=False, records="nothing")


def start_peer(peer: Peer, place: Place) -> Target:
    """Start it and wait until it answers.

    Raises:
        CannotMeasure: it is not installed, or does not answer.
    """
    if peer.program and not shutil.which(peer.program):
        raise CannotMeasure(f"not installed; `apt-get install {peer.program}`")
    if peer.environment and (why := peer.environment.prepare()):
        raise CannotMeasure(why)
    launch = peer.launch(place)
    log = place.folder / f"{peer.name}.log"
    process = start_pinned(launch.argv, core=place.core, log=log, env={**os.environ, **launch.env})
    target = Target(
        name=peer.name,
        version=peer.version,
        url=f"http://127.0.0.1:{launch.port}{PATH}",
        key=KEY,
        process=process,
        checks_key=peer.checks_key,
        records=peer.records,
    )
    try:
        wait_until_ready(target, log)
    except CannotMeasure:
        process.end()
        raise
    return target


def wait_until_ready(
    target: Target, log: Path, *, model: str = "mock", timeout_s: float = READY_TIMEOUT_S
) -> None:
    """Send one request until it is answered; then make sure of the key check.

    Raises:
        CannotMeasure: no answer in time, or a wrong key is let in.
    """
    until = time.monotonic() + timeout_s
    while (status := ask(target.url, target.key, model)) != 200:
        if target.process.popen.poll() is not None:
            raise CannotMeasure(f"it ended while starting, see {log}")
        if time.monotonic() > until:
            raise CannotMeasure(f"no answer within {timeout_s:.0f} s ({status}), see {log}")
        time.sleep(0.3)
    if target.checks_key and not 400 <= (status := ask(target.url, "sk-wrong", model)) < 500:
        raise CannotMeasure(f"a wrong key is answered with {status}, see {log}")


def ask(url: str, key: str, model: str) -> int:
    """The status of one short request; 0 if there was no answer."""
    body = {"model": model, "messages": [{"role": "user", "content": "hi"}], "max_tokens": 128}
    request = urllib.request.Request(
        url,
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {key}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0
