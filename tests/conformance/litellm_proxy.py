"""The LiteLLM proxy in front of Weft, started as its documentation says."""

import contextlib
import secrets
import socket
import subprocess
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import httpx

from conformance.programs import LITELLM, child_environ
from conformance.server import Weft, wait_until

START_S = 90.0


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that runs."""

    url: str
    key: str


@contextlib.contextmanager
def running_proxy(config: str, weft: Weft, folder: Path) -> Generator[Proxy]:
    """Start `litellm --config`; it takes about ten seconds to get ready."""
    config_path, log_path = folder / "config.yaml", folder / "log.txt"
    config_path.write_text(config)
    port, key = _free_port(), "sk-" + secrets.token_hex(24)
    environ = child_environ(weft, WANDB_API_BASE=weft.url, LITELLM_MASTER_KEY=key)
    command = [
        str(LITELLM),
        "--config",
        str(config_path),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with (
        log_path.open("w") as log,
        subprocess.Popen(command, env=environ, cwd=folder, stdout=log, stderr=log) as process,
    ):
        try:
            url = f"http://127.0.0.1:{port}"

            def is_ready() -> bool:
                assert process.poll() is None, log_path.read_text()[-4000:]
                with contextlib.suppress(httpx.TransportError):
                    return httpx.get(f"{url}/health/readiness", timeout=5).status_code == 200
                return False

            wait_until(is_ready, within_s=START_S)
            yield Proxy(url, key)
        finally:
            process.terminate()
            process.wait(30)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
