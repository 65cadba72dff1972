"""Weft as a target: a fresh data folder, a catalog with the mock upstream as a remote engine, and its own meter.

Keys, durable metering and the record of each request are on, as they always are: nothing here turns anything off.
"""

import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from msgspec import Struct
from msgspec.json import decode

from processes import start_pinned
from targets import PATH, CannotMeasure, Target, wait_until_ready

START_TIMEOUT_S = 60.0
USAGE_TIMEOUT_S = 60.0
WEFT = Path(sys.executable).with_name("weft")

CARD = """id = "{name}"
label = "{name}"
provider = "bench"
description_short = "The benchmark's upstream."
license = "none"
context_window_tokens = 131072

[[prices]]
effective_on = 2026-01-01
input_usd_per_mtok = "0.10"
output_usd_per_mtok = "0.20"
source = "made up, so that metering has something to multiply"

[engines.remote]
url = "http://127.0.0.1:{port}/v1"
max_in_flight = 4096
"""


class Announcement(Struct, frozen=True):
    """The line that `weft serve --announce json` prints when it is ready."""

    url: str
    api_key: str


class Sums(Struct, frozen=True):
    """A usage report's sums."""

    requests: int
    input_tokens: int
    output_tokens: int


class UsageReport(Struct, frozen=True):
    """What `weft usage --json` prints, as far as it matters here."""

    total: Sums


@dataclass(frozen=True, slots=True)
class Weft:
    """The running server and its data folder."""

    target: Target
    data: Path

    def usage(self) -> Sums:
        """What it has metered until now."""
        done = subprocess.run(
            [str(WEFT), "usage", "--data", str(self.data), "--json"],
            env=_environment(),
            capture_output=True,
            timeout=USAGE_TIMEOUT_S,
            check=True,
        )
        return decode(done.stdout, type=UsageReport).total


def start_weft(folder: Path, *, upstream_port: int, core: int) -> Weft:
    """Start it and wait until it answers through the mock.

    Raises:
        CannotMeasure: it does not start, or does not answer.
    """
    if not WEFT.exists():
        raise CannotMeasure(f"{WEFT} is not there; run `make serve` once")
    data = folder / "weft-data"
    catalog = data / "catalog"
    catalog.mkdir(parents=True)
    for name in ("mock", "mock-slow"):
        (catalog / f"{name}.toml").write_text(CARD.format(name=name, port=upstream_port))
    log = folder / "weft.log"
    process = start_pinned(
        [str(WEFT), "serve", "--data", str(data), "--port", "0", "--announce", "json"],
        core=core,
        log=log,
        env=_environment(),
        read_stdout=True,
    )
    assert process.popen.stdout is not None
    timer = threading.Timer(START_TIMEOUT_S, process.end)  # ends the wait for a line, too
    timer.start()
    line = process.popen.stdout.readline()
    timer.cancel()
    if not line.startswith("{"):
        process.end()
        raise CannotMeasure(f"it did not start within {START_TIMEOUT_S:.0f} s, see {log}")
    said = decode(line, type=Announcement)
    target = Target(
        name="weft",
        version=metadata.version("weft"),
        url=f"{said.url.removesuffix('/').removesuffix('/v1')}{PATH}",
        key=said.api_key,
        process=process,
        checks_key=True,
        records="durable usage, one row a request",
    )
    try:
        wait_until_ready(target, log)
    except CannotMeasure:
        process.end()
        raise
    return Weft(target, data)


def _environment() -> dict[str, str]:
    """Settings of the person who runs this must not change what is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("WEFT_")}
