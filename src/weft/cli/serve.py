"""`weft serve`: flags to settings, then the server, then its exit code."""

import shlex
import signal
from pathlib import Path
from typing import Annotated

import typer

from weft.app.ready import Ready
from weft.cli.announce import Form, announcement
from weft.cli.stdout import give_up, program
from weft.kit.errors import CannotStart
from weft.kit.settings import Settings, load_settings

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
    ray: Annotated[
        str | None,
        typer.Option(
            help="Run engines on a Ray cluster: auto, or host:port.", rich_help_panel=_WHAT
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
        "ray": ray,
        "log_level": log_level,
    }
    settings = load_settings(flags).settings

    raise typer.Exit(_serve(settings, announce, _where(data, config)))


def gateway(
    *,
    data: Annotated[
        Path | None, typer.Option(help="The server's data folder.", rich_help_panel=_WHERE)
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
        int, typer.Option(help="Port to listen on; 0 for any free one.", rich_help_panel=_WHERE)
    ] = 0,
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
    """Start one more gateway on the same database: keys, limits, credit and usage are shared with all others.

    On one machine it shares the server's data folder. On several they share a PostgreSQL database (WEFT_DATABASE_URL)
    and the secret (WEFT_SECRET_KEY). It has engines of its own; cards with a remote engine share that.
    """
    flags = {
        "data_dir": data,
        "config": config,
        "host": host,
        "port": port,
        "stand_in": stand_in,
        "log_level": log_level,
    }
    settings = load_settings(flags).settings
    raise typer.Exit(_serve(settings, announce, _where(data, config), beside=True))


def _serve(settings: Settings, form: Form, where: str, *, beside: bool = False) -> int:
    """Serve; an announcement that cannot be written ends the server, since nobody would know of it.

    Raises:
        CannotStart: besides what `run.serve` raises, standard output takes nothing.
    """
    from weft.app import run  # noqa: PLC0415 - slow to import, and help and wrong flags need none of it

    unsaid: list[CannotStart] = []

    def say(ready: Ready) -> None:
        try:
            typer.echo(announcement(ready, form, f"{program()} key create{where}"))
        except OSError as error:
            give_up()
            unsaid.append(_not_said(error, ready, where))
            signal.raise_signal(signal.SIGTERM)

    code = run.serve(settings, on_ready=say, beside=beside)
    if unsaid:
        raise unsaid[0]
    return code


def _not_said(error: OSError, ready: Ready, where: str) -> CannotStart:
    message = f"standard output takes nothing ({error.strerror}), so the server stopped again"
    if ready.api_key is None:
        return CannotStart(message, remedy="lead it somewhere: > FILE")
    again = program()
    return CannotStart(
        f"{message};\nthe key and the password that it made were not shown and cannot be any more",
        remedy=f"make others: {again} key create{where}\n"
        f"      and: {again} user passwd {ready.admin_username}{where}",
    )


def _where(data: Path | None, config: Path | None) -> str:
    """The flags that lead other commands to the same place, with a space before each."""
    named = (("--data", data), ("--config", config))
    flags = [word for flag, path in named if path is not None for word in (flag, str(path))]
    return f" {shlex.join(flags)}" if flags else ""
