"""`weft serve`: flags to settings, then the server, then its exit code."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from weft.app import run
from weft.app.ready import Ready
from weft.cli.announce import MORE_KEYS, Form, announcement
from weft.kit.settings import load_settings

_WHERE = "Where"
_WHAT = "What"
_OUTPUT = "Output"


def serve(  # noqa: PLR0913 - a flag each
    *,
    data: Annotated[
        Path | None,
        typer.Option(help="The data folder. Made if it is missing.", rich_help_panel=_WHERE),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="The settings file. Else weft.toml in --data.", rich_help_panel=_WHERE),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(help="Address to listen on. [127.0.0.1]", rich_help_panel=_WHERE),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help="Port to listen on; 0 for any free one. [8080]", rich_help_panel=_WHERE),
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            help="URL that users reach it by, if a proxy is before it.", rich_help_panel=_WHERE
        ),
    ] = None,
    team: Annotated[
        str | None,
        typer.Option(help="Team that the first start makes. [my-team]", rich_help_panel=_WHAT),
    ] = None,
    stand_in: Annotated[
        bool | None,
        typer.Option(
            "--stand-in/--no-stand-in",
            help="Let the tiny model answer for models that cannot run here.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    announce: Annotated[
        Form,
        typer.Option(help="How it says that it is ready.", rich_help_panel=_OUTPUT),
    ] = Form.TEXT,
    log_level: Annotated[
        str | None,
        typer.Option(help="debug, info, warning or error. [info]", rich_help_panel=_OUTPUT),
    ] = None,
) -> None:
    """Start the server. The first start makes an administrator, a team and a key, and shows them once.

    Every other setting: weft config.
    """
    flags = {
        "data_dir": data,
        "config": config,
        "host": host,
        "port": port,
        "public_url": public_url,
        "team": team,
        "stand_in": stand_in,
        "log_level": log_level,
    }
    settings = load_settings(flags).settings

    def say(ready: Ready) -> None:
        typer.echo(announcement(ready, announce, _more_keys(data, config)))

    raise typer.Exit(run.serve(settings, on_ready=say))


def _more_keys(data: Path | None, config: Path | None) -> str:
    """The command that makes another key in the same place."""
    named = (("--data", data), ("--config", config))
    flags = [word for flag, path in named if path is not None for word in (flag, str(path))]
    return shlex.join([*MORE_KEYS.split(), *flags])
