"""`weft models probe`: have a running server find out now what a model really does."""

import shutil
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

import typer

from weft.cli.engines.load import LOOK_S, failed, wait_until_ready
from weft.cli.engines.place import ModelArgument
from weft.cli.engines.ps import span
from weft.cli.engines.server import KeyOption, ProbedLine, UrlOption, open_server
from weft.cli.output import JsonOption, echo_json
from weft.cli.store import ConfigOption, DataOption
from weft.cli.table import Column, table
from weft.kit.settings import load_settings

_COLUMNS = (Column("feature"), Column("state"), Column("checked"), Column("detail", shrinks=True))


def probe(
    model: ModelArgument,
    *,
    timeout: Annotated[
        float, typer.Option(help="Longest wait in seconds.", min=1, max=86_400)
    ] = 1800,
    as_json: JsonOption = False,
    url: UrlOption = "",
    key: KeyOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Probe now what a model really does, after waking it; it sleeps again when it is idle."""
    server = open_server(load_settings({"data_dir": data, "config": config}).settings, url, key)
    began_s = time.monotonic()
    line = wait_until_ready(server, model, server.tell(model, "load"), timeout)
    waited_s = time.monotonic() - began_s
    if line.stage != "ready":
        raise failed(line, span(waited_s))
    with told(f"{line.key}: being probed"):
        probed = server.probe(model, timeout_s=max(1.0, timeout - waited_s))
    if as_json:
        echo_json(probed)
    else:
        typer.echo(report(probed))


def report(probed: ProbedLine, width: int | None = None) -> str:
    """The table. Pure."""
    rows = [
        [one.feature, one.state, one.checked_at or "-", one.detail or "-"] for one in probed.badges
    ]
    return table(_COLUMNS, rows, width=width)


@contextmanager
def told(what: str) -> Generator[None]:
    """Show on a terminal, as long as the block takes, that `what` is going on, and for how long."""
    if not sys.stderr.isatty():
        yield
        return
    over, began_s = threading.Event(), time.monotonic()

    def draw() -> None:
        while not over.wait(LOOK_S):
            text = f"{what}, {span(time.monotonic() - began_s)}"
            width = shutil.get_terminal_size((80, 24)).columns - 1
            sys.stderr.write(f"\r\x1b[2K{text[:width]}")
            sys.stderr.flush()

    # The request blocks the main thread, where Ctrl-C ends it.
    drawing = threading.Thread(target=draw, name="progress", daemon=True)
    drawing.start()
    try:
        yield
    finally:
        over.set()
        drawing.join()
        sys.stderr.write("\r\x1b[2K")
        sys.stderr.flush()
