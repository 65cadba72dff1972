"""`weft models pull`: the weights of a model, from the hub or a mirror folder, whole and verified."""

from typing import Annotated

import msgspec
import typer

from weft.catalog.types import ModelCard
from weft.cli.engines.bar import TransferBar
from weft.cli.engines.place import (
    ModelArgument,
    Place,
    TokenOption,
    open_place,
    shown_bytes,
    tell_of_model,
    weights_of,
)
from weft.cli.engines.server import look
from weft.cli.output import JsonOption, echo_json
from weft.cli.store import ConfigOption, DataOption
from weft.engines.adding.choice import NoRepository, choose_files, choose_wanted
from weft.engines.weights import pull as pulling
from weft.engines.weights.found import Wanted
from weft.kit.errors import CannotStart

_SHORT_COMMIT = 10


class PullLine(msgspec.Struct, frozen=True):
    """A pull as `--json` tells it."""

    model: str
    engine: str
    repository: str
    revision: str
    source: str
    folder: str
    files: list[str]
    new_bytes: int
    kept_bytes: int
    runs: bool
    """Whether that engine runs the model on this machine now."""


def pull(  # noqa: PLR0913 - a flag each
    model: ModelArgument,
    *,
    engine: Annotated[
        str,
        typer.Option(help="Weights for this kind of engine. [the first]", show_default=False),
    ] = "",
    quantization: Annotated[
        str,
        typer.Option(help="Another GGUF than the card's: Q8_0, Q4_K_M.", show_default=False),
    ] = "",
    revision: Annotated[
        str, typer.Option(help="A branch, a tag or a commit. [the newest]", show_default=False)
    ] = "",
    include: Annotated[
        list[str] | None,
        typer.Option(help="Only files like this, such as 'tokenizer*'. Repeat it for more."),
    ] = None,
    token: TokenOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would come.")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Download the weights of a model, so that it runs here.

    What was broken off goes on where it stopped. Each file is compared with its checksum, and the room on the disk is
    looked at first. Gated models want a token; a mirror folder (WEFT_HUB_MIRROR) stands for the hub without a network.
    """
    place = open_place(data, config)
    card = place.card(model)
    wanted = _wanted(place, card, engine)
    source = place.source(token)
    listing = source.list_files(wanted.repository, revision)
    paths = choose_files(listing, wanted, quantization, include or ())
    sizes = {file.path: file.size_bytes for file in listing.files}
    at = f" at {listing.revision[:_SHORT_COMMIT]}" if listing.revision else ""
    if dry_run or not as_json:
        total = shown_bytes(sum(sizes[path] for path in paths))
        count = "1 file" if len(paths) == 1 else f"{len(paths)} files"
        typer.echo(f"{card.id} for {wanted.kind}: {count}, {total}", err=as_json)
        typer.echo(f"from {source.name}, {listing.repository}{at}", err=as_json)
    if dry_run:
        for path in paths:
            typer.echo(f"  {shown_bytes(sizes[path]):>9}  {path}")
        return
    with TransferBar() as bar:
        done = pulling.pull(source, listing, paths, place.weights, bar.begin)
    came = {"repository": listing.repository, "revision": listing.revision}
    tell_of_model(place, "model.pull", card.id, **came)
    runs = any(way.runs and way.kind == wanted.kind for way in place.ways(card))
    line = PullLine(
        model=card.id,
        engine=wanted.kind,
        repository=listing.repository,
        revision=listing.revision,
        source=source.name,
        folder=str(done.folder),
        files=list(paths),
        new_bytes=done.new_bytes,
        kept_bytes=sum(file.size_bytes for file in done.kept),
        runs=runs,
    )
    if as_json:
        echo_json(line)
    else:
        is_served = look(place.settings) is not None
        typer.echo(_story(line, whole=not include, is_served=is_served))


def _wanted(place: Place, card: ModelCard, engine: str) -> Wanted:
    """For which engine weights are pulled."""
    try:
        return choose_wanted(card, engine)
    except NoRepository:
        own = next((weights_of(way.spec) for way in place.ways(card) if weights_of(way.spec)), "")
        if own and not engine:
            raise CannotStart(
                f"the weights of {card.id} are not pulled: its card names {own}"
            ) from None
        raise


def _story(line: PullLine, *, whole: bool, is_served: bool) -> str:
    came = shown_bytes(line.new_bytes)
    what = f"{came} came" if line.new_bytes else "All of it was here already"
    kept = (
        f", {shown_bytes(line.kept_bytes)} were here" if line.new_bytes and line.kept_bytes else ""
    )
    lines = [f"{what}{kept}: {line.folder}"]
    if line.runs:
        lines.append(f"{line.engine} runs {line.model} now.")
        if is_served:
            lines.append(
                f"The server loads it with the first request, or: weft models load {line.model}"
            )
    elif whole:
        lines.append(
            f"{line.engine} does not run it on this machine yet: `weft models show {line.model}`"
        )
    return "\n".join(lines)
