"""`weft models load`, `unload`, `pin` and `unpin`: what a running server keeps in memory."""

import shutil
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from weft.cli.engines.place import ModelArgument, shown_bytes
from weft.cli.engines.ps import span
from weft.cli.engines.server import EngineLine, KeyOption, Server, UrlOption, open_server
from weft.cli.output import JsonOption, echo_json
from weft.cli.store import ConfigOption, DataOption
from weft.kit.errors import CannotStart
from weft.kit.settings import load_settings

LOOK_S = 0.25
LOG_LINES = 12
_OVER = {"failed", "no-room"}


def load(
    model: ModelArgument,
    *,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Until it is ready.")] = True,
    timeout: Annotated[
        float, typer.Option(help="Longest wait in seconds.", min=1, max=86_400)
    ] = 1800,
    as_json: JsonOption = False,
    url: UrlOption = "",
    key: KeyOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Load a model, and wait until it is ready or has failed."""
    server = _open(url, key, data, config)
    began_s = time.monotonic()
    line = server.tell(model, "load")
    if wait:
        line = wait_until_ready(server, model, line, timeout)
    took = span(time.monotonic() - began_s)
    if as_json:
        echo_json(line)
    elif line.stage == "ready":
        typer.echo(f"{line.key} is ready, after {took}. {_memory(line)}".rstrip())
    elif line.stage not in _OVER:
        typer.echo(f"{line.key} is being loaded; `weft models ps` tells when it is ready.")
    if wait and line.stage != "ready":
        raise failed(line, took)


def unload(
    model: ModelArgument,
    *,
    as_json: JsonOption = False,
    url: UrlOption = "",
    key: KeyOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Let a model sleep once its requests are done."""
    line = _open(url, key, data, config).tell(model, "unload")
    _say(line, f"{line.key} sleeps; its memory is free.", as_json=as_json)


def pin(
    model: ModelArgument,
    *,
    as_json: JsonOption = False,
    url: UrlOption = "",
    key: KeyOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Load a model and keep it until it is unpinned."""
    line = _open(url, key, data, config).tell(model, "pin")
    said = "is pinned: it stays loaded until `weft models unpin`, or the server ends."
    _say(line, f"{line.key} {said}", as_json=as_json)


def unpin(
    model: ModelArgument,
    *,
    as_json: JsonOption = False,
    url: UrlOption = "",
    key: KeyOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Let a pinned model sleep again when nobody uses it."""
    line = _open(url, key, data, config).tell(model, "unpin")
    _say(line, f"{line.key} is not pinned any more: it sleeps when it is idle.", as_json=as_json)


def progress(line: EngineLine, waited_s: float, width: int) -> str:
    """What stands on the line while it waits, in at most `width` characters. Pure."""
    text = f"{line.key}: {line.stage}, {span(waited_s)}"
    if line.eta_s:
        text += f", about {span(line.eta_s)} more"
    if line.reason:
        text += f"; {line.reason}"
    return text if len(text) <= width else text[: width - 1] + "…"


def _open(url: str, key: str, data: Path | None, config: Path | None) -> Server:
    return open_server(load_settings({"data_dir": data, "config": config}).settings, url, key)


def _say(line: EngineLine, text: str, *, as_json: bool) -> None:
    if as_json:
        echo_json(line)
    else:
        typer.echo(text)


def wait_until_ready(server: Server, model: str, line: EngineLine, timeout_s: float) -> EngineLine:
    """The model once it is ready, has failed, or `timeout_s` is over; a terminal shows how it goes."""
    began_s = time.monotonic()
    draws = sys.stderr.isatty()
    try:
        while line.stage != "ready" and line.stage not in _OVER:
            waited_s = time.monotonic() - began_s
            if waited_s > timeout_s:
                break
            if draws:
                width = shutil.get_terminal_size((80, 24)).columns - 1
                sys.stderr.write(f"\r\x1b[2K{progress(line, waited_s, width)}")
                sys.stderr.flush()
            time.sleep(LOOK_S)
            line = server.model(model)
    finally:
        if draws:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
    return line


def failed(line: EngineLine, took: str) -> CannotStart:
    """Why a model is not ready after `took`, with the last lines of its engine."""
    if line.stage not in _OVER:
        return CannotStart(
            f"{line.key} is still {line.stage} after {took}"
            + (f": {line.reason}" if line.reason else ""),
            remedy="it goes on; `weft models ps --watch` follows it",
        )
    log = [f"  {text}" for text in line.log[-LOG_LINES:]]
    # With the log below it, the reason's own quotations of it are too much.
    reason = line.reason.partition(": ")[0] if log else line.reason
    what = "does not fit" if line.stage == "no-room" else "failed to load"
    said = ["The last lines of its engine:", *log] if log else []
    return CannotStart("\n".join([f"{line.key} {what}" + (f": {reason}" if reason else ""), *said]))


def _memory(line: EngineLine) -> str:
    parts = [
        f"{shown_bytes(mib << 20)} of {what}"
        for mib, what in ((line.memory_mib, "memory"), (line.gpu_memory_mib, "GPU memory"))
        if mib
    ]
    return f"It takes {' and '.join(parts)}." if parts else ""
