"""`weft models ps`: what the engines of a running server do, like a task manager."""

import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
import typer

from weft.cli.engines.place import shown_bytes
from weft.cli.engines.server import EngineLine, KeyOption, Server, UrlOption, open_server
from weft.cli.output import JsonOption
from weft.cli.store import ConfigOption, DataOption
from weft.cli.table import Column, table, terminal_width
from weft.kit.settings import load_settings

_HOME, _LINE_END, _SCREEN_END = "\x1b[H", "\x1b[K", "\x1b[J"
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_CLEAR = "\x1b[2J"
_WIDE = 100
"""From here on the kind of engine has room, and names in full."""
_LONG = 28
_REASON_LINES = 3


def ps(
    *,
    all_: Annotated[bool, typer.Option("--all", "-a", help="Also the models that sleep.")] = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Go on until Ctrl-C.")] = False,
    every: Annotated[float, typer.Option(help="Seconds between two looks.", min=0.2, max=3600)] = 2,
    as_json: JsonOption = False,
    url: UrlOption = "",
    key: KeyOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show what the engines of a running server do.

    left: until a model is ready while it is loaded, and until it sleeps while it is idle.
    """
    server = open_server(load_settings({"data_dir": data, "config": config}).settings, url, key)
    if not watch:
        typer.echo(_said(server.models(), as_json=as_json, asleep_too=all_))
        return
    try:
        _watch(server, every, as_json=as_json, asleep_too=all_)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None  # how a watch ends


def _watch(server: Server, every_s: float, *, as_json: bool, asleep_too: bool) -> None:
    draws = sys.stdout.isatty() and not as_json
    if draws:
        sys.stdout.write(_HIDE_CURSOR + _CLEAR)
    try:
        while True:
            text = _said(server.models(), as_json=as_json, asleep_too=asleep_too)
            if draws:
                now = f"{datetime.now().astimezone():%H:%M:%S}  {server.url}  Ctrl-C ends"
                lines = [*text.splitlines(), "", now]
                body = "".join(f"{line}{_LINE_END}\n" for line in lines)
                sys.stdout.write(f"{_HOME}{body}{_SCREEN_END}")
            else:
                sys.stdout.write(text + "\n")
            sys.stdout.flush()
            time.sleep(every_s)
    finally:
        if draws:
            sys.stdout.write(_SHOW_CURSOR)
            sys.stdout.flush()


def _said(lines: list[EngineLine], *, as_json: bool, asleep_too: bool) -> str:
    shown = lines if asleep_too else [line for line in lines if line.is_awake or line.pinned]
    return _json(shown) if as_json else report(shown, len(lines) - len(shown), terminal_width())


def report(lines: list[EngineLine], hidden: int, width: int) -> str:
    """The table, and what is in the way of whom. Pure."""
    if not lines:
        return "Nothing is awake; --all shows what sleeps." if hidden else "No model runs here."
    has_gpus = any(line.gpu_memory_mib is not None for line in lines)
    shown = [
        one
        for one in _COLUMNS
        if (has_gpus or one.column.title != "gpu")
        and (width >= _WIDE or one.column.title != "engine")
    ]
    columns = [one.column for one in shown]
    rows = [[one.cell(line) for one in shown] for line in lines]
    if width < _WIDE and any(len(row[0]) > _LONG for row in rows):
        rows = [[row[0].rpartition("/")[2], *row[1:]] for row in rows]
    footer = [one.total(lines) for one in shown] if len(lines) > 1 else ()
    text = [table(columns, rows, footer=footer, width=width)]
    reasons = [f"{line.key}: {line.reason}" for line in lines if line.reason]
    notes = [part for reason in reasons for part in _wrapped(reason, width)]
    if hidden:
        notes.append("1 more sleeps." if hidden == 1 else f"{hidden} more sleep.")
    return "\n".join([*text, *([""] if notes else []), *notes])


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text, width, subsequent_indent="  ", max_lines=_REASON_LINES, placeholder=" …"
    )


def _running(line: EngineLine) -> int:
    return sum(one.state in {"starting", "ready", "stopping"} for one in line.replicas)


def _left(line: EngineLine) -> str:
    """Until it is ready, while it is loaded; until it sleeps, while it is idle."""
    if line.pinned and line.stage == "ready":
        return "pinned"
    seconds = line.eta_s if line.stage in {"loading", "waiting"} else line.idle_left_s
    return "-" if seconds is None else span(seconds)


def _mib(mib: int | None) -> str:
    return "-" if mib is None else shown_bytes(mib << 20)


def span(seconds: float) -> str:
    """A time as people read it, in two figures at most: `45s`, `9m 30s`, `3h 05m`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02}s"
    return f"{whole // 3600}h {whole % 3600 // 60:02}m"


def _nothing(_lines: Sequence[EngineLine]) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A column: what stands in it for a model, and below for all of them."""

    column: Column
    cell: Callable[[EngineLine], str]
    total: Callable[[Sequence[EngineLine]], str] = _nothing


_COLUMNS = (
    _Shown(Column("model", shrinks=True), lambda line: line.key),
    _Shown(Column("state"), lambda line: line.stage),
    _Shown(Column("engine"), lambda line: line.engine),
    _Shown(
        Column("x", right=True),
        lambda line: str(_running(line)),
        lambda lines: str(sum(map(_running, lines))),
    ),
    _Shown(
        Column("memory", right=True),
        lambda line: _mib(line.memory_mib),
        lambda lines: _mib(sum(line.memory_mib or 0 for line in lines)),
    ),
    _Shown(
        Column("gpu", right=True),
        lambda line: _mib(line.gpu_memory_mib),
        lambda lines: _mib(sum(line.gpu_memory_mib or 0 for line in lines)),
    ),
    _Shown(
        Column("tok/s", right=True),
        lambda line: f"{line.tokens_per_s:.1f}" if line.tokens_per_s else "-",
        lambda lines: f"{sum(line.tokens_per_s for line in lines):.1f}",
    ),
    _Shown(
        Column("busy", right=True),
        lambda line: str(line.in_flight),
        lambda lines: str(sum(line.in_flight for line in lines)),
    ),
    _Shown(
        Column("queue", right=True),
        lambda line: str(line.waiting),
        lambda lines: str(sum(line.waiting for line in lines)),
    ),
    _Shown(Column("left", right=True), _left),
)


def _json(lines: list[EngineLine]) -> str:
    return msgspec.json.format(msgspec.json.encode(lines)).decode()
