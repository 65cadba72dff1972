"""Follows a batch to its end, with a bar; Ctrl-C stops it, and says how to go on."""

import shutil
import sys
import time
from typing import Any

import typer

from weft.cli.evals import shown
from weft.cli.evals.place import Place
from weft.cli.output import echo_json
from weft.kit.errors import CannotStart

LOOK_S = 0.5


class NotDone(CannotStart):
    """The batch rests, and not because all of it is done."""


def follow(place: Place, batch: dict[str, Any], *, as_json: bool) -> None:
    """Show how far `batch` is until it rests, and then what came of it.

    Raises:
        NotDone: it stopped before all was asked; it says why, and how to go on.
    """
    path = f"/batches/{batch['id']}"
    try:
        while batch["state"] == "running":
            _draw(shown.progress(batch, shutil.get_terminal_size((80, 24)).columns - 1))
            time.sleep(LOOK_S)
            batch = place.ask("GET", path)
    except KeyboardInterrupt:
        batch = place.ask("POST", f"{path}/stop")
    _draw("")
    _tell(place, batch, as_json=as_json)
    if batch["state"] != "done":
        again = f"`weft eval resume {batch['id']} --project {place.project}` goes on"
        more = " with --budget" if batch["state"] == "out_of_budget" else ""
        remedy = f"{batch['remedy']} {again}{more}; what was answered is not paid twice.".strip()
        raise NotDone(f"{batch['state'].replace('_', ' ')}: {batch['reason']}", remedy=remedy)


def _tell(place: Place, batch: dict[str, Any], *, as_json: bool) -> None:
    ids = [run["call_id"] for run in batch["runs"] if run["rows_done"]]
    compared = place.ask("GET", "/comparison", runs=ids) if ids else None
    if as_json:
        echo_json({"batch": batch, "comparison": compared})
        return
    typer.echo(shown.result(batch, compared))
    spent = f"Spent {shown.dollars(batch['spent_nusd'])}"
    if batch["budget_nusd"] is not None:
        spent += f" of {shown.dollars(batch['budget_nusd'])}"
    page = f"evaluations/{ids[0]}" if len(ids) == 1 else f"evaluations/compare?runs={','.join(ids)}"
    typer.echo(f"\n{spent}. {place.page(page if ids else 'evaluations')}")


def _draw(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[2K{text}")
        sys.stderr.flush()
