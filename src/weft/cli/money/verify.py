"""`weft verify`: is a receipt or a statement genuine? Needs no database and no server, only the public key."""

from pathlib import Path
from typing import Annotated

import typer

from weft.kit.errors import InvalidRequest
from weft.ledger.proof import offline


def verify(
    file: Annotated[
        Path | None, typer.Argument(help="A receipt or a statement.", show_default=False)
    ] = None,
    *,
    public_key: Annotated[
        str,
        typer.Option(
            metavar="KEY", help="A key set or PEM file, or 64 hex digits.", show_default=False
        ),
    ] = "",
    script: Annotated[
        bool, typer.Option("--script", help="Write the verifier itself: one file of Python.")
    ] = False,
) -> None:
    """Check a signed receipt or statement: the signature, every charge, every total; exit code 1 if not genuine."""
    if script:
        typer.echo(Path(offline.__file__).read_text(encoding="utf-8"), nl=False)
        return
    if file is None or not public_key:
        raise InvalidRequest(
            "name a file and the public key to check it with",
            remedy="weft verify FILE --public-key KEY; the server's is at /.well-known/weft-signing-keys.json",
        )
    try:
        typer.echo(offline.check_file(file, offline.load_keys(public_key)))
    except OSError as error:
        raise InvalidRequest(f"{file}: cannot be read: {error.strerror}") from error
    except offline.NotGenuine as error:
        typer.echo(f"NOT genuine: {error}", err=True)
        raise typer.Exit(1) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        typer.echo(f"NOT genuine: not of the form that was signed: {error!r}", err=True)
        raise typer.Exit(1) from error
