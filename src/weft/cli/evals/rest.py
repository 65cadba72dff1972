"""`weft eval resume` and `weft eval stop`."""

from typing import Annotated, Any

import typer

from weft.cli.evals.follow import follow
from weft.cli.evals.place import KeyOption, ProjectOption, UrlOption, open_place
from weft.cli.evals.wanted import read_budget
from weft.cli.output import JsonOption, echo_json
from weft.cli.store import ConfigOption, DataOption

BatchArgument = Annotated[str, typer.Argument(help="Its id, of `weft eval ls`.")]


def resume(
    batch: BatchArgument,
    *,
    project: ProjectOption,
    budget: Annotated[str, typer.Option(help="Another budget in dollars, over all of it.")] = "",
    as_json: JsonOption = False,
    url: UrlOption = "",
    key: KeyOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Go on with an evaluation that stopped; what was answered is neither asked nor paid again."""
    how: dict[str, Any] = {"budget_nusd": read_budget(budget)} if budget else {}
    place = open_place(project, url, key, data, config)
    follow(place, place.ask("POST", f"/batches/{batch}/resume", how), as_json=as_json)


def stop(
    batch: BatchArgument,
    *,
    project: ProjectOption,
    as_json: JsonOption = False,
    url: UrlOption = "",
    key: KeyOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Stop an evaluation; what is being asked ends, and is kept."""
    place = open_place(project, url, key, data, config)
    told = place.ask("POST", f"/batches/{batch}/stop")
    if as_json:
        echo_json(told)
    else:
        done = sum(run["rows_done"] for run in told["runs"])
        typer.echo(f"{told['name']} is {told['state'].replace('_', ' ')}, with {done} rows done.")
