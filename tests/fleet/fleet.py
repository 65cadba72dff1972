"""Several gateways on one database, as processes: `weft serve` and `weft gateway`, before an engine they share."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from conformance.nursery import Child, nursery

WEFT = Path(sys.executable).with_name("weft")
MODEL = "test/paid"
OWNED = "test/owned"
INPUT_USD, OUTPUT_USD = 10, 100
"""For a million tokens: a nano-dollar is visible, and an answer of 50 tokens costs half a cent."""
CARD = """id = "{model}"
aliases = ["{model}-alias"]
context_window_tokens = 8192
{engine}
max_in_flight = 512
[[prices]]
effective_on = 2026-01-01
input_usd_per_mtok = "{input}"
output_usd_per_mtok = "{output}"
source = "a test"
"""

PREPAID = """[prepaid]
label = "Prepaid"
when_credit_ends = "refuse"
"""


def cost_nusd(usage: dict[str, int]) -> int:
    """What an answer costs by the card above."""
    return (
        usage["prompt_tokens"] * INPUT_USD * 1000 + usage["completion_tokens"] * OUTPUT_USD * 1000
    )


@dataclass
class Gateway:
    """One process."""

    port: int
    process: Child
    api_key: str | None

    def kill(self) -> None:
        """As `kill -9` does it: nothing can be put in order."""
        self.process.kill()
        self.process.wait(10)

    def engines(self) -> list[int]:
        """The process ids of the engines that it started."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]


@dataclass
class Fleet:
    """Starts gateways, and ends them all."""

    folder: Path
    engine_url: str
    database_url: str = ""
    owns_engines: bool = False
    """Whether each gateway has an engine of its own besides."""
    gateways: list[Gateway] = field(default_factory=list[Gateway])

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def environ(self) -> dict[str, str]:
        """Of each gateway, and of commands that are to find the same database."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("WEFT_", "PYTEST_"))}
        ours = {
            "WEFT_LOG_REQUESTS": "false",
            "WEFT_LOG_LEVEL": "warning",
            "WEFT_QUEUE_LIMIT": "4096",
            "WEFT_PROBE_EVERY_S": "0",
        }
        url = {"WEFT_DATABASE_URL": self.database_url} if self.database_url else {}
        return {**clean, **ours, **url}

    def prepare(self) -> None:
        """Write the card, and a plan that knows nothing but credit."""
        catalog = self.data_dir / "catalog"
        catalog.mkdir(parents=True)
        for name, model, engine in (
            ("paid", MODEL, f'[engines.remote]\nurl = "{self.engine_url}/v1"'),
            ("owned", OWNED, "[engines.fake]"),
        ):
            if model == OWNED and not self.owns_engines:
                continue
            card = CARD.format(model=model, engine=engine, input=INPUT_USD, output=OUTPUT_USD)
            (catalog / f"{name}.toml").write_text(card)
        (self.data_dir / "plans.toml").write_text(PREPAID)

    def start(self, *, first: bool = False) -> Gateway:
        """One more gateway; the first one is the server itself."""
        return self.finish_start(*self.begin_start(first=first))

    def begin_start(self, *, first: bool = False) -> tuple[Child, IO[str]]:
        """Start a process, and let it take its time; what it says can be read from the second."""
        words = [str(WEFT), "serve" if first else "gateway", "--data", str(self.data_dir)]
        with (self.folder / "log.txt").open("a") as log:
            return nursery().serve([*words, "--port", "0", "--announce", "json"], self.environ, log)

    def finish_start(self, process: Child, stdout: IO[str]) -> Gateway:
        """Wait until it announces itself."""
        with stdout:  # it says nothing more
            line = stdout.readline()
        assert line, (self.folder / "log.txt").read_text()[-4000:]
        said = json.loads(line)
        gateway = Gateway(int(said["url"].split(":")[2].split("/")[0]), process, said["api_key"])
        self.gateways.append(gateway)
        return gateway

    def replace(self, dead: Gateway) -> None:
        """Forget a gateway that was killed."""
        self.gateways.remove(dead)

    def stop(self) -> None:
        """End them all as an operator would."""
        for gateway in self.gateways:
            gateway.process.send_signal(signal.SIGINT)
        for gateway in self.gateways:
            try:
                gateway.process.wait(30)
            except subprocess.TimeoutExpired:
                gateway.process.kill()


@contextlib.contextmanager
def running_fleet(
    folder: Path,
    engine_url: str,
    *,
    size: int = 3,
    database_url: str = "",
    owns_engines: bool = False,
) -> Generator[Fleet]:
    """`size` gateways, the first of which is the server."""
    fleet = Fleet(folder, engine_url, database_url, owns_engines)
    fleet.prepare()
    try:
        fleet.start(first=True)
        later = [fleet.begin_start() for _ in range(size - 1)]
        for started in later:
            fleet.finish_start(*started)
        yield fleet
    finally:
        fleet.stop()
