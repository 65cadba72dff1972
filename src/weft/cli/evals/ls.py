"""`weft eval ls`: the evaluations that ran on the server under a budget."""

from typing import Annotated

import typer

from weft.cli.evals import shown
from weft.cli.evals.place import KeyOption, ProjectOption, UrlOption, open_place
from weft.cli.output import JsonOption, echo_json
from weft.cli.store import ConfigOption, DataOption


def ls(
    *,
    project: ProjectOption,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 20,
    as_json: JsonOption = False,
    url: UrlOption = "",
    key: KeyOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """List evaluations, newest first: how far they are, and what they cost."""
    place = open_place(project, url, key, data, config)
    told = place.ask("GET", "/batches", limit=limit)
    if as_json:
        echo_json(told["batches"])
    elif told["batches"]:
        typer.echo(shown.listing(told["batches"]))
    else:
        typer.echo(f"No evaluation ran in {place.project} yet; `weft eval run` starts one.")
