"""A running server for the conformance tests: `weft serve` as a child process, with cards of our own.

Owns starting, telling it what to make by the command line, and ending it: a server that does not end cleanly, or that
wrote a traceback, fails the run.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx

from conformance.nursery import Child, nursery

ROOT = Path(__file__).resolve().parents[2]
WEFT = Path(sys.executable).with_name("weft")
CARDS = Path(__file__).with_name("cards")
START_S = 60.0
STOP_S = 30.0
COMMAND_S = 60.0
PATIENCE_S = 30.0
"""Far above what loopback needs; reached only by a failing test."""

TEAM, PROJECT = "loom", "cloth"
TINY = "weft/tiny-chat"
ECHO = "test/echo"


@dataclass(frozen=True, slots=True)
class Weft:
    """A server that runs, and the secrets of its first start."""

    url: str
    console_url: str
    api_key: str
    """Of the administrator, with every scope."""
    data_dir: Path
    log_path: Path
    environ: Mapping[str, str] = field(repr=False)
    process: Child = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """What a plain HTTP client sends."""
        return {"Authorization": f"Bearer {self.api_key}"}

    def cli(self, *words: str) -> Any:
        """Run a command on the same data folder; its JSON output."""
        command = [str(WEFT), *words, "--data", str(self.data_dir), "--json"]
        with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
            child = nursery().start(command, self.environ, stdout.fileno(), stderr.fileno())
            code = child.wait(COMMAND_S)
            stdout.seek(0)
            stderr.seek(0)
            assert code == 0, f"{words}: {stderr.read().decode()}"
            return json.loads(stdout.read())

    def key(self, *words: str) -> str:
        """Make a key: `key("--user", "ada")`."""
        return self.cli("key", "create", *words)["api_key"]

    def usage(self, request_id: str) -> dict[str, Any] | None:
        """The usage record of one request; None if there is none."""
        path = f"{self.console_url}api/usage/{request_id}"
        response = httpx.get(path, headers=self.headers, timeout=PATIENCE_S)
        if response.status_code == 404:
            return None
        response.raise_for_status()
        return response.json()

    def total_requests(self) -> int:
        """How many usage records there are."""
        response = httpx.get(
            f"{self.console_url}api/usage", headers=self.headers, timeout=PATIENCE_S
        )
        return response.json()["total"]["requests"]

    def in_flight(self, model: str) -> int:
        """Requests that the engine of `model` works on."""
        health = httpx.get(f"{self.console_url}healthz", timeout=PATIENCE_S).json()
        return sum(told["in_flight"] for told in health["models"] if told["model"] == model)


@dataclass(frozen=True, slots=True)
class Engine:
    """A fake engine that nobody owns but the test: a remote server, seen from Weft."""

    url: str
    stop: Callable[[], None] = field(repr=False)
    """End it at once."""
    secret: str = field(default="", repr=False)
    """What it wants as a key, if it wants one."""

    def stats(self) -> dict[str, int]:
        """What it did so far: `requests`, `in_flight`, `aborted`, `tokens`."""
        headers = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        return httpx.get(f"{self.url}/fake/stats", headers=headers, timeout=PATIENCE_S).json()


@contextlib.contextmanager
def running_weft(
    folder: Path,
    *,
    settings: Mapping[str, str] | None = None,
    flags: tuple[str, ...] = (),
    remote: str = "",
    expected: str = "",
    cards: Path = CARDS,
) -> Generator[Weft]:
    """Start a server in `folder` and end it as an operator would; `settings` are `WEFT_*` variables.

    Whatever it logs as an error fails the run, but for events that begin with `expected`.
    """
    data_dir, log_path = folder / "data", folder / "log.txt"
    _write_cards(cards, data_dir / "catalog", remote)
    environ = {**_clean_environ(), **(settings or {})}
    command = [str(WEFT), "serve", "--data", str(data_dir), "--port", "0", "--announce", "json"]
    with log_path.open("w") as log:
        process, stdout = nursery().serve([*command, *flags], environ, log)
    with stdout:
        try:
            line = _first_line(stdout, log_path)
            weft = Weft(
                url=line["url"],
                console_url=line["console_url"],
                api_key=line["api_key"],
                data_dir=data_dir,
                log_path=log_path,
                environ=environ,
                process=process,
            )
            yield weft
        finally:
            code = _stop(process)
    log_text = log_path.read_text()
    assert code == 0, f"the server ended with {code}:\n{log_text[-4000:]}"
    complaints = [line for line in log_text.splitlines() if _is_complaint(line, expected)]
    assert not complaints, "\n".join(complaints)[-8000:]


@contextlib.contextmanager
def running_engine(*, behaviour: str = "", port: int = 0, secret: str = "") -> Generator[Engine]:
    """Start a fake engine of one's own; with a secret, it wants that as a key."""
    command = [sys.executable, "-m", "weft.engines.kinds.fake.child", "--behaviour", behaviour]
    command += ["--port", str(port)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_clean_environ(), text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(f"{secret}\n")
            process.stdin.flush()
            port = json.loads(process.stdout.readline())["weft_engine"]["port"]

            def stop() -> None:
                process.kill()
                process.wait(STOP_S)

            yield Engine(f"http://127.0.0.1:{port}", stop, secret)
        finally:
            process.kill()


def wait_until(holds: Callable[[], bool], *, within_s: float = PATIENCE_S) -> float:
    """Look until `holds`; how long it took, in seconds."""
    started_s = time.monotonic()
    while not holds():
        assert time.monotonic() - started_s < within_s, "it never came true"
        time.sleep(0.02)
    return time.monotonic() - started_s


def _write_cards(cards: Path, folder: Path, remote: str) -> None:
    folder.mkdir(parents=True)
    for card in cards.glob("*.toml"):
        text = card.read_text()
        if "ENGINE_URL" not in text:
            shutil.copy(card, folder)
        elif remote:
            (folder / card.name).write_text(text.replace("ENGINE_URL", remote))


def _clean_environ() -> dict[str, str]:
    """Without whatever would make this server or a client differ from a newcomer's."""
    ours = ("WEFT_", "OPENAI_", "WANDB_", "LITELLM_", "PYTEST_", "PYTHONDONTWRITEBYTECODE")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    # Tests count what engines are asked, and do not wait for them to wake.
    return {**clean, "WEFT_PROBE_EVERY_S": "0", "WEFT_EAGER_ENGINES": "true"}


def _first_line(stdout: IO[str], log_path: Path) -> dict[str, Any]:
    """What it announces; the child's end, or the test's own timeout, ends the wait."""
    line = stdout.readline()
    assert line, f"the server did not start:\n{log_path.read_text()[-4000:]}"
    return json.loads(line)


def _is_complaint(line: str, expected: str) -> bool:
    """Whether a line of the log tells of an error; what is no JSON was not written by the log."""
    if not line.startswith("{"):
        return True
    entry = json.loads(line)
    if expected and entry.get("event", "").startswith(expected):
        return False
    return entry.get("level") in {"error", "critical"} or "exception" in entry


def _stop(process: Child) -> int:
    process.send_signal(signal.SIGINT)  # nothing happens to one that has ended
    try:
        return process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
