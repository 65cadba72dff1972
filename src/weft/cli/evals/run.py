"""`weft eval run`: estimate an evaluation, ask, run it, and show what came of it."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from weft.cli.evals import shown
from weft.cli.evals.follow import follow
from weft.cli.evals.place import KeyOption, Place, ProjectOption, UrlOption, open_place
from weft.cli.evals.rows import read_rows
from weft.cli.evals.wanted import Wish, wanted
from weft.cli.output import JsonOption, YesOption, confirm
from weft.cli.store import ConfigOption, DataOption

FileArgument = Annotated[
    Path | None, typer.Argument(help="A TOML file that says it all.", show_default=False)
]


def run(  # noqa: PLR0913 - the flags of a command
    file: FileArgument = None,
    *,
    project: ProjectOption,
    dataset: Annotated[
        str, typer.Option(help="Rows: .jsonl, .json, .csv or .tsv, or a weave:/// reference.")
    ] = "",
    model: Annotated[list[str] | None, typer.Option(help="A model; say it again for more.")] = None,
    scorer: Annotated[
        list[str] | None,
        typer.Option(
            help="exact:FIELD, contains:FIELD, numeric:FIELD:5%, regex:PATTERN, json_schema:FILE,"
            " judge:MODEL; say it again for more."
        ),
    ] = None,
    budget: Annotated[str, typer.Option(help="Dollars, never passed: 1.50.")] = "",
    name: Annotated[str, typer.Option(help="Of the evaluation.")] = "",
    field: Annotated[str, typer.Option(help="The field of a row that is asked.")] = "",
    system: Annotated[str, typer.Option(help="What each model is told first.")] = "",
    max_tokens: Annotated[int | None, typer.Option(min=1, help="The longest answer.")] = None,
    temperature: Annotated[float | None, typer.Option(min=0, max=2, help="Of every model.")] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Times each row is asked.")] = None,
    concurrency: Annotated[int | None, typer.Option(min=1, help="Asked at a time.")] = None,
    pilot: Annotated[
        int | None, typer.Option(min=1, help="Rows asked and paid first, for the estimate.")
    ] = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
    url: UrlOption = "",
    key: KeyOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Run an evaluation on the server: its cost is estimated first, and its budget is never passed."""
    wish = Wish(
        name=name,
        dataset=dataset,
        models=model or [],
        scorers=scorer or [],
        system=system,
        field=field,
        max_tokens=max_tokens,
        temperature=temperature,
        budget=budget,
        trials=trials,
        concurrency=concurrency,
        pilot=pilot,
    )
    body = wanted(file, wish)
    place = open_place(project, url, key, data, config)
    body["dataset_ref"] = _dataset(place, body, file)
    told = place.ask("POST", "/estimate", body)
    if not as_json:
        typer.echo(shown.estimate(told))
    confirm("Run it?", yes=yes)
    if told["pilot"] is not None:
        batch = place.ask("POST", f"/batches/{told['pilot']['batch_id']}/resume", {})
    else:
        batch = place.ask("POST", "/batches", body)
    follow(place, batch, as_json=as_json)


def _dataset(place: Place, body: dict[str, Any], file: Path | None) -> str:
    """The reference of the dataset; rows of a file are published first, as a version of their own."""
    told = str(body.pop("dataset", "") or body.get("dataset_ref"))
    if told.startswith("weave:///"):
        return told
    path = Path(told)
    if file is not None and not path.is_absolute() and not path.exists():
        path = file.parent / path
    rows = read_rows(path)
    made = place.ask_at(
        f"/traces/v2/{quote(place.project)}/datasets", "POST", {"name": path.stem, "rows": rows}
    )
    return f"weave:///{place.project}/object/{made['object_id']}:{made['digest']}"
