"""`weft models rm`: deletes pulled weights."""

from typing import Annotated

import msgspec
import typer

from weft.catalog.types import ModelCard
from weft.cli.engines.place import (
    ModelArgument,
    Place,
    open_place,
    shown_bytes,
    tell_of_model,
    weights_of,
)
from weft.cli.engines.server import look
from weft.cli.output import JsonOption, YesOption, confirm, echo_json
from weft.cli.store import ConfigOption, DataOption
from weft.engines.weights.found import all_wanted
from weft.kit.errors import CannotStart


class RemovedLine(msgspec.Struct, frozen=True):
    """What was deleted, as `--json` tells it."""

    model: str
    repositories: list[str]
    files: int
    freed_bytes: int


def rm(
    model: ModelArgument,
    *,
    engine: Annotated[
        str,
        typer.Option(help="Only the weights for this kind of engine. [all]", show_default=False),
    ] = "",
    yes: YesOption = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Delete the pulled weights of a model. Its card stays, and they can be pulled again."""
    place = open_place(data, config)
    card = place.card(model)
    _refuse_if_awake(place, card)
    found = _repositories(place, card, engine)
    count = sum(len(files) for files in found.values())
    size = sum(sum(files.values()) for files in found.values())
    what = "1 file" if count == 1 else f"{count} files"
    folders = ", ".join(found)
    others = _others(place, card, found)
    also = f" {', '.join(others)} would lose them too." if others else ""
    confirm(f"Delete {what} of {folders}, {shown_bytes(size)}?{also}", yes=yes)
    freed = 0
    for repository, files in found.items():
        with place.weights.pulling(repository):
            freed += place.weights.remove(repository, list(files))
    tell_of_model(place, "model.remove", card.id, repositories=list(found), files=count)
    line = RemovedLine(card.id, list(found), count, freed)
    if as_json:
        echo_json(line)
    else:
        typer.echo(f"Deleted {what} of {folders}: {shown_bytes(freed)} are free again.")


def _refuse_if_awake(place: Place, card: ModelCard) -> None:
    """Weights that a server has open stay."""
    awake = [line for line in (look(place.settings) or {}).values() if line.is_awake]
    if any(line.model == card.id and line.engine != "remote" for line in awake):
        raise CannotStart(
            f"{card.id} is loaded in the running server",
            remedy=f"let it sleep first: weft models unload {card.id}",
        )


def _repositories(place: Place, card: ModelCard, engine: str) -> dict[str, dict[str, int]]:
    """What lies here for the model, by repository: files and sizes."""
    wanted = [one for one in all_wanted(card) if engine in {"", one.kind}]
    found = {one.repository: place.weights.files_of(one.repository) for one in wanted}
    found = {name: files for name, files in found.items() if files}
    if found:
        return found
    own = next((weights_of(way.spec) for way in place.ways(card) if weights_of(way.spec)), "")
    if own:
        raise CannotStart(
            f"nothing was pulled for {card.id}: its card names {own}",
            remedy="what a card names is yours to delete",
        )
    raise CannotStart(f"nothing was pulled for {card.id}")


def _others(place: Place, card: ModelCard, found: dict[str, dict[str, int]]) -> list[str]:
    """Other models whose weights lie in the same repositories."""
    return [
        other.id
        for other in place.catalog.cards
        if other.id != card.id and any(one.repository in found for one in all_wanted(other))
    ]
