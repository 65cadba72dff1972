"""Weft as a target: a fresh data folder, a catalog with the mock upstream as a remote engine, and its own meter.

Keys, durable metering and the record of each request are on, as they always are: nothing here turns anything off.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from msgspec import Struct
from msgspec.json import decode

from processes import read_announcement, start_pinned
from targets import PATH, READY_TIMEOUT_S, CannotMeasure, Target, wait_until_ready

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


ASLEEP = """id = "weft/tiny-chat"

[serving]
min_replicas = 0
"""
"""The model that ships is awake by itself; here it would be counted as the door's memory."""


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
        """What it has metered until now.

        Raises:
            CannotMeasure: the command failed.
        """
        done = subprocess.run(
            [str(WEFT), "usage", "--data", str(self.data), "--json"],
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=USAGE_TIMEOUT_S,
            check=False,
        )
        if done.returncode:
            raise CannotMeasure(f"`weft usage` failed: {done.stderr.strip()[-300:]}")
        return decode(done.stdout, type=UsageReport).total


def mock_cards(upstream_port: int) -> dict[str, str]:
    """Catalog files for the models of the mock upstream, by file name."""
    return {
        f"{name}.toml": CARD.format(name=name, port=upstream_port) for name in ("mock", "mock-slow")
    }


def start_weft(
    folder: Path,
    *,
    cards: Mapping[str, str],
    model: str,
    core: int | None = None,
    program: Sequence[str] = (str(WEFT),),
    env: Mapping[str, str] | None = None,
    ready_s: float = READY_TIMEOUT_S,
) -> Weft:
    """Start it with `cards` in its catalog and wait until it answers for `model`.

    `program` and `env` are for measuring another version than the one that is installed; `ready_s` is for engines that
    take long to start.

    Raises:
        CannotMeasure: it does not start, or does not answer.
    """
    if not WEFT.exists():
        raise CannotMeasure(f"{WEFT} is not there; run `make serve` once")
    data = folder / "weft-data"
    catalog = data / "catalog"
    catalog.mkdir(parents=True)
    for name, text in {"tiny.toml": ASLEEP, **cards}.items():
        (catalog / name).write_text(text)
    log = folder / "weft.log"
    argv = [*program, "serve", "--data", str(data), "--port", "0", "--announce", "json"]
    process = start_pinned(argv, core=core, log=log, env=_environment() | dict(env or {}))
    line = read_announcement(process, log, b'"api_key"', START_TIMEOUT_S)
    if line is None:
        process.end()
        raise CannotMeasure(f"it did not start within {START_TIMEOUT_S:.0f} s, see {log}")
    said = decode(line, type=Announcement)
    target = Target(
        name="weft",
        version=metadata.version("weft"),
        url=said.url.removesuffix("/v1") + PATH,
        key=said.api_key,
        process=process,
        checks_key=True,
        records="durable usage, one record a request",
    )
    try:
        wait_until_ready(target, log, model=model, timeout_s=ready_s)
    except CannotMeasure:
        process.end()
        raise
    return Weft(target, data)


def _environment() -> dict[str, str]:
    """Settings of the person who runs this must not change what is measured."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("WEFT_")}
    return own | {"WEFT_PROBE_EVERY_S": "0"}
